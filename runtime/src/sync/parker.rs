//! A thread's sleep, without the standard library's thread handle.
//!
//! `std::thread::current()` aborts in the destructors of POSIX keys, when the handle is gone, and
//! makes the system call a destructor on threads that the runtime did not start. So this sleeps on
//! a word of its own.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | AWAKE | no sleep, no call yet | the sleeper, to ASLEEP; a caller, to CALLED |
//! | ASLEEP | the sleeper sleeps, or is about to | a caller, to CALLED, which then wakes |
//! | CALLED | sleeping ends at once | [`Parker::reset`], to AWAKE |
//!
//! The system lets a thread sleep only while the word is ASLEEP, so a call between the sleeper's
//! change to ASLEEP and its sleep is not missed.

use super::atomic::{AtomicU32, Ordering};
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
use crate::sys;
use std::time::Instant;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const CALLED: u32 = 2;

/// One sleep of a thread; in the models, of the thread that makes it.
#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    #[cfg(loom)]
    thread: loom::thread::Thread,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU32::new(AWAKE),
            #[cfg(loom)]
            thread: loom::thread::current(),
        }
    }

    /// Prepares another sleep. Earlier calls are forgotten; a caller that knows only of the earlier
    /// sleep may end this one as well.
    pub(crate) fn reset(&self) {
        self.state.store(AWAKE, Ordering::Relaxed);
    }

    /// Sleeps until called, or until the deadline passes. True if called.
    pub(crate) fn sleep(&self, deadline: Option<Instant>) -> bool {
        let (asleep, before) = (Ordering::Relaxed, Ordering::Acquire);
        if self.state.compare_exchange(AWAKE, ASLEEP, asleep, before).is_err() {
            return true;
        }
        while !self.is_called() {
            if !self.sleep_while_asleep(deadline) {
                return self.is_called();
            }
        }
        true
    }

    /// Ends the sleep, also one that has not begun. Any thread may call it; once is enough.
    pub(crate) fn call(&self) {
        if self.state.swap(CALLED, Ordering::Release) == ASLEEP {
            self.wake();
        }
    }

    fn is_called(&self) -> bool {
        self.state.load(Ordering::Acquire) == CALLED
    }
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
impl Parker {
    /// Sleeps while the state is ASLEEP, and may end early. False if the deadline has passed.
    fn sleep_while_asleep(&self, deadline: Option<Instant>) -> bool {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return false;
        }
        let time = left.map(|left| libc::timespec {
            // A limit beyond what the system can represent is as good as none.
            tv_sec: left.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: left.subsec_nanos().into(),
        });
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: a word that lives during the call, and a time or NULL.
        unsafe { sys::futex_wait(self.state.as_ptr(), ASLEEP, time) };
        true
    }

    fn wake(&self) {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: only the address is used.
        unsafe { libc::syscall(libc::SYS_futex, self.state.as_ptr(), operation, 1) };
    }
}

/// The models' threads: a wake-up before the sleep ends it, as the change of the word does.
#[cfg(loom)]
impl Parker {
    fn sleep_while_asleep(&self, _deadline: Option<Instant>) -> bool {
        loom::thread::park();
        true
    }

    fn wake(&self) {
        self.thread.unpark();
    }
}

/// On other systems a sleeper checks its word from time to time.
#[cfg(all(not(loom), any(miri, not(target_os = "linux"))))]
impl Parker {
    fn sleep_while_asleep(&self, deadline: Option<Instant>) -> bool {
        std::thread::sleep(std::time::Duration::from_micros(100));
        deadline.is_none_or(|deadline| Instant::now() < deadline)
    }

    fn wake(&self) {}
}

#[cfg(all(test, loom))]
mod model {
    use super::{Ordering, Parker};
    use crate::sync::atomic::AtomicU32;
    use crate::sync::{Arc, thread};

    /// Two callers, one of which may call before, during or after going to sleep: the sleeper wakes
    /// up and sees what its caller has done.
    #[test]
    fn no_call_is_missed() {
        loom::model(|| {
            let shared = Arc::new((Parker::new(), AtomicU32::new(0)));
            let callers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = shared.clone();
                    thread::spawn(move || {
                        shared.1.fetch_add(1, Ordering::Relaxed);
                        shared.0.call();
                    })
                })
                .collect();
            assert!(shared.0.sleep(None));
            assert!(shared.1.load(Ordering::Relaxed) > 0);
            for caller in callers {
                caller.join().unwrap();
            }
        });
    }

    /// As `call`, but reads the state before changing it. The model must detect the missed call, or
    /// it detects nothing.
    fn call_in_two_steps(parker: &Parker) {
        let was_asleep = parker.state.load(Ordering::Relaxed) == super::ASLEEP;
        parker.state.store(super::CALLED, Ordering::Release);
        if was_asleep {
            parker.wake();
        }
    }

    #[test]
    #[should_panic(expected = "deadlock")]
    fn a_call_in_two_steps_is_missed() {
        loom::model(|| {
            let parker = Arc::new(Parker::new());
            let caller = {
                let parker = parker.clone();
                thread::spawn(move || call_in_two_steps(&parker))
            };
            parker.sleep(None);
            caller.join().unwrap();
        });
    }
}
