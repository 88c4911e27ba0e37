//! Reliability of a run's verdicts on two alternatives, from a calibration: pairs of copies whose
//! difference is known.

use super::curve::{Share, left_out};
use serde::Serialize;
use simple_records::{BenchLimits, BenchTrial, BenchVerdict, Calibration};
use std::collections::BTreeSet;

/// Levels that differ by less are the same.
const SAME_LEVEL: f64 = 1e-9;

/// Outcome of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The verdict is true.
    Right,
    /// Nothing was decided, and nothing false was said.
    Open,
    /// The verdict is false.
    Wrong,
}

/// Compares the verdict of a trial with what was injected.
///
/// Copies that are alike must not be told apart; others not in the wrong direction. A largest
/// possible difference must not be smaller than the injected one, even if the verdict stayed open:
/// reports say it.
pub fn outcome(trial: &BenchTrial) -> Outcome {
    let excludes_truth = trial.at_most.is_some_and(|at_most| at_most < trial.injected);
    match trial.verdict {
        BenchVerdict::Slower if trial.injected > 0.0 => Outcome::Right,
        BenchVerdict::Slower | BenchVerdict::Faster => Outcome::Wrong,
        BenchVerdict::Same | BenchVerdict::Open if excludes_truth => Outcome::Wrong,
        BenchVerdict::Same => Outcome::Right,
        BenchVerdict::Open => Outcome::Open,
    }
}

/// Verdicts on pairs whose copies differ by a known amount.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchLevel {
    /// The amount, as a share: 0.05 is 5%; 0 if the copies are alike.
    pub by: f64,
    /// Number of workloads.
    pub workloads: usize,
    /// Trials whose verdict is true.
    pub right: Share,
    /// Trials that were not decided.
    pub open: Share,
    /// Trials whose verdict is false.
    pub wrong: Share,
}

/// Reliability of a run's verdicts on two alternatives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchCurve {
    /// Name of the calibration.
    pub run: String,
    /// Start of the calibration, in seconds since 1970.
    pub started_unix_s: u64,
    /// The processor on which it was made.
    pub machine: Option<String>,
    /// Chance of an error that was granted to a pair.
    pub error: f64,
    /// Most blocks of a pair.
    pub most_blocks: u32,
    /// Levels, the least slowed first.
    pub levels: Vec<BenchLevel>,
    /// Remarks for readers, in sentences.
    pub notes: Vec<String>,
}

impl BenchCurve {
    /// Summarises a calibration. `None` if it is one of the gate.
    pub fn new(calibration: &Calibration) -> Option<Self> {
        let start = &calibration.start;
        let BenchLimits { error, most_blocks, .. } = start.bench?;
        let left_out = calibration.left_out.iter().map(left_out);
        Some(Self {
            run: start.run.clone(),
            started_unix_s: start.started_unix_s,
            machine: start.fingerprint.cpu_model.clone(),
            error,
            most_blocks,
            levels: levels(&calibration.bench_trials),
            notes: calibration.warnings.iter().cloned().chain(left_out).collect(),
        })
    }
}

fn levels(trials: &[BenchTrial]) -> Vec<BenchLevel> {
    let mut amounts: Vec<f64> =
        trials.iter().map(|trial| trial.by).filter(|by| by.is_finite()).collect();
    amounts.sort_unstable_by(f64::total_cmp);
    amounts.dedup_by(|one, other| (*one - *other).abs() < SAME_LEVEL);
    amounts.into_iter().map(|by| level(trials, by)).collect()
}

fn level(trials: &[BenchTrial], by: f64) -> BenchLevel {
    let here = |trial: &&BenchTrial| (trial.by - by).abs() < SAME_LEVEL;
    let trials: Vec<&BenchTrial> = trials.iter().filter(here).collect();
    let share = |wanted: Outcome| Share::of_trials(&trials, |trial| outcome(trial) == wanted);
    let workloads: BTreeSet<&str> = trials.iter().map(|trial| trial.workload.as_str()).collect();
    BenchLevel {
        by,
        workloads: workloads.len(),
        right: share(Outcome::Right),
        open: share(Outcome::Open),
        wrong: share(Outcome::Wrong),
    }
}
