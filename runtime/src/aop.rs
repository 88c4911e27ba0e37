//! Around-advice: calling a target through a chain of advices.
//!
//! Each advice gets a context and calls [`proceed`] with it exactly once, which runs the
//! next advice or, after the last, the target. An advice may look at and replace the result.
//!
//! Everything that goes wrong inside makes the whole invocation an error: a panic, a null
//! in the list, an advice that did not proceed or did so twice. Panics are caught where
//! they happen, so advices written in C are never unwound through.
//!
//! A context is a pointer into the stack that the advice runs on. It is known which contexts
//! are live there and beneath, and a pointer is looked at only if it is one of them: a null,
//! stale or forged context is an error and no more.

use crate::executor::local;
use crate::slowdown::{self, Site};
use crate::stack::{Running, Stack, try_on_ample_stack};
use crate::unwind;
use crate::value::{RuntimeValue, Value};
use std::cell::{Cell, RefCell};
use std::ptr;
use thiserror::Error;

/// The function that the advices stand around. It borrows its arguments.
pub type Target = unsafe extern "C-unwind" fn(argc: u64, argv: *const RuntimeValue) -> Value;

/// An advice. It borrows its arguments, and the context until it returns.
pub type Advice = unsafe extern "C-unwind" fn(
    context: *mut Context,
    argc: u64,
    argv: *const RuntimeValue,
) -> Value;

/// Why an invocation, or a call of [`proceed`], gave nothing.
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
    /// The advice there, or the target behind the last, found no stack to run on.
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
    /// The first thing that went wrong.
    error: RefCell<Option<AopError>>,
}

/// What an advice hands to [`proceed`]: which invocation, and how far it is.
pub struct Context {
    invocation: *const Invocation<'static>,
    advice: usize,
    has_proceeded: Cell<bool>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Context(advice {})", self.advice)
    }
}

/// Calls `target` with `arguments` through `advices`, of which the first is the outermost.
///
/// # Safety
///
/// The target and the advices may be called with these arguments.
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
    let result = invocation.step_on_ample_stack(0)?;
    match invocation.error.into_inner() {
        None => Ok(result),
        Some(error) => Err(error),
    }
}

/// Runs what the advice that got `context` stands around, and answers its result, nil if
/// something goes wrong inside (then the whole invocation is an error as well).
pub fn proceed(context: *const Context) -> Result<Value, AopError> {
    local::with(|local| {
        let mut live = Stack::here(local).layers(local).flat_map(|running| running.advices.iter());
        let context = live.find(|live| ptr::eq(*live, context)).ok_or(AopError::BadContext)?;
        // SAFETY: an invocation outlives the contexts of its advices.
        let invocation = unsafe { &*context.invocation };
        if context.has_proceeded.replace(true) {
            let error = AopError::ProceededTwice(context.advice);
            invocation.fail(error.clone());
            return Err(error);
        }
        invocation.step_on_ample_stack(context.advice + 1)
    })
}

impl Invocation<'_> {
    /// As [`step`](Self::step): each advice stands on the one before, and a long list of them
    /// needs more than one stack.
    fn step_on_ample_stack(&self, place: usize) -> Result<Value, AopError> {
        local::with(|local| {
            let step = || self.step(place, Stack::here(local).running());
            try_on_ample_stack(local, step).map_err(|_| {
                self.fail(AopError::NoStack(place));
                AopError::NoStack(place)
            })
        })
    }

    /// Runs the advice at `place`, or the target after the last.
    fn step(&self, place: usize, here: &Running) -> Value {
        let (argc, argv) = (self.arguments.len() as u64, self.arguments.as_ptr());
        let Some(advice) = self.advices.get(place).copied().flatten() else {
            // SAFETY: by the promise of the caller of `invoke_around`.
            return self.caught(here, || unsafe { (self.target)(argc, argv) });
        };
        let context = Context {
            invocation: ptr::from_ref(self).cast(),
            advice: place,
            has_proceeded: Cell::new(false),
        };
        let result = here.advices.with(&context, || {
            let context = (&raw const context).cast_mut();
            // SAFETY: by the promise of the caller of `invoke_around`; the context is live.
            self.caught(here, || unsafe { advice(context, argc, argv) })
        });
        if !context.has_proceeded.get() {
            self.fail(AopError::DidNotProceed(place));
        }
        result
    }

    fn caught(&self, here: &Running, code: impl FnOnce() -> Value) -> Value {
        unwind::catch_on(here, code).unwrap_or_else(|message| {
            self.fail(AopError::Panicked(message));
            Value::nil()
        })
    }

    fn fail(&self, error: AopError) {
        self.error.borrow_mut().get_or_insert(error);
    }
}
