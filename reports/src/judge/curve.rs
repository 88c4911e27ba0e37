//! Reliability of the gate, from a calibration: uses of it whose right verdict is known.

use super::dosed::{Beside, Dosed, besides, dosed, mean};
use crate::judge::Verdict;
use crate::stats::proportion_interval;
use serde::Serialize;
use simple_records::{Calibration, GateLimits, LeftOut, Trial, TrialKind};

/// Share of trials with an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// Number of trials with the outcome.
    pub count: u64,
    /// Number of all trials.
    pub trials: u64,
    /// Interval of the probability (Clopper and Pearson, at least 95%).
    pub interval: [f64; 2],
}

impl Share {
    /// The share; 0 without trials.
    pub fn share(&self) -> f64 {
        self.count as f64 / self.trials.max(1) as f64
    }

    pub(super) fn of_trials<T>(trials: &[&T], has_outcome: impl Fn(&T) -> bool) -> Self {
        let count = trials.iter().filter(|trial| has_outcome(trial)).count() as u64;
        let all = trials.len() as u64;
        // Without trials, any probability is possible.
        let interval = proportion_interval(count, all).map_or([0.0, 1.0], |i| [i.low, i.high]);
        Self { count, trials: all, interval }
    }
}

/// Verdicts on a build compared with itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alarms {
    /// Trials whose verdict was `regression`.
    pub false_alarms: Share,
    /// Trials whose verdict was `inconclusive`.
    pub inconclusive: Share,
    /// Workloads that were called slower, once per trial, in the order of trials.
    pub workloads: Vec<String>,
}

/// Verdicts on a build that was slowed by a known amount.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// The amount, as a share: 0.05 is 5%.
    pub by: f64,
    /// Trials whose verdict was `regression`, and that named the slowed workload.
    pub detected: Share,
    /// Trials whose verdict was `inconclusive`.
    pub inconclusive: Share,
    /// Mean slow-down that the gate measured, as a share; `None` if no trial has one.
    pub found: Option<f64>,
}

/// Reliability of the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperatingCurve {
    /// Name of the calibration.
    pub run: String,
    /// Start of the calibration, in seconds since 1970.
    pub started_unix_s: u64,
    /// The processor on which it was made.
    pub machine: Option<String>,
    /// Set of workloads that was judged in trials without a slow-down.
    pub setting: String,
    /// The slow-down that was looked for, as a share.
    pub min_effect: f64,
    /// The growth in instructions that was a regression.
    pub instructions_limit: f64,
    /// Builds compared with themselves.
    pub null: Option<Alarms>,
    /// The same under any load of the machine.
    pub null_under_load: Option<Alarms>,
    /// The same for each kind of load.
    pub besides: Vec<Beside>,
    /// Builds slowed in time, the least slowed first.
    pub time: Vec<Level>,
    /// Builds that execute more instructions, the smallest growth first.
    pub instructions: Vec<Level>,
    /// Slowed builds by the form of slow-down, threads and noise.
    pub dosed: Vec<Dosed>,
    /// Remarks for readers, in sentences.
    pub notes: Vec<String>,
    /// Limits of the gate that was calibrated.
    #[serde(skip)]
    pub limits: GateLimits,
}

impl OperatingCurve {
    /// Returns whether a gate of these limits takes its blocks and judges them by the same rules, whatever
    /// size of slow-down it looks for.
    pub fn has_rules_of(&self, limits: &GateLimits) -> bool {
        let rules = |limits: &GateLimits| {
            let GateLimits { screen_blocks, most_screen_blocks, .. } = *limits;
            let GateLimits { confirm_blocks, confirm_again_blocks, .. } = *limits;
            (screen_blocks, most_screen_blocks, confirm_blocks, confirm_again_blocks)
        };
        rules(&self.limits) == rules(limits)
            && self.limits.false_discovery_rate == limits.false_discovery_rate
    }

