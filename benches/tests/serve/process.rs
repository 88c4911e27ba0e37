//! The process: its output, its end, its help.

use crate::harness::{Harness, RIGHT, repeat};
use simple_records::harness::{Amount, PROGRAM, Reply, Request, SERVE};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Output of workloads must not mix with replies.
#[test]
fn output_of_workloads_goes_to_the_standard_error() {
    let mut harness = Harness::start();
    harness.prepare("self-test/noisy/prints");
    assert_eq!(harness.ask(&Request::Check), Reply::Right);
    let (code, said) = harness.end();
    assert_eq!(code, Some(0));
    // Once when it was prepared, twice when it was checked.
    assert_eq!(said.matches("it prints").count(), 3, "{said}");
}

#[test]
fn the_end_of_the_input_is_the_end_of_the_process() {
    let harness = Harness::with("executor/empty-tasks/threaded/2");
    assert_eq!(harness.end().0, Some(0));
}

#[test]
fn a_request_without_a_line_break_is_one() {
    let mut harness = Harness::start();
    let request = serde_json::to_vec(&Request::Catalogue).unwrap();
    harness.requests.as_mut().unwrap().write_all(&request).unwrap();
    drop(harness.requests.take());
    assert!(matches!(harness.reply(), Reply::Catalogue(_)));
    assert_eq!(harness.end().0, Some(0));
}

/// A busy process does not read its input; the kernel ends it when its parent ends.
#[test]
fn a_busy_process_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let requests = [
        Request::Prepare { workload: RIGHT.to_owned(), data: folder.path().to_owned() },
        Request::Repeat(repeat(Amount::ForMs(600_000))),
    ];
    let lines = requests.map(|request| serde_json::to_string(&request).unwrap() + "\n").concat();
    let (file, replies) = (folder.path().join("requests"), folder.path().join("replies"));
    std::fs::write(&file, lines).unwrap();
    let program = env!("CARGO_BIN_EXE_simple-bench");
    // The shell prints the process' number, and waits until it is killed.
    let script = "\"$1\" serve < \"$2\" > \"$3\" & echo $!; wait";
    let mut shell = Command::new("sh")
        .args(["-c", script, "sh", program])
        .args([&file, &replies])
        .env("SIMPLE_BENCH_SELF_TEST", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut number).unwrap();
    let process = Path::new("/proc").join(number.trim());
    let is_prepared = || std::fs::read_to_string(&replies).is_ok_and(|t| t.contains("prepared"));
    until(is_prepared);
    assert!(process.is_dir(), "it ended too early");
    shell.kill().unwrap();
    shell.wait().unwrap();
    // Nobody may have buried it yet.
    let is_gone = || {
        let state = std::fs::read_to_string(process.join("stat"));
        state.is_err() || state.is_ok_and(|state| state.contains(") Z "))
    };
    until(is_gone);
}

/// Waits for an event, as long as a busy machine may take.
fn until(happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_process_ends_if_nobody_reads_replies() {
    let mut harness = Harness::start();
    let (read, requests) = (harness.replies, harness.requests.take());
    drop(read);
    let mut requests = requests.unwrap();
    requests.write_all(b"{\"request\":\"catalogue\"}\n").unwrap();
    let output = harness.process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("nobody reads"), "{said}");
}

#[test]
fn the_help_names_the_way_in() {
    let output = Command::new(env!("CARGO_BIN_EXE_simple-bench")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(
        help.contains(PROGRAM) && help.contains(SERVE) && help.contains("just bench"),
        "{help}"
    );
    let other = Command::new(env!("CARGO_BIN_EXE_simple-bench")).arg("sing").output().unwrap();
    assert_eq!(other.status.code(), Some(2));
}
