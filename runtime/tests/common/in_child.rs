//! A forked process that runs a test's code and must end well.

/// If the child hangs: nothing else ends it.
const CHILD_SECONDS: u32 = 120;

/// Runs `f` in a forked process, which must end by returning.
#[track_caller]
pub fn in_child(f: impl FnOnce()) {
    // SAFETY: the child has this thread only; it calls what the runtime says it may, and leaves
    // without destructors.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            libc::alarm(CHILD_SECONDS);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
            libc::_exit(result.is_err().into());
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        assert!(libc::WIFEXITED(status), "ended by signal {}", libc::WTERMSIG(status));
        assert_eq!(libc::WEXITSTATUS(status), 0);
    }
}