    /// Summarises a calibration.
    pub fn new(calibration: &Calibration) -> Self {
        let start = &calibration.start;
        let trials = &calibration.trials;
        Self {
            run: start.run.clone(),
            started_unix_s: start.started_unix_s,
            machine: start.fingerprint.cpu_model.clone(),
            setting: start.effort.to_string(),
            min_effect: start.limits.min_effect,
            instructions_limit: start.limits.instructions,
            null: alarms(&of_kind(trials, &TrialKind::Null)),
            null_under_load: alarms(&of_kind(trials, &TrialKind::NullUnderLoad)),
            besides: besides(trials),
            time: levels(trials, |kind| match kind {
                TrialKind::SlowedTime { by } => Some(*by),
                _ => None,
            }),
            instructions: levels(trials, |kind| match kind {
                TrialKind::SlowedInstructions { by } => Some(*by),
                _ => None,
            }),
            dosed: dosed(trials),
            notes: notes(calibration),
            limits: start.limits.clone(),
        }
    }
}

fn notes(calibration: &Calibration) -> Vec<String> {
    let left_out = calibration.left_out.iter().map(left_out);
    calibration.warnings.iter().cloned().chain(left_out).collect()
}

/// A sentence about a hot path without trials.
pub(super) fn left_out(one: &LeftOut) -> String {
    let by = match one.kind_of_trial {
        TrialKind::SlowedTime { by } => format!(" in time by {:.0}%", by * 100.0),
        TrialKind::SlowedInstructions { by } => format!(" in instructions by {:.0}%", by * 100.0),
        TrialKind::Null | TrialKind::NullUnderLoad | TrialKind::Moved { .. } => String::new(),
    };
    let form = one.form.as_ref().map_or(String::new(), |form| format!(" (form {form})"));
    format!(
        "{} could not be slowed{by}{form} closely enough: there are no trials of that.",
        one.workload
    )
}

pub(super) fn says(trial: &Trial, verdict: Verdict) -> bool {
    trial.verdict == verdict.word()
}

fn of_kind<'t>(trials: &'t [Trial], kind: &TrialKind) -> Vec<&'t Trial> {
    trials.iter().filter(|trial| trial.kind_of_trial == *kind).collect()
}

/// Verdicts on builds compared with themselves. `None` without trials.
pub(super) fn alarms(trials: &[&Trial]) -> Option<Alarms> {
    let alarming = trials.iter().filter(|trial| says(trial, Verdict::Regression));
    let workloads = alarming.flat_map(|trial| &trial.workloads).cloned();
    (!trials.is_empty()).then(|| Alarms {
        false_alarms: Share::of_trials(trials, |trial| says(trial, Verdict::Regression)),
        inconclusive: Share::of_trials(trials, |trial| says(trial, Verdict::Inconclusive)),
        workloads: workloads.collect(),
    })
}

/// Levels on a machine without noise of ours.
fn levels(trials: &[Trial], by: fn(&TrialKind) -> Option<f64>) -> Vec<Level> {
    let of = |trial: &Trial| {
        by(&trial.kind_of_trial).filter(|by| by.is_finite() && trial.noise.is_none())
    };
    let mut levels: Vec<f64> = trials.iter().filter_map(of).collect();
    levels.sort_unstable_by(f64::total_cmp);
    levels.dedup();
    let level = |by: f64| {
        let trials: Vec<&Trial> = trials.iter().filter(|trial| of(trial) == Some(by)).collect();
        Level {
            by,
            // The trial names the workload only if the gate did.
            detected: Share::of_trials(&trials, |trial| {
                says(trial, Verdict::Regression) && !trial.workloads.is_empty()
            }),
            inconclusive: Share::of_trials(&trials, |trial| says(trial, Verdict::Inconclusive)),
            found: mean(trials.iter().filter_map(|trial| trial.found)),
        }
    };
    levels.into_iter().map(level).collect()
}
