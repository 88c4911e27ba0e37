//! The command line of runs.

use crate::harness::harness;
use assert_cmd::Command;
use simple_records::{Effort, Instrument, LogFile, RecordFile, Run, newest_run, record_files};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

const BROKEN: [&str; 5] =
    ["wrong answer", "wrong effect", "panics", "cannot be prepared", "never ready"];

/// The arguments of a verb that works in `folder`.
fn arguments(verb: &str, folder: &Path) -> Vec<OsString> {
    let mut arguments = vec![OsString::from(verb)];
    arguments.extend(["--program".into(), harness().into(), "--target".into(), folder.into()]);
    arguments
}

fn lab(verb: &str, folder: &Path) -> Command {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.args(arguments(verb, folder)).env("SIMPLE_BENCH_SELF_TEST", "1");
    command
}

/// A run of these workloads that is not waited for.
fn begun(folder: &Path, workloads: &[&str]) -> Process {
    let mut command = Process::new(assert_cmd::cargo::cargo_bin("lab"));
    command.args(arguments("run", folder)).args(workloads).env("SIMPLE_BENCH_SELF_TEST", "1");
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn newest(folder: &Path) -> Run {
    Run::read(&newest_run(&folder.join("records")).unwrap()).unwrap()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_list_names_every_workload_with_its_reason() {
    let folder = folder();
    let output = lab("list", folder.path()).output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for name in
        ["executor/empty-tasks/threaded/1", "file/load/auto/1MiB/warm", "self-test/kinds/right"]
    {
        let line = list.lines().find(|line| line.trim().starts_with(name));
        assert!(line.is_some_and(|line| line.trim().len() > name.len() + 10), "{name}");
    }
    // Listing measures nothing.
    assert!(!folder.path().join("records").exists());
}

#[test]
fn a_filter_that_matches_nothing_is_refused_with_advice() {
    let folder = folder();
    let output = lab("run", folder.path()).arg("no-such-workload").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no-such-workload"), "{}", said(&output));
    assert!(said(&output).contains("`lab list --program "), "{}", said(&output));
    // Also next to one that matches, and with suggestions.
    let output = lab("run", folder.path()).args(["aop", "registry/get-onyl"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("\n  registry/get-only/"), "{}", said(&output));
}

#[test]
fn instruments_that_suit_no_workload_are_refused() {
    let folder = folder();
    let output = lab("run", folder.path())
        .args(["self-test/kinds", "--instruments=latency"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("instruments"), "{}", said(&output));
    assert!(!folder.path().join("records").exists());
}

#[test]
fn a_run_in_which_nothing_is_measured_leaves_no_record() {
    let folder = folder();
    let output = lab("run", folder.path()).arg("self-test/kinds/cannot").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("something is missing"), "{}", said(&output));
    assert!(said(&output).contains("nothing was measured"), "{}", said(&output));
    // The log stays, because it may have the reasons.
    assert!(record_files(&folder.path().join("records")).unwrap().is_empty());
}

#[test]
fn runs_that_begin_together_all_have_a_record() {
    let folder = folder();
    let begin = || {
        let mut run = begun(folder.path(), &["self-test/kinds/right", "--anew"]);
        run.stderr(Stdio::null()).spawn().unwrap()
    };
    // Each waits for those before it.
    let runs = [begin(), begin(), begin()];
    assert!(runs.into_iter().all(|mut run| run.wait().unwrap().success()));
    let records = record_files(&folder.path().join("records")).unwrap();
    assert_eq!(records.len(), 3);
    for RecordFile { path, .. } in records {
        let run = Run::read(&path).unwrap();
        assert_eq!(Some(run.start.run.as_ref()), path.file_stem());
        assert_eq!(run.end.unwrap().measured, 1);
    }
}

/// The process that failed cannot be asked again: a fresh one takes its turn.
#[test]
fn a_process_that_ends_in_its_turn_does_not_take_its_workload_along() {
    let folder = folder();
    let mut run = begun(folder.path(), &["fragile", "--instruments=wall"]);
    let output = run.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let run = newest(folder.path());
    assert!(run.skipped.is_empty(), "{:?}", run.skipped);
    assert_eq!(run.samples.len(), 10, "each block has its turn");
}

/// A checkout without changes has a name, by which a second run knows its sources again.
#[test]
fn a_second_run_of_the_same_sources_adds_to_the_first() {
    let folder = folder();
    let run = |more: &[&str]| {
        let mut run = begun(folder.path(), &["self-test/kinds/right"]);
        let output = run.args(more).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        (said(&output), record_files(&folder.path().join("records")).unwrap().len())
    };
    run(&[]);
    let is_named = newest(folder.path()).start.fingerprint.modified == Some(false);
    let (said, records) = run(&[]);
    assert_eq!((said.contains("adding to"), records), (is_named, if is_named { 1 } else { 2 }));
    let added = newest(folder.path());
    assert!(added.end.is_some() && added.warnings.is_empty(), "{:?}", added.warnings);
    assert_eq!(run(&["--anew"]).1, records + 1);
}

/// Two at once would disturb each other, and only the newer one could be resumed.
#[test]
fn a_run_waits_for_the_one_before_it() {
    let folder = folder();
    let records = folder.path().join("records");
    std::fs::create_dir(&records).unwrap();
    let mut held = File::create(records.join("lock")).unwrap();
    held.lock().unwrap();
    writeln!(held, "process 7 (lab run)").unwrap();
    let waiting = || {
        let mut run = begun(folder.path(), &["self-test/kinds/right"]);
        let mut child = run.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let line = lines.find(|line| line.contains("waiting for its end")).unwrap();
        assert!(line.starts_with("process 7 (lab run) is at work in"), "{line}");
        (child, lines)
    };
    let (mut interrupted, _) = waiting();
    let pid = interrupted.id().to_string();
    assert!(Process::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(interrupted.wait().unwrap().code(), Some(130));
    let (mut patient, lines) = waiting();
    assert!(record_files(&records).unwrap().is_empty(), "it began too early");
    drop(held);
    lines.for_each(drop);
    assert!(patient.wait().unwrap().success());
    assert_eq!(record_files(&records).unwrap().len(), 1);
}

#[test]
fn a_filter_that_needs_more_effort_says_so() {
    let folder = folder();
    let output = lab("run", folder.path()).arg("file/load/*/256MiB").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("larger"), "{}", said(&output));
}

#[test]
fn an_unknown_effort_is_refused_with_those_that_exist() {
    let folder = folder();
    let output = lab("run", folder.path()).args(["--effort", "huge"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("standard"), "{}", said(&output));
}

#[test]
fn records_that_cannot_be_written_are_refused_before_anything_is_measured() {
    let folder = folder();
    std::fs::write(folder.path().join("records"), "a file, where a folder should be").unwrap();
    let output = lab("run", folder.path()).arg("self-test").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("records"), "{}", said(&output));
}

#[test]
fn a_broken_workload_is_caught_by_the_check() {
    let folder = folder();
    let output = lab("check", folder.path()).arg("self-test/kinds").output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("6 workloads checked, 5 wrong"), "{said}");
    for kind in BROKEN {
        assert!(said.contains(&format!("wrong: self-test/kinds/{kind}: ")), "{said}");
    }
    assert!(!said.contains("kinds/right"), "{said}");
}

#[test]
fn a_right_workload_passes_the_check() {
    let folder = folder();
    lab("check", folder.path()).arg("self-test/kinds/right").assert().success();
}

#[test]
fn a_run_skips_broken_workloads_with_a_reason() {
    let folder = folder();
    let output = lab("run", folder.path()).args(["--seed=1", "self-test/kinds"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("error: 4 workloads failed, for the reasons above: self-test"));
    let run = newest(folder.path());
    assert_eq!((run.start.effort.known(), run.start.seed), (Some(Effort::Quick), 1));
    // Only the check compares effects.
    let measured: HashSet<_> = run.samples.iter().map(|s| s.subject.workload.as_str()).collect();
    assert_eq!(measured, HashSet::from(["self-test/kinds/right", "self-test/kinds/wrong effect"]));
    let rounds: HashSet<_> = run.samples.iter().map(|samples| samples.round).collect();
    assert_eq!(rounds.len(), run.start.rounds[&Instrument::Wall] as usize);
    for samples in &run.samples {
        assert!(samples.samples.iter().all(|s| s.iterations > 0 && s.total_ns > 0.0));
    }
    let why = |kind: &str| {
        let name = format!("self-test/kinds/{kind}");
        run.skipped.iter().find(|skipped| skipped.workload == name).unwrap().why.clone()
    };
    assert!(why("wrong answer").contains("answered 8 where 7 is right"));
    assert!(why("cannot be prepared").contains("something is missing"));
    assert!(why("never ready").contains("condition"));
    assert!(why("panics").contains("it panicked"));
    let end = run.end.unwrap();
    assert_eq!((end.measured, end.skipped), (2, 4));
    assert!(end.not_selected > 100);
    assert_eq!(run.noise.len(), rounds.len());
}

#[test]
fn a_closed_reader_ends_the_list_quietly() {
    let folder = folder();
    let mut child = Process::new(assert_cmd::cargo::cargo_bin("lab"))
        .args(arguments("list", folder.path()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "");
}

#[test]
fn progress_that_cannot_be_printed_ends_no_run() {
    let folder = folder();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut run = begun(folder.path(), &["self-test/kinds/right"]);
    let status = run.stderr(full).status().unwrap();
    assert!(status.success());
    assert_eq!(newest(folder.path()).end.unwrap().measured, 1);
}

#[test]
fn settings_of_the_environment_do_not_reach_what_is_measured() {
    let folder = folder();
    let timeline = folder.path().join("timeline.json");
    lab("run", folder.path())
        .arg("executor/empty-tasks/threaded/2")
        .env("SIMPLE_RT_TIMELINE", &timeline)
        .assert()
        .success();
    assert!(!timeline.exists(), "the runtime recorded while it was measured");
}

#[test]
fn processors_that_are_not_there_are_refused_before_anything_is_measured() {
    for pin in ["4096", "none"] {
        let folder = folder();
        let mut run = lab("run", folder.path());
        let output = run.args(["aop/chain/runtime", "--pin", pin]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(&format!("--pin {pin}")), "{}", said(&output));
        assert!(newest_run(&folder.path().join("records")).is_err(), "a record was begun");
    }
}

/// An interrupted run keeps its measurements; resumed, it makes the others and none twice.
#[test]
fn an_interrupted_run_is_kept_and_resumed() {
    let folder = folder();
    let workloads = ["aop/chain/runtime", "self-test/kinds/right"];
    let mut run = begun(folder.path(), &workloads);
    let mut child = run.stderr(Stdio::piped()).spawn().unwrap();
    while newest_run(&folder.path().join("records"))
        .ok()
        .and_then(|path| Run::read(&path).ok())
        .is_none_or(|run| run.samples.len() < 3)
    {
        // Only polls; the record ends the wait.
        std::thread::sleep(Duration::from_millis(5));
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
    }
    let pid = child.id().to_string();
    assert!(Process::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(said(&output).contains("--resume"), "{}", said(&output));
    let kept = newest(folder.path());
    assert!(kept.end.is_none());
    assert!(!kept.samples.is_empty());

    let other = lab("run", folder.path()).args(["aop", "--resume"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("not 'aop'"), "{}", said(&other));

    // The record has its options.
    lab("run", folder.path()).arg("--resume").assert().success();
    let whole = newest(folder.path());
    assert!(whole.end.is_some());
    assert_eq!(whole.samples[..kept.samples.len()], kept.samples);
    let keys: HashSet<_> = whole.samples.iter().map(|s| (&s.subject.workload, s.round)).collect();
    assert_eq!(keys.len(), whole.samples.len(), "nothing is measured twice");
    let workloads: HashSet<_> = whole.samples.iter().map(|s| &s.subject.workload).collect();
    assert_eq!(
        keys.len(),
        workloads.len() * whole.start.rounds[&Instrument::Wall] as usize,
        "every round is there"
    );

    let again = lab("run", folder.path()).args(workloads).arg("--resume").output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("nothing to resume"), "{}", said(&again));
}
