//! Sleeping on a word until another thread changes it.
//!
//! The system keeps the sleepers per process, so a forked child begins with none and has nothing to
//! forget.

use super::atomic::AtomicU32;
#[cfg(not(loom))]
use crate::sys;
use std::time::Instant;

/// The way a sleep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slept {
    /// Woken, or the word had already changed, or without cause: check again.
    Woken,
    /// The deadline has passed.
    TimedOut,
}

/// Sleeps while `word` is `expected`, until [`wake_one`] or [`wake_all`] of the word.
#[cfg(not(loom))]
pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Option<Instant>) -> Slept {
    let left = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
        Some(left) if left.is_zero() => return Slept::TimedOut,
        left => left,
    };
    let limit = left.map(|left| libc::timespec {
        tv_sec: left.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: left.subsec_nanos().into(),
    });
    let limit: *const libc::timespec = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word and the limit live during the call, which only reads them.
    let result = unsafe { sys::futex_wait(word.as_ptr(), expected, limit) };
    let timed_out =
        result != 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ETIMEDOUT);
    if timed_out { Slept::TimedOut } else { Slept::Woken }
}

/// Wakes one thread that sleeps on `word`. False if there is none. The word may be gone by now: its
/// address is only a key.
#[inline(never)]
pub(crate) fn wake_one(word: *const AtomicU32) -> bool {
    wake(word, 1)
}

/// Wakes all threads that sleep on `word`.
pub(crate) fn wake_all(word: *const AtomicU32) {
    wake(word, i32::MAX);
}

#[cfg(not(loom))]
fn wake(word: *const AtomicU32, most: i32) -> bool {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the system does not touch the word.
    unsafe { libc::syscall(libc::SYS_futex, word, operation, most) > 0 }
}

#[cfg(loom)]
pub(crate) use model::wait;
#[cfg(loom)]
use model::wake;

/// The system's list of sleepers. A thread in it sleeps until it is taken out: a missed wake-up is
/// a deadlock, which loom finds.
#[cfg(loom)]
mod model {
    use super::{AtomicU32, Instant, Slept};
    use crate::sync::atomic::Ordering;
    use crate::sync::{Mutex, parker::Parker};
    use std::ptr;
    // The list is freed outside the model, where loom's own `Arc` cannot be.
    use std::sync::Arc;

    loom::lazy_static! {
        static ref SLEEPERS: Mutex<Vec<(usize, Arc<Parker>)>> = Mutex::new(Vec::new());
    }

    /// Ignores the deadline: none passes.
    pub(crate) fn wait(word: &AtomicU32, expected: u32, _deadline: Option<Instant>) -> Slept {
        let mut sleepers = SLEEPERS.lock();
        if word.load(Ordering::Relaxed) == expected {
            let parker = Arc::new(Parker::new());
            sleepers.push((ptr::from_ref(word).addr(), parker.clone()));
            drop(sleepers);
            parker.sleep(None);
        }
        Slept::Woken
    }

    pub(super) fn wake(word: *const AtomicU32, most: i32) -> bool {
        let mut sleepers = SLEEPERS.lock();
        let mut woken = 0;
        sleepers.retain(|(address, parker)| {
            let is_woken = *address == word.addr() && woken < most;
            if is_woken {
                woken += 1;
                parker.call();
            }
            !is_woken
        });
        woken > 0
    }
}
