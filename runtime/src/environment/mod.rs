//! The variables with which a program in any language is observed and tuned without a change.
//!
//! * `SIMPLE_RT_WORKERS`, `SIMPLE_RT_LOADERS`, `SIMPLE_RT_PREFAULT`: choices that replace a default
//!   (`choices.rs`);
//! * `SIMPLE_RT_STATS=FILE`: the counters of the process, when it ends (`stats.rs`);
//! * `SIMPLE_RT_TIMELINE=FILE`: see `timeline/env.rs`; `SIMPLE_RT_LOG`: see `log.rs`.
//!
//! A program that runs with more rights than its user ignores all of them but `SIMPLE_RT_LOG`. A
//! FILE is one for each process (`claim.rs`), and its name is completed by `file_name.rs`.

pub(crate) mod choices;
pub(crate) mod claim;
pub(crate) mod file_name;
pub(crate) mod held;
pub(crate) mod stats;

use std::ffi::OsString;

/// Returns the value of a variable, unless it is empty or was set by a user with fewer rights than
/// the program.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty() && !has_more_rights())
}

/// True if the program has rights that its user, who set the environment, does not have.
fn has_more_rights() -> bool {
    // SAFETY: it reads data that the kernel passed to this process when it was started.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}
