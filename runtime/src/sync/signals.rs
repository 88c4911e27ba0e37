//! Threads that leave the process's signals to others.
//!
//! A signal sent to the process goes to any thread that does not block it. If a program blocks a
//! signal in its own threads, to wait for it, it would be handled on a thread that the program does
//! not know of. So the runtime's threads block signals from their first instruction on: a new
//! thread inherits the mask of its maker, which blocks them around the spawn.

use std::mem::MaybeUninit;

/// Signals that stay open. Faults belong to the instruction that raised them: blocked, they would
/// end the process without its handler. The profiling timer samples the thread that runs.
const LEFT_OPEN: [libc::c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGPROF,
];

/// Runs `spawn` with the signals blocked; the threads it starts keep them blocked.
pub(crate) fn with_signals_blocked<R>(spawn: impl FnOnce() -> R) -> R {
    let _before = Before::block();
    spawn()
}

/// The calling thread's previous mask. Set again when dropped, also by a panic.
struct Before(libc::sigset_t);

impl Before {
    fn block() -> Self {
        let mut blocked = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: the set is filled before it is changed and read. The mask is the calling
        // thread's own, and the call, which cannot fail with these arguments, fills `before`.
        unsafe {
            libc::sigfillset(blocked.as_mut_ptr());
            for signal in LEFT_OPEN {
                libc::sigdelset(blocked.as_mut_ptr(), signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, blocked.as_ptr(), before.as_mut_ptr());
            Self(before.assume_init())
        }
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        // SAFETY: a mask that the system gave, for the thread it was taken from: the value is
        // local to `with_signals_blocked`.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

/// The signals that a thread blocks.
#[derive(Clone, Copy)]
pub(crate) struct Mask(libc::sigset_t);

impl Mask {
    /// Returns the calling thread's mask.
    pub(crate) fn current() -> Self {
        let mut mask = MaybeUninit::uninit();
        // SAFETY: without a set it changes nothing; it fills `mask`, and cannot fail with these
        // arguments.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
            Self(mask.assume_init())
        }
    }

    /// Makes it the calling thread's mask.
    pub(crate) fn set(&self) {
        // SAFETY: a mask that the system gave.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{LEFT_OPEN, with_signals_blocked};
    use std::thread;

    /// Returns the signals, by number, that the calling thread blocks.
    fn blocked() -> Vec<libc::c_int> {
        // SAFETY: the set is plain data and filled by the call, which changes nothing.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut set);
            (1..=libc::SIGRTMAX()).filter(|&signal| libc::sigismember(&set, signal) == 1).collect()
        }
    }

    #[test]
    fn a_quiet_thread_blocks_all_but_faults_and_the_profiler() {
        let theirs = with_signals_blocked(|| thread::spawn(blocked)).join().unwrap();
        // Numbers the C library keeps for itself, and these two, cannot be blocked.
        let never = [libc::SIGKILL, libc::SIGSTOP];
        for signal in (1..32).chain(libc::SIGRTMIN()..=libc::SIGRTMAX()) {
            let open = LEFT_OPEN.contains(&signal) || never.contains(&signal);
            assert_eq!(theirs.contains(&signal), !open, "signal {signal}");
        }
    }

    #[test]
    fn the_maker_keeps_its_mask() {
        let before = blocked();
        with_signals_blocked(|| assert_ne!(blocked(), before));
        assert_eq!(blocked(), before);
        let panicked = std::panic::catch_unwind(|| {
            with_signals_blocked(|| std::panic::resume_unwind(Box::new("in between")))
        });
        assert!(panicked.is_err());
        assert_eq!(blocked(), before);
    }

    #[test]
    fn other_threads_keep_the_mask_of_their_maker() {
        with_signals_blocked(|| ());
        let theirs = thread::spawn(blocked).join().unwrap();
        assert_eq!(theirs, blocked());
    }
}
