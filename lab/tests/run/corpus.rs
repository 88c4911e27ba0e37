//! The sources that workloads read: a generated tree, or one of the user's own.

use crate::harness::harness;
use simple_records::harness::SOURCES_LIST;
use simple_records::{LogFile, Run, newest_run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A workload that reads all sources on the list.
const READS_SOURCES: &str = "file/sources/std::fs::read/kept";

fn lab(verb: &str, target: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args([verb, READS_SOURCES, "--program"]).arg(harness());
    command.arg("--target").arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The sources on the list.
fn listed(target: &Path) -> Vec<PathBuf> {
    let list = fs::read_to_string(target.join("bench-data").join(SOURCES_LIST)).unwrap();
    list.lines().map(PathBuf::from).collect()
}

#[test]
fn a_machine_with_an_empty_cargo_home_has_all_sources() {
    let (home, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = lab("check", target.path()).env("CARGO_HOME", home.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let sources = listed(target.path());
    assert!(sources.len() > 100, "{sources:?}");
    assert!(sources.iter().all(|path| path.starts_with(target.path())), "{sources:?}");
}

#[test]
fn a_tree_of_the_users_is_read_and_named_in_the_record() {
    let (own, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = || {
        let mut run = lab("run", target.path());
        run.arg("--instruments=wall").arg("--corpus").arg(own.path());
        run.output().unwrap()
    };
    let output = run();
    assert!(!output.status.success());
    assert!(said(&output).contains("no file that workloads could read"), "{}", said(&output));
    assert!(!target.path().join("records").exists(), "nothing was begun");
    fs::write(own.path().join("one.c"), "int main;\n").unwrap();
    let output = run();
    assert!(output.status.success(), "{}", said(&output));
    let record = Run::read(&newest_run(&target.path().join("records")).unwrap()).unwrap();
    assert_eq!(record.start.settings["corpus"], own.path().display().to_string());
    assert!(!record.samples.is_empty());
    assert!(record.samples.iter().all(|samples| samples.work.items == 1));
}
