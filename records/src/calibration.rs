//! Records of how often verdicts are right: those of the gate, its operating curve, or those of a
//! run on two alternatives.

use crate::{
    Dose, DoseForm, DoseOf, Effort, Fingerprint, GateLimits, InjectedNoise, LogFile, Word,
};
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
    /// Two copies of one alternative, compared as a run compares alternatives.
    BenchTrial(BenchTrial),
    /// A dose that was set.
    Dose(DoseOf),
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
    /// Effort of the gate where both builds were alike, or of the run.
    #[serde(rename = "setting", alias = "effort")]
    pub effort: Word<Effort>,
    /// Identifies the program that was judged, as a build's key does.
    #[serde(default)]
    pub program: String,
    /// Limits of the gate's verdicts.
    pub limits: GateLimits,
    /// Limits of a run's verdicts; absent if the gate was calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bench: Option<BenchLimits>,
    /// The machine and toolchain.
    pub fingerprint: Fingerprint,
}

/// Limits of the verdicts of a run whose alternatives are compared alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BenchLimits {
    /// Probability that a verdict on two alternatives is wrong, over all looks at its blocks.
    pub error: f64,
    /// Differences that are too small to be told. 0.05 is 5%.
    pub same: f64,
    /// The same where several threads take part.
    pub same_threaded: f64,
    /// Most blocks of a trial. What is open then stays open.
    pub most_blocks: u32,
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
    /// The slow-down as it was set; absent where nothing was slowed, and in older files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<Dose>,
    /// The load on the machine; absent without one, and in older files, where it was a process that was
    /// always busy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<InjectedNoise>,
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
    /// Nothing, under a load of the machine.
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
    /// Only its code moved: the head is the base with its functions in another order. A regression is a
    /// false alarm.
    Moved {
        /// Number of code layouts of each side that blocks ran in turn; 0 if each side had one.
        layouts: u32,
    },
}

/// Two copies of one alternative, compared as a run compares alternatives. One of them is slowed by a
/// known amount, so the right answer is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BenchTrial {
    /// The workload.
    pub workload: String,
    /// Level: share of the workload's time by which one copy was to be slowed. 0.05 is 5%; 0 means
    /// that both copies are alike.
    pub by: f64,
    /// Number within the workload and level, from 0.
    pub number: u32,
    /// Share by which the copy was slowed, as measured when the dose was set; 0 at the level 0.
    pub injected: f64,
    /// The verdict on the two copies.
    pub verdict: BenchVerdict,
    /// By how much the copy was found slower: 0.05 is 5%. Absent before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<f64>,
    /// Largest difference that the verdict leaves possible; absent if the copies are told apart, and
    /// before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Number of blocks that were measured.
    pub blocks: u32,
    /// Its duration.
    pub elapsed_s: f64,
}

/// Verdict of a run on two copies of one alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BenchVerdict {
    /// They are told apart, and the copy that was to be slowed is slower.
    Slower,
    /// They are told apart, and the copy that was to be slowed is faster.
    Faster,
    /// No difference larger than the tolerance is possible.
    Same,
    /// Not decided within the blocks.
    Open,
}

/// A hot path that could not be slowed by this much closely enough, so that there are no trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The change that was asked for.
    pub kind_of_trial: TrialKind,
    /// The workload.
    pub workload: String,
    /// The form of the slow-down; absent in older files, where all were additional instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Word<DoseForm>>,
    /// The reason, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A calibration as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Its first line.
    pub start: CalibrationStart,
    /// Uses of the gate, in the order of the file.
    pub trials: Vec<Trial>,
    /// Comparisons of a run, in the order of the file.
    pub bench_trials: Vec<BenchTrial>,
    /// Doses that were set.
    pub doses: Vec<DoseOf>,
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
        Some(Self {
            start: *start,
            trials: Vec::new(),
            bench_trials: Vec::new(),
            doses: Vec::new(),
            left_out: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, record: CalibrationRecord) {
        match record {
            CalibrationRecord::Trial(trial) => self.trials.push(trial),
            CalibrationRecord::BenchTrial(trial) => self.bench_trials.push(trial),
            CalibrationRecord::Dose(dose) => self.doses.push(dose),
            CalibrationRecord::LeftOut(left_out) => self.left_out.push(left_out),
            CalibrationRecord::Calibration(_) | CalibrationRecord::Unknown => {}
        }
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Log;
    use serde_json::json;

    fn start(bench: Option<BenchLimits>) -> CalibrationStart {
        CalibrationStart {
            schema: crate::SCHEMA_VERSION,
            run: "a".to_owned(),
            started_unix_s: 0,
            tool: "example 0".to_owned(),
            effort: Effort::Quick.into(),
            program: "0123".to_owned(),
            limits: GateLimits::default(),
            bench,
            fingerprint: Fingerprint::default(),
        }
    }

    #[test]
    fn trials_of_a_run_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let limits = BenchLimits { error: 0.01, same: 0.05, same_threaded: 0.10, most_blocks: 46 };
        let trial = BenchTrial {
            workload: "a/b".to_owned(),
            by: 0.05,
            number: 3,
            injected: 0.047,
            verdict: BenchVerdict::Open,
            found: Some(0.031),
            at_most: Some(0.08),
            blocks: 46,
            elapsed_s: 3.5,
        };
        let mut log = Log::<Calibration>::create(folder.path(), "a").unwrap();
        let first = CalibrationRecord::Calibration(Box::new(start(Some(limits))));
        log.append(&first).unwrap();
        log.append(&CalibrationRecord::BenchTrial(trial.clone())).unwrap();
        let read = Calibration::read(log.path()).unwrap();
        assert_eq!((read.start.bench, &read.bench_trials), (Some(limits), &vec![trial]));
        assert_eq!((read.trials.len(), read.warnings.len()), (0, 0));
    }

    /// Before runs were calibrated, the first line had no limits of theirs.
    #[test]
    fn a_calibration_of_the_gate_has_no_limits_of_a_run() {
        let mut old = serde_json::to_value(start(None)).unwrap();
        assert_eq!(old.get("bench"), None);
        let read: CalibrationStart = serde_json::from_value(old.clone()).unwrap();
        assert_eq!(read, start(None));
        old["bench"] = json!({"error": 0.01, "same": 0.05, "same_threaded": 0.1});
        assert!(serde_json::from_value::<CalibrationStart>(old).is_err(), "half of the limits");
    }
}
