//! The verb is killed outright, and nothing that it started goes on.

use crate::spinner::{has_perf, spinner};
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

/// Runs `lab` with these arguments and the script of a program until that has said in a pipe that it is
/// ready, kills `lab`, and returns when no process is left that holds the pipe.
fn killed(arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    assert!(Command::new("mkfifo").arg(&mark).status().unwrap().success());
    let script = format!("{} ever >{}; true", spinner().display(), mark.display());
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lab"));
    command.arg(arguments[0]).arg("--target").arg(folder.path().join("target"));
    command.args(&arguments[1..]).arg(&script);
    let mut lab = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut pipe = File::open(&mark).unwrap();
    pipe.read_exact(&mut [0; 6]).unwrap();
    lab.kill().unwrap();
    lab.wait().unwrap();
    let mut rest = String::new();
    pipe.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_profiled_program_ends_with_the_profiler() {
    if has_perf() {
        killed(&["profile", "--views=cpu", "--", "sh", "-c"]);
    }
    // Counters do where the scheduler's events may not be seen.
    killed(&["profile", "--views=waiting", "--", "sh", "-c"]);
}

#[test]
fn a_compared_command_ends_with_the_comparison() {
    killed(&["compare", "--shell", "true"]);
}
