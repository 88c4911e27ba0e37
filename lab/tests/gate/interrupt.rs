//! A gate that ends early, for any reason, leaves only its measurements behind.

use crate::common::{code, compare, record, started, tiny};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Number of processes that run a program.
fn running(program: &Path) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == program))
        .count()
}

#[test]
fn a_signal_leaves_neither_children_nor_temporary_files() {
    for (signal, expected) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let target = tempfile::tempdir().unwrap();
        let target = target.path();
        let temporary = target.join("tmp");
        fs::create_dir(&temporary).unwrap();
        let program = target.join("worker");
        fs::copy(&tiny().steady, &program).unwrap();
        let mut gate = compare(target, &program, &program, &["hot", "steady"]);
        gate.arg("--instruments=wall").env("TMPDIR", &temporary);
        let mut child = started(&gate, target);
        let id = child.id().to_string();
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(expected), "{signal}");
        assert_eq!(running(&program), 0, "{signal}");
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "{signal}");
        // An interrupted measurement is no failure.
        let gate = record(target);
        assert!(!gate.blocks.is_empty() && gate.retired.is_empty(), "{:?}", gate.retired);
    }
}

/// Without a record there is nothing to resume.
#[test]
fn before_anything_is_measured_no_resumption_is_promised() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let (program, started) = (target.join("worker"), target.join("started"));
    let script = format!("#!/bin/sh\n: > '{}'\nexec sleep 600\n", started.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let gate = compare(target, &program, &program, &["hot"]);
    let mut process = Command::new(gate.get_program());
    process.args(gate.get_args()).current_dir(target).stderr(Stdio::piped());
    let mut child = process.stdout(Stdio::null()).spawn().unwrap();
    while !started.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("nothing was measured") && !said.contains("--resume"), "{said}");
}

#[test]
fn a_killed_gate_takes_its_workers_along() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let program = target.join("worker");
    fs::copy(&tiny().steady, &program).unwrap();
    let mut gate = compare(target, &program, &program, &["hot"]);
    let mut child = started(gate.arg("--instruments=wall"), target);
    child.kill().unwrap();
    child.wait().unwrap();
    // The kernel ends them, in its own time.
    while running(&program) > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn nobody_has_to_read_the_progress() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let gate = compare(target, &tiny().steady, &tiny().steady, &["steady"]);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let status = Command::new(gate.get_program())
        .args(gate.get_args())
        .arg("--instruments=wall")
        .current_dir(target)
        .stdin(Stdio::null())
        .stdout(full())
        .stderr(full())
        .status()
        .unwrap();
    assert!(record(target).end.is_some());
    let mut again = assert_cmd::Command::cargo_bin("lab").unwrap();
    again.arg("judge").arg("--target").arg(target);
    assert_eq!(status.code(), Some(code(&mut again)));
}
