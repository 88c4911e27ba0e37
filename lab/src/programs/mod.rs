//! The one place that starts external programs.
//!
//! The user's configuration of a program does not reach it if it would change its output or the
//! measurement under it. Its complaints reach the user. All programs get an empty standard input: a
//! question that nobody sees must not hang.

mod environment;
mod git;
mod run;
mod tools;

pub(crate) use environment::for_one_checkout;
pub use git::git;
pub use run::{Failed, feed, is_there, output, output_bytes, run, watch};
pub(crate) use run::{Hung, last_lines, run_and_account, scratch, text_of};
pub use tools::{
    apt_get, build, cargo, linker, measured, of_user, path_option, perf, perf_of_user, rustc, sh,
    taskset, valgrind, valgrind_of_user,
};

use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// `program` with the environment of the user and an empty standard input.
fn plain(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}
