//! Timelines where there are several processes, who have `SIMPLE_RT_TIMELINE=FILE` from each
//! other: FILE tells of the process that recorded first, `%p` gives each one its own, and a
//! forked child does not go on with its parent's recording.

#[path = "common/child.rs"]
mod child;
#[path = "common/tasks.rs"]
mod tasks;

use serde_json::Value;
use simple_runtime::{executor, timeline};
use std::fs;
use std::io::{BufRead, BufReader, stdin};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use tasks::{Runs, wait_until};

const VARIABLE: &str = "SIMPLE_RT_TIMELINE";
const JOBS: u64 = 5;

fn run_jobs() {
    let runs = Runs::default();
    (0..JOBS).for_each(|_| runs.submit());
    wait_until(|| runs.count() as u64 == JOBS);
}

/// The process that a file tells of, if it tells of all its jobs.
fn recorded(file: &Path) -> u32 {
    let trace: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let entries = trace["traceEvents"].as_array().unwrap();
    let runs = entries.iter().filter(|entry| entry["name"] == "run");
    let jobs: u64 = runs.map(|run| run["args"]["jobs"].as_u64().unwrap()).sum();
    assert_eq!(jobs, JOBS);
    entries[0]["pid"].as_u64().unwrap().try_into().unwrap()
}

/// This program again, running a test in another process that does what it is told.
struct Process {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn begin(test: &str, file: &Path) -> Self {
        let mut command = child::command(test);
        command.env(VARIABLE, file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut begun = Self { process, output };
        begun.wait_for_word("begun");
        begun
    }

    fn id(&self) -> u32 {
        self.process.id()
    }

    /// Has it do something, and waits until that is done.
    fn does(&mut self, what: &str) {
        use std::io::Write;
        writeln!(self.process.stdin.as_mut().unwrap(), "{what}").unwrap();
        self.wait_for_word("done");
    }

    fn wait_for_word(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "it ended before {word}");
        }
    }

    fn ends(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

/// The other side: does what it is told until there is no more.
fn obey(test: &str) {
    println!("begun");
    for line in stdin().lines() {
        match line.unwrap().as_str() {
            "run" => run_jobs(),
            "shut down" => executor::shutdown().unwrap(),
            "start another program" => {
                let mut another = child::command(test);
                another.env("IS_STARTED", "1").stdin(Stdio::null()).stdout(Stdio::null());
                assert!(another.status().unwrap().success());
            }
            "fork" => {
                forked(|| {
                    run_jobs();
                    executor::shutdown().unwrap();
                });
            }
            other => panic!("no such order: {other}"),
        }
        println!("done");
    }
}

/// Returns whether this process was started by a test, and has done its part.
fn is_other(test: &str) -> bool {
    if std::env::var_os("IS_STARTED").is_some() {
        run_jobs();
        executor::shutdown().unwrap();
    } else if child::is_child(test) {
        obey(test);
    }
    child::is_child(test)
}

/// Runs `code` in a forked child, which must end well; if it hung, an alarm would end it.
fn forked(code: impl FnOnce()) {
    // SAFETY: the child runs our code and leaves by exit, as programs that fork do.
    unsafe {
        let forked = libc::fork();
        assert!(forked >= 0);
        if forked == 0 {
            libc::alarm(120);
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(code));
            libc::exit(i32::from(done.is_err()));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(forked, &raw mut status, 0), forked);
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "{status}");
    }
}

#[test]
fn a_program_that_is_started_leaves_the_file_of_who_started_it() {
    const NAME: &str = "a_program_that_is_started_leaves_the_file_of_who_started_it";
    if is_other(NAME) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    // Twice: who begins later, when nobody is there, writes it anew.
    for _ in 0..2 {
        let mut process = Process::begin(NAME, &file);
        let id = process.id();
        for order in ["run", "start another program", "shut down", "start another program"] {
            process.does(order);
        }
        assert_eq!(recorded(&file), id);
        process.ends();
        assert_eq!(recorded(&file), id);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_process_leaves_the_file_of_one_that_was_there_when_it_began() {
    const NAME: &str = "a_process_leaves_the_file_of_one_that_was_there_when_it_began";
    if is_other(NAME) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    let mut first = Process::begin(NAME, &file);
    let id = first.id();
    first.does("run");
    let before_it_is_written = Process::begin(NAME, &file);
    first.does("shut down");
    let while_the_writer_runs = Process::begin(NAME, &file);
    first.ends();
    for mut process in [before_it_is_written, while_the_writer_runs] {
        process.does("run");
        process.does("shut down");
        assert_eq!(recorded(&file), id);
        process.ends();
    }
    assert_eq!(recorded(&file), id);
}

#[test]
fn a_process_that_is_killed_leaves_the_file_to_the_next() {
    const NAME: &str = "a_process_that_is_killed_leaves_the_file_to_the_next";
    if is_other(NAME) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    let mut killed = Process::begin(NAME, &file);
    killed.does("run");
    killed.process.kill().unwrap();
    killed.process.wait().unwrap();
    assert!(!file.exists());
    let mut next = Process::begin(NAME, &file);
    let id = next.id();
    next.does("run");
    next.does("shut down");
    next.ends();
    assert_eq!(recorded(&file), id);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn of_a_process_and_its_forked_child_the_first_has_the_file() {
    const NAME: &str = "of_a_process_and_its_forked_child_the_first_has_the_file";
    if child::is_child(NAME) {
        run_jobs();
        let file = std::env::var_os(VARIABLE).unwrap();
        let file = Path::new(&file);
        forked(|| executor::start().unwrap());
        assert!(!file.exists());
        executor::shutdown().unwrap();
        assert_eq!(recorded(file), std::process::id());
        forked(|| executor::start().unwrap());
        assert_eq!(recorded(file), std::process::id());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    child::run(child::command(NAME).env(VARIABLE, &file));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn with_percent_p_every_process_has_its_own_file() {
    const NAME: &str = "with_percent_p_every_process_has_its_own_file";
    if is_other(NAME) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::begin(NAME, &folder.path().join("%p"));
    for order in ["fork", "start another program", "run", "start another program", "shut down"] {
        process.does(order);
    }
    let id = process.id();
    process.ends();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files.len(), 4);
    for file in &files {
        assert_eq!(file.file_name().unwrap().to_str().unwrap(), recorded(file).to_string());
    }
    assert!(files.contains(&folder.path().join(id.to_string())));
}

/// The locks of a recording may be held by a thread that a child does not have.
#[test]
fn in_a_forked_child_a_recording_is_over_and_another_one_may_begin() {
    const NAME: &str = "in_a_forked_child_a_recording_is_over_and_another_one_may_begin";
    if child::is_child(NAME) {
        let recording = timeline::start(timeline::Settings::default()).unwrap();
        let recording = std::cell::Cell::new(Some(recording));
        forked(|| {
            let empty = recording.take().unwrap().stop();
            assert_eq!((empty.threads, empty.dropped_threads), (vec![], 0));
            let own = timeline::start(timeline::Settings::default()).unwrap();
            run_jobs();
            executor::shutdown().unwrap();
            assert!(!own.stop().threads.is_empty());
        });
        run_jobs();
        executor::shutdown().unwrap();
        let timeline = recording.take().unwrap().stop();
        assert!(!timeline.threads.is_empty());
        return;
    }
    child::run(child::command(NAME).env_remove(VARIABLE));
}
