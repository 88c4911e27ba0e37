//! Rows of an operating curve: false alarms by kind of noise, detections by form of slow-down.

use super::Verdict;
use super::curve::{Alarms, Share, alarms, says};
use serde::Serialize;
use simple_records::{DoseForm, NoiseKind, Trial, TrialKind, Witness};

/// Verdicts on a build compared with itself beside a kind of noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// The kind of noise.
    pub noise: String,
    /// The verdicts.
    pub alarms: Alarms,
}

/// Verdicts on builds that were slowed alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dosed {
    /// The witness by which they were judged.
    pub witness: Witness,
    /// The share by which they were to be slowed: 0.05 is 5%.
    pub by: f64,
    /// The form of slow-down.
    pub form: String,
    /// Threads of the workload; `None` in older records.
    pub threads: Option<u32>,
    /// The kind of noise, if there was any.
    pub noise: Option<String>,
    /// Trials whose verdict was `regression`.
    pub detected: Share,
    /// Trials whose verdict was `inconclusive`.
    pub inconclusive: Share,
    /// Mean of the slow-downs that were set; `None` in older records.
    pub set: Option<f64>,
    /// Means of the ends of their intervals.
    pub set_interval: Option<[f64; 2]>,
    /// Mean of the slow-downs that the gate found.
    pub found: Option<f64>,
}

/// False alarms for each kind of noise, in the order of their words.
pub fn besides(trials: &[Trial]) -> Vec<Beside> {
    let noisy = |trial: &&Trial| trial.kind_of_trial == TrialKind::NullUnderLoad;
    let noises = distinct(trials.iter().filter(noisy).map(noise));
    let of = |name: Option<String>| {
        let all = trials.iter().filter(noisy).filter(|trial| noise(trial) == name);
        Some(Beside { alarms: alarms(&all.collect::<Vec<_>>())?, noise: name? })
    };
    noises.into_iter().filter_map(of).collect()
}

/// The word of a trial's noise. In older records, that of a loaded machine was a busy process.
pub(super) fn noise(trial: &Trial) -> Option<String> {
    match &trial.noise {
        Some(noise) => Some(noise.kind.to_string()),
        None => (trial.kind_of_trial == TrialKind::NullUnderLoad)
            .then(|| NoiseKind::Busy.name().to_owned()),
    }
}

/// Detections for each size, witness, form, number of threads and noise.
pub fn dosed(trials: &[Trial]) -> Vec<Dosed> {
    let mut rows: Vec<(Key, Vec<&Trial>)> = Vec::new();
    for trial in trials {
        let Some(key) = Key::of(trial) else { continue };
        match rows.iter_mut().find(|(known, _)| *known == key) {
            Some((_, all)) => all.push(trial),
            None => rows.push((key, vec![trial])),
        }
    }
    rows.sort_by(|(one, _), (other, _)| one.order(other));
    rows.into_iter().map(|(key, trials)| row(key, &trials)).collect()
}

/// Things that trials of a row have in common.
#[derive(Debug, PartialEq)]
struct Key {
    witness: Witness,
    by: f64,
    form: String,
    threads: Option<u32>,
    noise: Option<String>,
}

impl Key {
    fn of(trial: &Trial) -> Option<Self> {
        let (witness, by) = match trial.kind_of_trial {
            TrialKind::SlowedTime { by } => (Witness::Time, by),
            TrialKind::SlowedInstructions { by } => (Witness::Instructions, by),
            TrialKind::Null | TrialKind::NullUnderLoad | TrialKind::Moved { .. } => return None,
        };
        let dose = trial.dose.as_ref();
        let form = dose.map_or(DoseForm::Spin.name().to_owned(), |dose| dose.form.to_string());
        let threads = dose.map(|dose| dose.threads);
        by.is_finite().then(|| Self { witness, by, form, threads, noise: noise(trial) })
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let rest = |key: &Self| (key.noise.clone(), key.threads, key.form.clone());
        let size = self.by.total_cmp(&other.by);
        self.witness.cmp(&other.witness).then(size).then_with(|| rest(self).cmp(&rest(other)))
    }
}

fn row(key: Key, trials: &[&Trial]) -> Dosed {
    let Key { witness, by, form, threads, noise } = key;
    let doses = || trials.iter().filter_map(|trial| trial.dose.as_ref());
    let end = |end: usize| mean(doses().map(|dose| dose.interval[end]));
    Dosed {
        witness,
        by,
        form,
        threads,
        noise,
        // The trial names the workload only if the gate did.
        detected: Share::of_trials(trials, |trial| {
            says(trial, Verdict::Regression) && !trial.workloads.is_empty()
        }),
        inconclusive: Share::of_trials(trials, |trial| says(trial, Verdict::Inconclusive)),
        set: mean(doses().map(|dose| dose.share)),
        set_interval: end(0).zip(end(1)).map(|(low, high)| [low, high]),
        found: mean(trials.iter().filter_map(|trial| trial.found)),
    }
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// Each once, in their order.
fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}
