//! Rust closures as contexts of futures.

use super::heap::{Header, HeapKind, HeapObject, allocate, view};
use super::{RuntimeValue, Value};
use crate::sync::Mutex;

type Code = Box<dyn FnOnce() -> Value + Send>;

#[repr(C)]
pub(crate) struct ClosureObject {
    header: Header,
    code: Mutex<Option<Code>>,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Closure.
unsafe impl HeapObject for ClosureObject {
    const KIND: HeapKind = HeapKind::Closure;

    fn give_up(self, _children: &mut Vec<Value>) {
        // A closure that never ran is dropped with whatever it captured. Foreign destructors
        // may panic, and this one may have been reached from a C caller's release.
        drop(crate::unwind::catch(|| drop(self.code)));
    }
}

impl Value {
    /// A value that holds `code` until [`call_closure`] takes it.
    pub(crate) fn closure(code: impl FnOnce() -> Self + Send + 'static) -> Self {
        let header = Header::new(HeapKind::Closure, size_of::<ClosureObject>(), 0);
        allocate(ClosureObject { header, code: Mutex::new(Some(Box::new(code))) })
    }
}

/// The body of futures made from closures: runs the closure in `context`.
pub(crate) extern "C-unwind" fn call_closure(context: RuntimeValue) -> Value {
    // SAFETY: whoever calls a body keeps its context alive during the call.
    let context = unsafe { Value::borrow(&context) };
    let code = view::<ClosureObject>(context).and_then(|closure| closure.code.lock().take());
    code.map_or_else(Value::nil, |code| code())
}
