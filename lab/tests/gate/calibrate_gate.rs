//! The calibration of the gate, on a tiny program: its noise, and how it goes on.

use crate::common::{has_valgrind, tiny};
use simple_records::{Calibration, LogFile, NoiseKind, Trial, TrialKind, newest_run};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn calibrate(target: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lab"));
    command.arg("calibrate").args(options).arg("--target").arg(target).current_dir(target);
    command.arg("--program").arg(&tiny().steady).stdin(Stdio::null());
    command
}

fn done(target: &Path, options: &[&str]) -> (Calibration, Output) {
    let output = calibrate(target, options).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    (Calibration::read(&newest_run(&target.join("calibration")).unwrap()).unwrap(), output)
}

fn null(calibration: &Calibration) -> Vec<&Trial> {
    let is_null =
        |trial: &&Trial| matches!(trial.kind_of_trial, TrialKind::Null | TrialKind::NullUnderLoad);
    calibration.trials.iter().filter(is_null).collect()
}

#[test]
fn a_calibration_records_its_noise_and_goes_on_where_it_ended() {
    if !has_valgrind() {
        return;
    }
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let few = ["--null=1", "--under-load=1", "--slowed=0", "--noise=steal,busy", "--seed=7"];
    let (first, output) = done(target, &few);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(" in all; `just calibrate --resume` goes on"), "{said}");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(table.contains("false alarms") && table.contains("steal"), "{table}");
    let trials = null(&first);
    let noise = |kind| {
        let named = trials.iter().filter_map(|trial| trial.noise.as_ref());
        named.filter(|noise| noise.kind == kind && noise.seed == 7).count()
    };
    assert_eq!((noise(NoiseKind::Steal), noise(NoiseKind::Busy), trials.len()), (1, 1, 3));

    let more = ["--resume", "--null=2", "--under-load=1", "--slowed=0", "--noise=steal,busy"];
    let (second, _) = done(target, &more);
    assert_eq!(second.trials[..first.trials.len()], first.trials[..]);
    assert_eq!(second.trials.len(), first.trials.len() + 1);
    assert_eq!(second.trials.last().unwrap().number, 1);
}

/// Processes that put a load on the machine as children of `lab`.
fn loads(lab: &Child) -> Vec<String> {
    let tasks = format!("/proc/{0}/task/{0}/children", lab.id());
    let children = fs::read_to_string(tasks).unwrap_or_default();
    let is_load = |id: &&str| {
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| word == b"noise")
    };
    children.split_whitespace().filter(is_load).map(str::to_owned).collect()
}

#[test]
fn a_killed_calibration_takes_its_noise_along() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let options = ["--null=0", "--under-load=1", "--slowed=0", "--noise=steal"];
    let mut command = calibrate(target, &options);
    let mut lab = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let load = loop {
        assert!(lab.try_wait().unwrap().is_none(), "it ended by itself");
        if let Some(load) = loads(&lab).pop() {
            break load;
        }
        std::thread::yield_now();
    };
    lab.kill().unwrap();
    lab.wait().unwrap();
    // The kernel ends it, in its own time.
    let is_there = || {
        fs::read(format!("/proc/{load}/cmdline"))
            .is_ok_and(|words| words.split(|byte| *byte == 0).any(|word| word == b"noise"))
    };
    while is_there() {
        std::thread::yield_now();
    }
}

#[test]
fn unknown_kinds_of_noise_are_refused() {
    let target = tempfile::tempdir().unwrap();
    let output = calibrate(target.path(), &["--noise=thunder"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("thunder") && said.contains("neighbour"), "{said}");
}
