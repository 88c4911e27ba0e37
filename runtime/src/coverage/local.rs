//! Each thread's access to its own probes.

use super::probes::Probes;
use super::process::{self, Process};
use super::{thread_end, thread_pointer};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::ptr;

static ENABLED: AtomicBool = AtomicBool::new(true);

/// The number of times that probes were switched on, see [`switched_on`].
static SWITCHED_ON: AtomicU64 = AtomicU64::new(0);
const ONCE_ON: u64 = 1 << 32 | 1;

/// Ends the calling thread's counting; called when the thread is over.
pub(super) fn end() {
    let probes = thread_pointer::get();
    thread_pointer::set(ptr::null_mut());
    if !probes.is_null() {
        // SAFETY: the pointer came out of `Box::into_raw` in `first_probe`, on this thread,
        // and nobody can reach it now that the thread's pointer is NULL again.
        unsafe { Box::from_raw(probes) }.end();
    }
}

#[inline(always)]
pub(super) fn enabled() -> bool {
    // A thread that sees that probes are on again also sees that they were switched on.
    ENABLED.load(Ordering::Acquire)
}

pub(super) fn set_enabled(enabled: bool) {
    if enabled && !ENABLED.load(Ordering::Relaxed) {
        SWITCHED_ON.fetch_add(ONCE_ON, Ordering::Relaxed);
    }
    ENABLED.store(enabled, Ordering::Release);
}

/// Returns the number of times that probes were switched on since the process began, in each of the
/// two halves.
#[inline(always)]
pub(super) fn switched_on() -> u64 {
    SWITCHED_ON.load(Ordering::Relaxed)
}

/// Returns this thread's probes; `None` before the first probe and after [`end`].
///
/// Returns a reference instead of running a closure, so that a hot probe keeps its arguments in
/// registers.
///
/// # Safety
///
/// The reference must no longer be used when this function or `first_probe` is called again on the
/// same thread.
#[inline(always)]
pub(super) unsafe fn probes<'a>() -> Option<&'a mut Probes> {
    let probes = thread_pointer::get();
    // SAFETY: a thread's pointer that is not NULL refers to a live box that only this thread can
    // reach, and by the caller's promise there is no other reference to it.
    unsafe { probes.as_mut() }
}

/// Runs `probe` on a thread that has no probes yet, or no longer has any.
pub(super) fn first_probe(probe: impl FnOnce(&mut Probes)) {
    let mut probes = Probes::begin(Process::current());
    if let Some(parents) = process::parents_probes() {
        probes.adopt(parents);
    }
    probe(&mut probes);
    if thread_end::is_over() {
        // Nothing would end these probes later, so they serve this call only.
        probes.end();
    } else {
        thread_pointer::set(Box::into_raw(probes));
        thread_end::watch();
    }
}
