//! The calibration of runs, on a tiny program with a workload that can be slowed.

use crate::common::tiny;
use assert_cmd::Command;
use simple_records::{BenchVerdict, Calibration, DoseForm, DoseOf, LogFile, TrialKind, newest_run};
use std::path::Path;
use std::process::Output;

const WORKLOAD: &str = "aop/chain/runtime/4";
const LEVELS: [f64; 4] = [0.0, 0.02, 0.05, 0.10];

fn calibrate(target: &Path, options: &[&str]) -> Output {
    calibrate_program(&tiny().steady, target, options)
}

fn calibrate_program(program: &Path, target: &Path, options: &[&str]) -> Output {
    let mut command = Command::cargo_bin("lab").unwrap();
    command.arg("calibrate").args(options).arg("--target").arg(target).current_dir(target);
    command.arg("--program").arg(program).output().unwrap()
}

fn record(target: &Path) -> Calibration {
    Calibration::read(&newest_run(&target.join("calibration")).unwrap()).unwrap()
}

fn said(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Number of trials at a level, if the workload could be slowed by it.
fn trials_at(record: &Calibration, by: f64) -> Option<usize> {
    let kind = TrialKind::SlowedTime { by };
    let is_left_out = record.left_out.iter().any(|one| one.kind_of_trial == kind);
    let trials = record.bench_trials.iter().filter(|trial| trial.by == by).count();
    (!is_left_out).then_some(trials)
}

#[test]
fn pairs_are_compared_at_each_level_and_resume_adds_to_them() {
    let target = tempfile::tempdir().unwrap();
    let target = target.path();
    let output = calibrate(target, &["--bench", "--trials", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    let table = said(&output.stdout);
    assert!(table.contains("one copy slowed by") && table.contains("nothing"), "{table}");
    let first = record(target);
    let limits = first.start.bench.unwrap();
    for trial in &first.bench_trials {
        assert_eq!((trial.workload.as_str(), trial.number), (WORKLOAD, 0));
        assert!((10..=limits.most_blocks).contains(&trial.blocks), "{trial:?}");
        let is_open = trial.verdict == BenchVerdict::Open;
        assert!(!is_open || trial.blocks == limits.most_blocks, "{trial:?}");
        let is_near = (trial.injected - trial.by).abs() <= 0.15 * trial.by;
        assert!(is_near && trial.found.is_some(), "{trial:?}");
    }
    // Each size is set, with its interval, or left out with a reason.
    assert_eq!(first.doses.len() + first.left_out.len(), LEVELS.len() - 1);
    assert!(first.left_out.iter().all(|one| one.why.is_some() && one.form.is_some()));
    for DoseOf { dose, .. } in &first.doses {
        let [low, high] = dose.interval;
        assert!(low <= dose.share && dose.share <= high && dose.blocks >= 12, "{dose:?}");
        assert_eq!((dose.form.known(), &*dose.site), (Some(DoseForm::Spin), "aop-call"));
    }
    // A dose that cannot be set closely on a busy machine is left out.
    assert_eq!(trials_at(&first, 0.0), Some(1));
    assert!(LEVELS.iter().all(|by| trials_at(&first, *by).is_none_or(|trials| trials == 1)));

    let again = calibrate(target, &["--bench", "--trials", "2", "--resume"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again.stderr));
    let second = record(target);
    assert_eq!(second.bench_trials[..first.bench_trials.len()], first.bench_trials[..]);
    assert_eq!(second.doses, first.doses, "they are set once");
    assert_eq!(trials_at(&second, 0.0), Some(2));
    assert!(LEVELS.iter().all(|by| trials_at(&second, *by).is_none_or(|trials| trials == 2)));
}

#[test]
fn what_cannot_be_done_is_told() {
    let target = tempfile::tempdir().unwrap();
    let told = |options: &[&str]| {
        let output = calibrate(target.path(), options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        said(&output.stderr)
    };
    let gone = calibrate_program(Path::new("gone"), target.path(), &["--bench"]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(said(&gone.stderr).contains("there is no program gone"), "{}", said(&gone.stderr));
    assert!(told(&["--trials", "3"]).contains("--bench"));
    assert!(told(&["--bench", "--null", "3"]).contains("--null"));
    assert!(told(&["--bench", "--resume"]).contains("begin with `just calibrate --bench`"));
}
