//! What the threads that this module starts have in common.

/// Runs `spawn` with the signals blocked that threads of ours have no business handling; new
/// threads inherit the mask. Faults, profiling and aborts are left alone.
pub(super) fn with_signals_blocked<R>(spawn: impl FnOnce() -> R) -> R {
    const LEFT_ALONE: [libc::c_int; 8] = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGSYS,
        libc::SIGABRT,
        libc::SIGPROF,
    ];
    // SAFETY: signal sets are plain data, filled by the calls before they are used; the
    // mask is the calling thread's own and is put back.
    unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut blocked);
        for signal in LEFT_ALONE {
            libc::sigdelset(&mut blocked, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, &mut before);
        let result = spawn();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}
