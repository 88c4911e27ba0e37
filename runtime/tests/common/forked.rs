//! Forked processes.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::panic::{AssertUnwindSafe, catch_unwind};

/// If a child hangs: nothing else ends it.
const CHILD_SECONDS: u32 = 120;

/// The process in which a call of [`fork`] has returned.
pub enum Fork {
    Child,
    Parent(Child),
}

/// A forked process.
pub struct Child(libc::pid_t);

/// Forks, with all that the runtime has under way.
pub fn fork() -> Fork {
    // SAFETY: the child has this thread only; it calls what the tests say it may, and leaves
    // without destructors.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(CHILD_SECONDS);
                Fork::Child
            }
            child => {
                assert!(child > 0);
                Fork::Parent(Child(child))
            }
        }
    }
}

/// Ends a child: well, unless `f` panics.
pub fn leave_after(f: impl FnOnce()) -> ! {
    let result = catch_unwind(AssertUnwindSafe(f));
    // SAFETY: it ends the process.
    unsafe { libc::_exit(result.is_err().into()) }
}

impl Child {
    /// Waits until it has left, which must have been without a panic.
    #[track_caller]
    pub fn must_succeed(self) {
        let mut status = 0;
        // SAFETY: a place to write to that outlives the call.
        unsafe { assert_eq!(libc::waitpid(self.0, &mut status, 0), self.0) };
        assert!(libc::WIFEXITED(status), "ended by signal {}", libc::WTERMSIG(status));
        assert_eq!(libc::WEXITSTATUS(status), 0);
    }
}

/// Runs `f` in a forked process, where it must return.
#[track_caller]
pub fn in_child(f: impl FnOnce()) {
    match fork() {
        Fork::Child => leave_after(f),
        Fork::Parent(child) => child.must_succeed(),
    }
}
