//! The process's registry and each thread's way to its own probes.

use super::probes::Probes;
use super::registry::Registry;
use super::{thread_end, thread_pointer};
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicBool, Ordering};
use std::ptr;

pub(super) static REGISTRY: CachePadded<Registry> = CachePadded(Registry::new());
static ENABLED: AtomicBool = AtomicBool::new(true);

/// Gives what the calling thread has counted to the sums; called when it is over.
pub(super) fn fold() {
    let probes = thread_pointer::get();
    thread_pointer::set(ptr::null_mut());
    if !probes.is_null() {
        // SAFETY: the pointer came out of `Box::into_raw` in `first_probe`, on this thread,
        // and nobody can reach it now that the thread's pointer is NULL again.
        let probes = unsafe { Box::from_raw(probes) };
        REGISTRY.retire(probes.record());
    }
}

#[inline(always)]
pub(super) fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

pub(super) fn set_enabled(enabled: bool) {
    ENABLED.store(enabled, Ordering::Relaxed);
}

/// This thread's probes; `None` before the first probe and after [`fold`].
///
/// A reference instead of a closure to run, so that a hot probe keeps its arguments in
/// registers.
///
/// # Safety
///
/// The reference must be let go before this function or `first_probe` is called again on the
/// same thread.
#[inline(always)]
pub(super) unsafe fn probes<'a>() -> Option<&'a mut Probes> {
    let probes = thread_pointer::get();
    // SAFETY: a thread's pointer that is not NULL is that of a live box which only this
    // thread can reach, and by the caller's promise there is no other reference to it.
    unsafe { probes.as_mut() }
}

/// Runs `probe` on a thread that has no probes yet, or no longer.
pub(super) fn first_probe(probe: impl FnOnce(&mut Probes)) {
    let mut probes = Box::new(Probes::new(REGISTRY.enlist()));
    probe(&mut probes);
    if thread_end::is_over() {
        // Nothing would fold what is kept, so this probe counts on its own.
        REGISTRY.retire(probes.record());
    } else {
        thread_pointer::set(Box::into_raw(probes));
        thread_end::watch();
    }
}
