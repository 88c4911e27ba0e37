//! Parts of a trial of a calibration: the slow-down as it was set, and the noise beside it.

use crate::{DoseForm, NoiseKind, TrialKind, Word};
use serde::{Deserialize, Serialize};

/// A slow-down as it was set, by measuring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dose {
    /// The form of a step.
    pub form: Word<DoseForm>,
    /// The place in the runtime.
    pub site: String,
    /// Steps that the slowed side makes more.
    pub steps: u32,
    /// Visits of a thread to the place of which one makes the steps.
    pub every: u32,
    /// Share by which it was slower when the dose was set: 0.05 is 5%.
    pub share: f64,
    /// Interval of that share, at 95%; both ends are the share where it is exact.
    pub interval: [f64; 2],
    /// Blocks that the interval is made of; 0 for counted instructions.
    pub blocks: u32,
    /// Number of threads of the workload.
    pub threads: u32,
}

/// A dose and what it is for: it is set once, and used by all trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DoseOf {
    /// The change that was asked for.
    pub kind_of_trial: TrialKind,
    /// The workload.
    pub workload: String,
    /// The dose.
    pub dose: Dose,
}

/// A load on the machine during a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InjectedNoise {
    /// Its kind.
    #[serde(rename = "noise")]
    pub kind: Word<NoiseKind>,
    /// Seed of all its random choices.
    pub seed: u64,
}
