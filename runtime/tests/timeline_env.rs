//! `SIMPLE_RT_TIMELINE=FILE`: a timeline for programs that do not ask for one. Each test is a
//! process of its own.

#[path = "common/child.rs"]
mod child;
#[path = "common/tasks.rs"]
mod tasks;

use serde_json::Value;
use simple_runtime::{executor, timeline};
use std::path::Path;
use std::process::{Command, Output};
use tasks::{Runs, wait_until};

const VARIABLE: &str = "SIMPLE_RT_TIMELINE";
const JOBS: usize = 10;

fn run_some_jobs() {
    let runs = Runs::default();
    (0..JOBS).for_each(|_| runs.submit());
    wait_until(|| runs.count() == JOBS);
}

/// The jobs of all slices in that file.
fn jobs(file: &Path) -> u64 {
    let trace: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let entries = trace["traceEvents"].as_array().unwrap();
    let runs = entries.iter().filter(|entry| entry["name"] == "run");
    runs.map(|run| run["args"]["jobs"].as_u64().unwrap()).sum()
}

fn recorded_to(file: &Path, test: &str) -> Command {
    let mut command = child::command(test);
    command.env(VARIABLE, file);
    command
}

fn errors(output: Output) -> String {
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_file_is_written_when_the_executor_is_shut_down() {
    const NAME: &str = "the_file_is_written_when_the_executor_is_shut_down";
    if child::is_child(NAME) {
        run_some_jobs();
        executor::shutdown().unwrap();
        let file = std::env::var_os(VARIABLE).unwrap();
        assert_eq!(jobs(Path::new(&file)), JOBS as u64);
        // Once for each process; the program may record what comes later.
        std::fs::remove_file(&file).unwrap();
        run_some_jobs();
        executor::shutdown().unwrap();
        assert!(!Path::new(&file).exists());
        let _ = timeline::start(timeline::Settings::default()).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    child::run(&mut recorded_to(&folder.path().join("trace.json"), NAME));
}

#[test]
fn the_file_is_written_at_the_exit_of_a_process_that_shuts_nothing_down() {
    const NAME: &str = "the_file_is_written_at_the_exit_of_a_process_that_shuts_nothing_down";
    if child::is_child(NAME) {
        return run_some_jobs();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    child::run(&mut recorded_to(&file, NAME));
    assert!(jobs(&file) >= JOBS as u64 - 1, "of the last one the end may be missing");
}

#[test]
fn a_forked_child_writes_nothing() {
    const NAME: &str = "a_forked_child_writes_nothing";
    if child::is_child(NAME) {
        run_some_jobs();
        let file = std::env::var_os(VARIABLE).unwrap();
        // SAFETY: the child only exits, which is what is tested; if it hung, an alarm ends it.
        unsafe {
            let forked = libc::fork();
            assert!(forked >= 0);
            if forked == 0 {
                libc::alarm(120);
                libc::exit(0);
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(forked, &raw mut status, 0), forked);
            assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "{status}");
        }
        assert!(!Path::new(&file).exists());
        executor::shutdown().unwrap();
        assert_eq!(jobs(Path::new(&file)), JOBS as u64);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    child::run(&mut recorded_to(&folder.path().join("trace.json"), NAME));
}

#[test]
fn a_program_cannot_record_beside_it() {
    const NAME: &str = "a_program_cannot_record_beside_it";
    if child::is_child(NAME) {
        executor::start().unwrap();
        let second = timeline::start(timeline::Settings::default());
        assert_eq!(second.unwrap_err(), timeline::Error::AlreadyRecording);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    child::run(&mut recorded_to(&folder.path().join("trace.json"), NAME));
}

#[test]
fn a_file_that_cannot_be_written_is_told_only_where_messages_are_asked_for() {
    const NAME: &str = "a_file_that_cannot_be_written_is_told_only_where_messages_are_asked_for";
    if child::is_child(NAME) {
        run_some_jobs();
        executor::shutdown().unwrap();
        assert_eq!(simple_runtime::error::last_error(), None, "the shutdown did not fail");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no such folder").join("trace.json");
    let quiet = errors(child::run(&mut recorded_to(&file, NAME)));
    assert!(!quiet.contains(VARIABLE), "{quiet}");
    let told = errors(child::run(recorded_to(&file, NAME).env("SIMPLE_RT_LOG", "1")));
    assert!(told.contains(VARIABLE) && told.contains("no such folder"), "{told}");
}

#[test]
fn without_a_file_nothing_is_recorded() {
    const NAME: &str = "without_a_file_nothing_is_recorded";
    if child::is_child(NAME) {
        run_some_jobs();
        let _ = timeline::start(timeline::Settings::default()).unwrap();
        return;
    }
    child::run(child::command(NAME).env(VARIABLE, ""));
    child::run(child::command(NAME).env_remove(VARIABLE));
}
