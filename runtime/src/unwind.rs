//! Panics of code that the runtime calls: caught here, so that they never cross into C or end a
//! worker.
//!
//! The runtime prints nothing, and a caught panic becomes a result (a rejected future, a nil). So
//! the first call installs a filter in front of the process's panic hook: panics of code that runs
//! under [`catch`] reach the hook only with `SIMPLE_RT_LOG` set, all others always.

use crate::executor::local;
use crate::stack::{Running, Stack};
use crate::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use crate::sync::counted::try_box;
use crate::sync::fork::PerProcess;
use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::ptr;
use std::sync::Once;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// The hook behind the filter; never freed.
static FORMER: AtomicPtr<Option<Hook>> = AtomicPtr::new(ptr::null_mut());
static IS_FILTERED: AtomicBool = AtomicBool::new(false);
/// One per process: another thread may be about to install the filter during a fork.
static FILTER: PerProcess<Once> = PerProcess::new(Once::new(), Once::new);

/// Runs `f`; a panic becomes its message.
///
/// Data that `f` was changing when it panicked may be half changed; callers discard it or guard it
/// with locks of their own.
#[inline]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    local::with(|local| catch_on(Stack::here(local).running(), f))
}

/// As [`catch`], for a caller that already knows which stack it is on.
#[inline]
pub(crate) fn catch_on<R>(here: &Running, f: impl FnOnce() -> R) -> Result<R, String> {
    if !IS_FILTERED.load(Ordering::Acquire) {
        install_filter();
    }
    here.catches.set(here.catches.get() + 1);
    // The payload's destructor runs inside `message`, and may panic just as `f` may.
    let result = catch_unwind(AssertUnwindSafe(f)).map_err(message);
    here.catches.set(here.catches.get() - 1);
    result
}

#[cold]
fn install_filter() {
    // Changing the hook is not allowed while panicking; the next call will do it.
    if std::thread::panicking() {
        return;
    }
    // Without memory the next call will do it.
    let Ok(mut former) = try_box(None) else { return };
    FILTER.get().call_once(|| {
        *former = Some(std::panic::take_hook());
        FORMER.store(Box::into_raw(former), Ordering::Release);
        // A box of nothing, which takes no memory.
        std::panic::set_hook(Box::new(filter));
        IS_FILTERED.store(true, Ordering::Release);
    });
}

/// The process's panic hook.
fn filter(info: &PanicHookInfo<'_>) {
    let caught = local::with(|local| Stack::here(local).running().catches.get() > 0);
    if caught && !crate::log::log_is_on() {
        return;
    }
    // SAFETY: from a box that is never freed, and not changed since it was stored.
    if let Some(Some(former)) = unsafe { FORMER.load(Ordering::Acquire).as_ref() } {
        former(info);
    }
}

#[cold]
fn message(payload: Box<dyn Any + Send>) -> String {
    let text = if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "panic with a payload that is no text".to_owned()
    };
    // A payload is any value, and its destructor may panic as well. The payload of that second
    // panic is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    text
}
