//! `SIMPLE_RT_TIMELINE=FILE`: a timeline for programs that do not ask for one. Each test is a
//! process of its own.

#[path = "common/child.rs"]
mod child;
#[path = "common/tasks.rs"]
mod tasks;

use serde_json::Value;
use simple_runtime::{executor, timeline};
use std::ffi::CString;
use std::fs;
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

#[test]
fn the_file_counts_from_the_folder_in_which_the_process_began() {
    const NAME: &str = "the_file_counts_from_the_folder_in_which_the_process_began";
    if child::is_child(NAME) {
        std::env::set_current_dir("elsewhere").unwrap();
        run_some_jobs();
        std::env::set_current_dir("/").unwrap();
        return executor::shutdown().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    child::run(recorded_to(Path::new("trace.json"), NAME).current_dir(folder.path()));
    assert_eq!(jobs(&folder.path().join("trace.json")), JOBS as u64);
    assert_eq!(fs::read_dir(folder.path().join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn percent_p_in_the_name_is_the_process() {
    const NAME: &str = "percent_p_in_the_name_is_the_process";
    if child::is_child(NAME) {
        return run_some_jobs();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = recorded_to(&folder.path().join("%p.%%.json"), NAME);
    let mut process = command.spawn().unwrap();
    assert!(process.wait().unwrap().success());
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(names, [folder.path().join(format!("{}.%.json", process.id()))]);
}

#[test]
fn a_link_is_followed_and_stays() {
    const NAME: &str = "a_link_is_followed_and_stays";
    if child::is_child(NAME) {
        return run_some_jobs();
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("trace.json"), folder.path().join("link"));
    fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    child::run(&mut recorded_to(&link, NAME));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(jobs(&file) >= JOBS as u64 - 1);
}

/// Nobody reads from the pipe, and nothing may be written to a device.
#[test]
fn what_is_no_regular_file_is_left_alone_and_nothing_waits_for_it() {
    const NAME: &str = "what_is_no_regular_file_is_left_alone_and_nothing_waits_for_it";
    if child::is_child(NAME) {
        run_some_jobs();
        return executor::shutdown().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let path = CString::new(pipe.to_str().unwrap()).unwrap();
    // SAFETY: a path.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    for file in [&*pipe, Path::new("/dev/null"), folder.path()] {
        let told = errors(child::run(recorded_to(file, NAME).env("SIMPLE_RT_LOG", "1")));
        assert!(told.contains(VARIABLE) && told.contains("not a regular file"), "{told}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
