//! Rust closures as contexts of futures.

use super::heap::{Dying, Header, HeapKind, HeapObject, try_allocate, view};
use super::{RuntimeValue, Value};
use crate::executor::local;
use crate::stack::has_room;
use crate::sync::Lock;
use crate::sync::counted::try_box;
use std::cell::{Cell, RefCell};
use std::ptr;

type Code = Box<dyn FnOnce() -> Value + Send>;

#[repr(C)]
pub(crate) struct ClosureObject {
    header: Header,
    code: Lock<Option<Code>>,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Closure.
unsafe impl HeapObject for ClosureObject {
    const KIND: HeapKind = HeapKind::Closure;

    fn give_up(self, _children: &mut Dying) {
        // Drop the captures of a closure that never ran.
        if let Some(code) = self.code.into_inner() {
            drop_code(code);
        }
    }
}

thread_local! {
    /// The list of closures whose drop found too little stack; null while no closure is being
    /// dropped on this thread.
    static POSTPONED: Cell<*const RefCell<Vec<Code>>> = const { Cell::new(ptr::null()) };
}

/// Drops a closure. Its captures may hold the next of a long chain of closures. The list of
/// children, which otherwise turns such a chain into a loop, does not see them. So the drops nest
/// until the stack runs short, and the outermost drop then does the rest.
fn drop_code(code: Code) {
    // SAFETY: a non-null pointer refers to the list in a call of `drop_all` on this thread's stack
    // that has not returned: the call clears the pointer before it returns.
    match unsafe { POSTPONED.get().as_ref() } {
        None => drop_all(code),
        Some(postponed) if !local::with(has_room) => postponed.borrow_mut().push(code),
        Some(_) => drop_caught(code),
    }
}

fn drop_all(first: Code) {
    let postponed = RefCell::new(Vec::new());
    POSTPONED.set(&raw const postponed);
    let mut next = Some(first);
    while let Some(code) = next {
        drop_caught(code);
        next = postponed.borrow_mut().pop();
    }
    POSTPONED.set(ptr::null());
}

/// Drops a closure and catches a panic. Foreign destructors may panic, and the drop may come from a
/// C caller's release.
fn drop_caught(code: Code) {
    drop(crate::unwind::catch(|| drop(code)));
}

impl Value {
    /// Creates a value that holds `code` until [`call_closure`] takes it. `None` without memory:
    /// then `code` is dropped.
    pub(crate) fn try_closure(code: impl FnOnce() -> Self + Send + 'static) -> Option<Self> {
        let header = Header::new(HeapKind::Closure, size_of::<ClosureObject>(), 0);
        let code: Code = try_box(code).ok()?;
        try_allocate(ClosureObject { header, code: Lock::new(Some(code)) }).ok()
    }
}

/// The body of futures made from closures: runs the closure in `context`.
pub(crate) extern "C-unwind" fn call_closure(context: RuntimeValue) -> Value {
    // SAFETY: the caller of a body keeps its context alive during the call.
    let context = unsafe { Value::borrow(&context) };
    // A locked closure counts as taken: only one caller gets the code. Nobody waits for another
    // caller, which may be a thread that a forked child does not have.
    let code = view::<ClosureObject>(context)
        .and_then(|closure| closure.code.try_lock().and_then(|mut code| code.take()));
    code.map_or_else(Value::nil, |code| code())
}
