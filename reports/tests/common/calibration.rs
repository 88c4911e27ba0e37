//! Calibrations of the gate that were never made.

#![allow(dead_code, reason = "each test file uses a part")]

use super::gate::start;
use simple_records::{Calibration, CalibrationStart, GateStart, LeftOut, Trial, TrialKind};

/// A use of the gate whose right answer is known.
pub fn trial(
    kind: TrialKind,
    number: u32,
    verdict: &str,
    workloads: &[&str],
    found: Option<f64>,
) -> Trial {
    Trial {
        kind_of_trial: kind,
        number,
        verdict: verdict.to_owned(),
        workloads: workloads.iter().map(|name| (*name).to_owned()).collect(),
        found,
        dose: None,
        noise: None,
        elapsed_s: 60.0,
    }
}

/// A calibration with one false alarm of forty, and slow-downs that are found the more often the
/// larger they are.
pub fn calibration() -> Calibration {
    let GateStart { schema, run, started_unix_s, tool, effort, limits, fingerprint, .. } = start();
    let start = CalibrationStart {
        program: String::new(),
        schema,
        run,
        started_unix_s,
        tool,
        effort,
        limits,
        bench: None,
        fingerprint,
    };
    let mut trials = Vec::new();
    let mut add =
        |kind: TrialKind, all: u32, verdict: fn(u32) -> &'static str, found: Option<f64>| {
            for number in 0..all {
                let verdict = verdict(number);
                let named = if verdict == "regression" { &["a/b"][..] } else { &[] };
                trials.push(trial(kind.clone(), number, verdict, named, found));
            }
        };
    let null = |n| match n {
        0 => "regression",
        1 | 2 => "inconclusive",
        _ => "pass",
    };
    add(TrialKind::Null, 40, null, None);
    let loaded = |n| if n < 9 { "inconclusive" } else { "pass" };
    add(TrialKind::NullUnderLoad, 20, loaded, None);
    add(TrialKind::SlowedTime { by: 0.1 }, 20, |_| "regression", Some(0.099));
    add(
        TrialKind::SlowedTime { by: 0.05 },
        20,
        |n| if n < 19 { "regression" } else { "pass" },
        Some(0.051),
    );
    add(
        TrialKind::SlowedTime { by: 0.02 },
        20,
        |n| if n < 1 { "regression" } else { "pass" },
        None,
    );
    add(TrialKind::SlowedInstructions { by: 0.003 }, 10, |_| "pass", Some(0.003));
    add(TrialKind::SlowedInstructions { by: 0.01 }, 10, |_| "regression", Some(0.01));
    let left_out = vec![LeftOut {
        kind_of_trial: TrialKind::SlowedTime { by: 0.01 },
        workload: "a/c".to_owned(),
        form: None,
        why: None,
    }];
    let (bench_trials, doses, warnings) = (Vec::new(), Vec::new(), Vec::new());
    Calibration { start, trials, bench_trials, doses, left_out, warnings }
}
