//! Records of how often the gate is right: its operating curve.

use crate::{Effort, Fingerprint, GateLimits, LogFile, Word};
use serde::{Deserialize, Serialize};

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CalibrationRecord {
    /// The first line.
    Calibration(Box<CalibrationStart>),
    /// One use of the gate whose right answer is known.
    Trial(Trial),
    /// A hot path that could not be slowed by this much.
    LeftOut(LeftOut),
    /// A kind of a newer program.
    #[serde(other, skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// First line of a calibration: program, limits, time and machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CalibrationStart {
    /// [`SCHEMA_VERSION`](crate::SCHEMA_VERSION) of the writer.
    pub schema: u32,
    /// The calibration's name, unique on its machine.
    pub run: String,
    /// Seconds since 1970 in UTC.
    pub started_unix_s: u64,
    /// The measuring program and its version.
    pub tool: String,
    /// Effort of the gate where both builds were alike.
    #[serde(rename = "setting", alias = "effort")]
    pub effort: Word<Effort>,
    /// Identifies the program that was judged, as a build's key does.
    #[serde(default)]
    pub program: String,
    /// Limits of the verdicts.
    pub limits: GateLimits,
    /// The machine and toolchain.
    pub fingerprint: Fingerprint,
}

/// One use of the gate whose right answer is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trial {
    /// The change of the head.
    pub kind_of_trial: TrialKind,
    /// Number within its kind, from 0.
    pub number: u32,
    /// Verdict of the gate: `pass`, `regression`, `inconclusive`.
    pub verdict: String,
    /// The workload that was slowed, or those that were taken for slower.
    pub workloads: Vec<String>,
    /// By how much the gate found the workload that was slowed slower, in the instrument of
    /// the trial: 0.05 is 5%.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<f64>,
    /// Its duration.
    pub elapsed_s: f64,
}

/// The change of the head of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrialKind {
    /// Nothing: both builds are the same program. A regression is a false alarm.
    Null,
    /// Nothing, while another program kept a processor busy.
    NullUnderLoad,
    /// A hot path took this much longer: 0.05 is 5%. Anything but a regression is a miss.
    SlowedTime {
        /// Share of the workload's time.
        by: f64,
    },
    /// A hot path executed this many more instructions: 0.01 is 1%.
    SlowedInstructions {
        /// Share of the workload's instructions.
        by: f64,
    },
}

/// A hot path that could not be slowed by this much closely enough, so that there are no trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The change that was asked for.
    pub kind_of_trial: TrialKind,
    /// The workload.
    pub workload: String,
}

/// A calibration as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Its first line.
    pub start: CalibrationStart,
    /// In the order of the file.
    pub trials: Vec<Trial>,
    /// Hot paths without trials.
    pub left_out: Vec<LeftOut>,
    /// Remarks on the file, in sentences.
    pub warnings: Vec<String>,
}

impl LogFile for Calibration {
    type Line = CalibrationRecord;

    const NAME: &'static str = "calibration";

    fn begin(first: CalibrationRecord) -> Option<Self> {
        let CalibrationRecord::Calibration(start) = first else { return None };
        let (trials, left_out, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Some(Self { start: *start, trials, left_out, warnings })
    }

    fn add(&mut self, record: CalibrationRecord) {
        match record {
            CalibrationRecord::Trial(trial) => self.trials.push(trial),
            CalibrationRecord::LeftOut(left_out) => self.left_out.push(left_out),
            CalibrationRecord::Calibration(_) | CalibrationRecord::Unknown => {}
        }
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}
