//! Runs that add to the newest record.

use crate::harness::harness;
use simple_records::{Instrument, LogFile, Run, newest_run, record_files};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A checkout of its own, which is a commit without changes, and a folder for records.
struct Checkout {
    sources: tempfile::TempDir,
    target: tempfile::TempDir,
}

impl Checkout {
    fn new() -> Self {
        let (sources, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(sources.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        let this = Self { sources, target };
        this.git(&["init", "--quiet"]);
        this.commit("first");
        this
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
        git.args(arguments).current_dir(self.sources.path());
        assert!(git.status().unwrap().success(), "{arguments:?}");
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    fn lab(&self, arguments: &[&str]) -> Output {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.arg("run").args(arguments).arg("--program").arg(harness());
        lab.arg("--target").arg(self.target.path()).current_dir(self.sources.path());
        lab.env("SIMPLE_BENCH_SELF_TEST", "1").output().unwrap()
    }

    /// Measures by the clock alone, and returns what is said.
    fn run(&self, filters: &[&str]) -> String {
        let output = self.lab(&[filters, &["--instruments=wall"]].concat());
        // One that fails is named, and the others are measured.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", said(&output));
        said(&output)
    }

    fn newest(&self) -> Run {
        Run::read(&newest_run(&self.records()).unwrap()).unwrap()
    }

    fn records(&self) -> std::path::PathBuf {
        self.target.path().join("records")
    }

    fn number(&self) -> usize {
        record_files(&self.records()).unwrap().len()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Measured lines of a record's file.
fn lines(path: &Path, kind: &str) -> usize {
    let text = fs::read_to_string(path).unwrap();
    let kind = format!("\"kind\":\"{kind}\"");
    text.lines().filter(|line| line.contains(&kind)).count()
}

const RIGHT: &str = "self-test/kinds/right";
const PANICS: &str = "self-test/kinds/panics";

#[test]
fn a_part_of_the_workloads_is_added_to_the_record_of_all() {
    let checkout = Checkout::new();
    checkout.run(&["self-test/kinds"]);
    let whole = checkout.newest();
    let said = checkout.run(&[RIGHT]);
    assert!(said.contains("adding to "), "{said}");
    let added = checkout.newest();
    assert_eq!(
        (checkout.number(), added.start),
        (1, whole.start),
        "the big record stays the newest"
    );
    let (was, is) = (whole.end.unwrap(), added.end.unwrap());
    assert_eq!(
        (is.measured, is.skipped, is.not_selected),
        (was.measured, was.skipped, was.not_selected),
        "what was not measured on is still there"
    );
    assert!(said.contains("the record: 2 of 6 workloads measured"), "{said}");
}

#[test]
fn what_fails_again_for_the_same_reason_is_written_once() {
    let checkout = Checkout::new();
    checkout.run(&["self-test/kinds"]);
    let path = newest_run(&checkout.records()).unwrap();
    let skipped = lines(&path, "skipped");
    assert_eq!(skipped, 4);
    let said = checkout.run(&[RIGHT, PANICS]);
    assert!(said.contains("adding to ") && said.contains("it panicked"), "{said}");
    assert_eq!((lines(&path, "skipped"), lines(&path, "end")), (skipped, 2));
    assert_eq!(checkout.newest().end.unwrap().skipped, 4);
}

/// Workloads that the newest record lacks cannot be added to it, and those of other sources must not.
#[test]
fn another_record_is_begun_where_the_newest_does_not_fit_and_says_why() {
    let checkout = Checkout::new();
    checkout.run(&[RIGHT]);
    let first = checkout.newest().start.run;
    let said = checkout.run(&[RIGHT, "self-test/kinds/wrong effect"]);
    assert!(said.contains("lacks workloads that are asked for now"), "{said}");
    assert!(said.contains(&format!(" {first}` shows that one again")), "{said}");
    assert!(checkout.run(&[RIGHT, "--effort=standard"]).contains("was measured otherwise"));
    checkout.commit("second");
    assert!(checkout.run(&[RIGHT, "--effort=standard"]).contains("is of another commit"));
    fs::write(checkout.sources.path().join("new"), "").unwrap();
    assert!(checkout.run(&[RIGHT]).contains("has changes that are not committed"));
    assert_eq!(checkout.number(), 5);
    assert!(checkout.newest().samples.iter().all(|one| one.instrument == Instrument::Wall));
}
