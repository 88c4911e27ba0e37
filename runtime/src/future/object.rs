//! The future object, and the operations on it that do not wait.

use super::state::{self, FutureState};
use crate::slowdown::{self, Site};
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::value::closure::call_closure;
use crate::value::heap::{Dying, Header, HeapKind, HeapObject, out_of_memory, try_allocate, view};
use crate::value::{RuntimeValue, Value};

/// The code of a future, a task or an isolated thread.
///
/// It borrows its context and returns a new reference. The runtime catches a panic in it. Any other
/// exception ends the process: a C++ exception, a panic of code with another copy of Rust's
/// standard library, the end of the thread.
pub type Body = extern "C-unwind" fn(context: RuntimeValue) -> Value;

#[repr(C)]
pub(crate) struct FutureObject {
    pub(super) header: Header,
    pub(super) body: Option<Body>,
    /// The context until the claim, then the result or error. `state.rs` says which thread may
    /// touch it.
    pub(super) cell: UnsafeCell<Value>,
    /// Token of the chain of calls that runs the body ([`crate::stack::Stack::token`]).
    pub(super) owner: AtomicUsize,
}

// SAFETY: the cell is accessed as the state protocol allows, values may be sent and shared,
// and everything else is atomic or constant.
unsafe impl Sync for FutureObject {}
// SAFETY: as above; nothing in it belongs to a thread.
unsafe impl Send for FutureObject {}

// SAFETY: `repr(C)`, and the header comes first, with kind Future.
unsafe impl HeapObject for FutureObject {
    const KIND: HeapKind = HeapKind::Future;

    fn give_up(self, children: &mut Dying) {
        // SAFETY: this call has the object alone; the value moves out and is not dropped twice
        // because it is replaced.
        let value = self.cell.with_mut(|cell| unsafe { std::mem::take(&mut *cell) });
        if value.is_heap() {
            children.push(value);
        }
    }
}

impl FutureObject {
    /// Returns the key by which waiters and queues know this future.
    #[inline]
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).expose_provenance()
    }

    /// True if the chain of calls with this token claimed it. The answer may be out of date for
    /// another chain's token, but not for the caller's own.
    #[inline]
    pub(super) fn is_owned_by(&self, token: usize) -> bool {
        self.owner.load(Ordering::Relaxed) == token
    }

    /// Called in a forked child: its thread goes on with the body.
    pub(crate) fn inherit(&self) {
        state::inherit(&self.header.word);
    }

    /// True if the body was begun in a parent of this process.
    pub(crate) fn is_inherited(&self) -> bool {
        state::is_inherited(&self.header.word)
    }
}

/// A view of a future value.
#[derive(Clone, Copy)]
pub struct Future<'a>(pub(super) &'a FutureObject);

impl std::fmt::Debug for Future<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Future({:?})", self.state())
    }
}

#[inline]
fn new(body: Option<Body>, value: Value, state: FutureState) -> Option<Value> {
    slowdown::at(Site::FutureNew);
    let header = Header::new(HeapKind::Future, size_of::<FutureObject>(), state as u32);
    let cell = UnsafeCell::new(value);
    try_allocate(FutureObject { header, body, cell, owner: AtomicUsize::new(0) }).ok()
}

impl Value {
    /// Returns a lazy future that will run `body` with `context`. Without a body, awaiting or
    /// starting it fulfils it with nil. Aborts the process without memory.
    #[inline]
    pub fn future(body: Option<Body>, context: Self) -> Self {
        Self::try_future(body, context).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::future`]; returns `None` without memory.
    #[inline]
    pub fn try_future(body: Option<Body>, context: Self) -> Option<Self> {
        new(body, context, FutureState::Pending)
    }

    /// Returns a lazy future that will run a closure. It takes two allocations more than
    /// [`Value::future`]. Aborts the process without memory.
    pub fn future_of(code: impl FnOnce() -> Self + Send + 'static) -> Self {
        Self::try_future_of(code).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::future_of`]; returns `None` without memory.
    pub fn try_future_of(code: impl FnOnce() -> Self + Send + 'static) -> Option<Self> {
        Self::try_future(Some(call_closure), Self::try_closure(code)?)
    }

    /// Returns a future that is fulfilled with `result`. Aborts the process without memory.
    pub fn resolved(result: Self) -> Self {
        Self::try_resolved(result).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::resolved`]; returns `None` without memory.
    pub fn try_resolved(result: Self) -> Option<Self> {
        new(None, result, FutureState::Fulfilled)
    }

    /// Returns a future that is rejected with `error`. Aborts the process without memory.
    pub fn rejected(error: Self) -> Self {
        Self::try_rejected(error).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::rejected`]; returns `None` without memory.
    pub fn try_rejected(error: Self) -> Option<Self> {
        new(None, error, FutureState::Rejected)
    }

    /// Returns this value as a future.
    #[inline]
    pub fn as_future(&self) -> Option<Future<'_>> {
        view::<FutureObject>(self).map(Future)
    }
}

impl Future<'_> {
    /// Returns its state at this moment. In a forked child, a future that was queued in the parent
    /// is pending, and one that ran there runs for ever.
    #[inline]
    pub fn state(self) -> FutureState {
        state::state_here(&self.0.header.word)
    }

    /// True if it is fulfilled or rejected.
    #[inline]
    pub fn is_ready(self) -> bool {
        state::state(&self.0.header.word).is_finished()
    }

    /// Returns the result of a fulfilled future; never blocks.
    #[inline]
    pub fn result(self) -> Option<Value> {
        self.value_in(FutureState::Fulfilled)
    }

    /// Returns the error of a rejected future, a string after a panic; never blocks.
    pub fn error(self) -> Option<Value> {
        self.value_in(FutureState::Rejected)
    }

    #[inline]
    fn value_in(self, wanted: FutureState) -> Option<Value> {
        (state::state(&self.0.header.word) == wanted).then(|| {
            // SAFETY: in a finished state the cell is constant, and reading the state acquired what
            // the claimant wrote.
            self.0.cell.with(|cell| unsafe { &*cell }.clone())
        })
    }
}
