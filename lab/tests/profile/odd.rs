//! Programs that crash, do not listen, fork, stay behind, or do nothing.

use crate::spinner::{has_perf, has_valgrind, lab, only, profiled, said, spinner, view};
use simple_records::{Ending, View};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_crash_is_told_with_its_signal_and_last_words() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let output = profiled(target.path(), &["--views", "cpu"], &["crash"]).output().unwrap();
    let said = said(&output);
    // A sample hits it by chance only.
    match output.status.code() {
        Some(0) => assert!(said.contains("was ended by signal 11"), "{said}"),
        Some(1) => {
            let first = said.find("the program was ended by signal 11").expect(&said);
            assert!(first < said.find("its last lines: about to crash").expect(&said), "{said}");
        }
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn what_does_not_listen_is_killed_and_that_is_told() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let options = ["--views", "cpu", "--for", "1s"];
    let output = profiled(target.path(), &options, &["deaf"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let profile = only(target.path());
    assert_eq!(profile.processes[0].ending.known(), Some(Ending::Stopped));
    let notes = &view(&profile, View::Cpu).notes;
    assert!(notes.iter().any(|note| note.contains("was killed 2 s later")), "{notes:?}");
}

#[test]
fn a_process_that_only_waits_is_told_to_be_blocked() {
    if !has_perf() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let mut command = Command::new(spinner());
    let mut waiting = command.arg("wait").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(waiting.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let pid = waiting.id().to_string();
    // Once it sleeps; it says so a moment before.
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    while !state().contains(") S ") {
        std::thread::yield_now();
    }
    let output = lab(target.path(), &["--pid", &pid, "--for", "1s"]).output().unwrap();
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    let said = said(&output);
    assert!(said.contains("the process used hardly any processor time"), "{said}");
    assert!(!said.contains("--views instructions"), "{said}");
    let is_refused = said.contains("no view of waiting");
    assert!(is_refused || said.contains("Its only thread was blocked throughout"), "{said}");
}

#[test]
fn counts_of_a_program_that_forks_are_those_of_the_parent() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let options = ["--views", "instructions"];
    let output = profiled(target.path(), &options, &["fork"]).output().unwrap();
    let said = said(&output);
    let headline = said.lines().find(|line| line.starts_with("instructions: ")).expect(&said);
    assert!(headline.contains("of the parent alone"), "{said}");
}

#[test]
fn a_daemon_that_goes_on_is_named() {
    let target = tempfile::tempdir().unwrap();
    let output = profiled(target.path(), &["--views", "waiting"], &["daemon"]).output().unwrap();
    let said = said(&output);
    let (_, rest) =
        said.split_once("go on, and are seen only until it ended: `kill ").expect(&said);
    let (pid, _) = rest.split_once('`').unwrap();
    assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success(), "{said}");
}
