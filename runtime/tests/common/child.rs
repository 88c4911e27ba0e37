//! A test that must be alone in its process runs itself again as a child.
#![allow(dead_code, reason = "not every test program uses everything")]

use std::process::{Command, Output};

const NAME: &str = "SIMPLE_RUNTIME_TEST_CHILD";

/// Returns whether this process is the child that runs `test`.
pub fn is_child(test: &str) -> bool {
    std::env::var_os(NAME).is_some_and(|name| name == test)
}

/// This program again, to run `test` and nothing else.
pub fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(NAME, test).env_remove("SIMPLE_RT_LOG");
    command
}

/// Runs the child, which must succeed, and returns its output.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "the child ran another number of tests:\n{out}");
    output
}
