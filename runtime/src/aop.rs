//! Around-advice: calling a target through a chain of advices.
//!
//! Each advice gets a context and calls [`proceed`] with it exactly once, which runs the next
//! advice or, after the last, the target. An advice may read and replace the result.
//!
//! Any failure inside makes the whole invocation an error: a panic, a null in the list, an advice
//! that did not proceed or did so twice. Panics are caught where they happen, so they never unwind
//! through advices written in C.
//!
//! A context looks like a pointer to its advice, and is a number that no other context of the
//! process has or had. Each thread knows the numbers of its running advices. A null, stale or
//! forged context, or one of another thread, only gives an error.

use crate::executor::local;
use crate::slowdown::{self, Site};
use crate::stack::{self, Running, Stack, try_on_ample_stack};
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::unwind;
use crate::value::{RuntimeValue, Value};
use std::cell::{Cell, RefCell};
use std::ptr;
use thiserror::Error;

/// The function that the advices surround. It borrows its arguments.
pub type Target = unsafe extern "C-unwind" fn(argc: u64, argv: *const RuntimeValue) -> Value;

/// An advice. It borrows its arguments, and the context until it returns.
pub type Advice = unsafe extern "C-unwind" fn(
    context: *mut Context,
    argc: u64,
    argv: *const RuntimeValue,
) -> Value;

/// Reason why an invocation, or a call of [`proceed`], failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AopError {
    /// The target is a null pointer.
    #[error("the target is NULL")]
    NullTarget,
    /// An advice is a null pointer.
    #[error("advice {0} is NULL")]
    NullAdvice(usize),
    /// The context is not that of an advice that runs on this thread.
    #[error("proceed: not the context of a running advice of this thread")]
    BadContext,
    /// An advice returned without having proceeded.
    #[error("advice {0} did not proceed")]
    DidNotProceed(usize),
    /// An advice proceeded again.
    #[error("advice {0} proceeded twice")]
    ProceededTwice(usize),
    /// There was no stack to run the advice on, or the target after the last advice.
    #[error("no memory for the stack of advice {0}")]
    NoStack(usize),
    /// An advice or the target panicked.
    #[error("{0}")]
    Panicked(String),
}

/// One running invocation.
struct Invocation<'a> {
    target: Target,
    advices: &'a [Option<Advice>],
    arguments: &'a [RuntimeValue],
    /// The first failure.
    error: RefCell<Option<AopError>>,
}

/// The handle that an advice passes to [`proceed`]. There is nothing at its address.
#[derive(Debug)]
pub struct Context {
    _nothing: (),
}

/// A running advice: its invocation, and its progress.
pub(crate) struct RunningAdvice {
    context: *mut Context,
    invocation: *const Invocation<'static>,
    place: usize,
    has_proceeded: Cell<bool>,
}

/// Stacks take context numbers in blocks of this size.
const BLOCK: u64 = 1 << 20;
static BLOCKS: CachePadded<AtomicU64> = CachePadded(AtomicU64::new(1));

/// Returns a context that no advice has or had, for an advice that runs `here`.
#[inline(always)]
fn new_context(here: &Running) -> *mut Context {
    let mut number = here.next_context.get();
    if number.is_multiple_of(BLOCK) {
        number = first_of_new_block();
    }
    here.next_context.set(number + 1);
    ptr::without_provenance_mut(number as usize)
}

#[cold]
#[inline(never)]
fn first_of_new_block() -> u64 {
    BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK + 1
}

/// Calls `target` with `arguments` through `advices`, of which the first is the outermost.
///
/// # Safety
///
/// The target and the advices may be called with these arguments.
#[inline]
pub unsafe fn invoke_around(
    target: Option<Target>,
    advices: &[Option<Advice>],
    arguments: &[RuntimeValue],
) -> Result<Value, AopError> {
    let target = target.ok_or(AopError::NullTarget)?;
    if let Some(place) = advices.iter().position(Option::is_none) {
        return Err(AopError::NullAdvice(place));
    }
    let invocation = Invocation { target, advices, arguments, error: RefCell::new(None) };
    slowdown::at(Site::AopCall);
    let result = local::with(|local| match stack::own_with_room(local) {
        Some(here) => Ok(invocation.step(0, here)),
        None => invocation.step_elsewhere(0),
    })?;
    match invocation.error.into_inner() {
        None => Ok(result),
        Some(error) => Err(error),
    }
}

/// Runs what the advice that got `context` surrounds, and returns its result. The result is nil if
/// something fails inside (then the whole invocation is an error as well).
///
/// Usually the innermost advice proceeds, on its thread's own stack. That path is kept free of
/// calls: processors predict returns to some 16 callers, and each advice adds its own.
#[inline]
pub fn proceed(context: *const Context) -> Result<Value, AopError> {
    local::with(|local| {
        if let Some(here) = stack::own_with_room(local)
            && let Some(advice) = here.advices.innermost()
            && ptr::eq(advice.context, context)
            && !advice.has_proceeded.replace(true)
        {
            // SAFETY: an invocation outlives its advices.
            let invocation = unsafe { &*advice.invocation };
            return Ok(invocation.step(advice.place + 1, here));
        }
        proceed_anywhere(context)
    })
}

/// As [`proceed`], for any running advice and any other context.
#[inline(never)]
fn proceed_anywhere(context: *const Context) -> Result<Value, AopError> {
    local::with(|local| {
        let mut live = Stack::here(local).layers(local).flat_map(|running| running.advices.iter());
        let advice =
            live.find(|live| ptr::eq(live.context, context)).ok_or(AopError::BadContext)?;
        // SAFETY: an invocation outlives its advices.
        let invocation = unsafe { &*advice.invocation };
        if advice.has_proceeded.replace(true) {
            let error = AopError::ProceededTwice(advice.place);
            invocation.fail(error.clone());
            return Err(error);
        }
        invocation.step_elsewhere(advice.place + 1)
    })
}

impl Invocation<'_> {
    /// As [`step`](Self::step), on a stack with room: each advice's frame is on top of the previous
    /// one's, and a long list needs more than one stack.
    #[inline(never)]
    fn step_elsewhere(&self, place: usize) -> Result<Value, AopError> {
        local::with(|local| {
            let step = || self.step(place, Stack::here(local).running());
            try_on_ample_stack(local, step).map_err(|_| {
                self.fail(AopError::NoStack(place));
                AopError::NoStack(place)
            })
        })
    }

    /// Runs the advice at `place`, or the target after the last.
    #[inline(always)]
    fn step(&self, place: usize, here: &Running) -> Value {
        let (argc, argv) = (self.arguments.len() as u64, self.arguments.as_ptr());
        let Some(advice) = self.advices.get(place).copied().flatten() else {
            // SAFETY: by the promise of the caller of `invoke_around`.
            return self.caught(here, || unsafe { (self.target)(argc, argv) });
        };
        let running = RunningAdvice {
            context: new_context(here),
            invocation: ptr::from_ref(self).cast(),
            place,
            has_proceeded: Cell::new(false),
        };
        let result = here.advices.with(&running, || {
            // SAFETY: by the promise of the caller of `invoke_around`.
            self.caught(here, || unsafe { advice(running.context, argc, argv) })
        });
        if !running.has_proceeded.get() {
            self.fail(AopError::DidNotProceed(place));
        }
        result
    }

    #[inline(always)]
    fn caught(&self, here: &Running, code: impl FnOnce() -> Value) -> Value {
        unwind::catch_on(here, code).unwrap_or_else(|message| {
            self.fail(AopError::Panicked(message));
            Value::nil()
        })
    }

    #[cold]
    #[inline(never)]
    fn fail(&self, error: AopError) {
        self.error.borrow_mut().get_or_insert(error);
    }
}
