//! A run as a whole, with its first and its last line.

use crate::plausible::{Implausible, implausible};
use crate::words::known_keys;
use crate::{
    Axes, Comparison, Counter, Counts, Effort, Fingerprint, Instrument, Latency, LogFile, Noise,
    Record, SCHEMA_VERSION, Sample, Samples, Skipped, Subject, Verb, Word, Work,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// First line of a run: program, time, machine and settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunStart {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u32,
    /// The run's name, unique on its machine.
    pub run: String,
    /// Seconds since 1970 in UTC.
    pub started_unix_s: u64,
    /// The measuring program and its version.
    pub tool: String,
    /// The effort.
    #[serde(rename = "profile", alias = "effort")]
    pub effort: Word<Effort>,
    /// Seed of the order in which workloads were run.
    pub seed: u64,
    /// Filters that chose the workloads, as on the command line; none chooses all of the effort.
    /// Absent in records from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<String>>,
    /// Number of rounds that each instrument was to have; those that are not named were not used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "known_keys")]
    pub rounds: BTreeMap<Instrument, u32>,
    /// Settings that make up the effort.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Limits of the verdicts of a run that measures blocks until it has them. Absent in a run of
    /// a fixed number of rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<RunLimits>,
    /// The command line that began a run of programs of anybody. Absent in a run of workloads of
    /// the catalogue; its effort says nothing where this is present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The machine, toolchain and sources.
    pub fingerprint: Fingerprint,
}

impl RunStart {
    /// A start for examples and tests: an empty fingerprint.
    #[doc(hidden)]
    pub fn example() -> Self {
        Self {
            schema: SCHEMA_VERSION,
            run: "example".to_owned(),
            started_unix_s: 0,
            tool: "example 0".to_owned(),
            effort: Effort::Quick.into(),
            seed: 0,
            filters: None,
            rounds: BTreeMap::new(),
            settings: BTreeMap::new(),
            limits: None,
            origin: None,
            fingerprint: Fingerprint::default(),
        }
    }
}

/// The command line of a run that measures programs of anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Origin {
    /// The verb.
    pub verb: Word<Verb>,
    /// Its arguments, in order.
    pub arguments: Vec<String>,
}

/// Limits of the verdicts of a run that measures blocks until it has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunLimits {
    /// Probability that a verdict on two alternatives is wrong, over all looks at its blocks.
    pub error: f64,
    /// Differences that are too small to be told: two alternatives are the same if no larger one
    /// is possible. 0.05 is 5%.
    pub same: f64,
    /// The same where several threads take part.
    pub same_threaded: f64,
    /// Time for all of it, in seconds. What is open then stays open.
    pub budget_s: f64,
}

/// Last line of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunEnd {
    /// Seconds since 1970 in UTC.
    pub finished_unix_s: u64,
    /// Workloads with samples.
    pub measured: u64,
    /// Workloads without.
    pub skipped: u64,
    /// Workloads of the catalogue that the run did not select.
    #[serde(default)]
    pub not_selected: u64,
    /// Questions of the run: choices, and comparisons with peers. Absent in records from before
    /// this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<u64>,
    /// Questions that were answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<u64>,
}

impl Samples {
    /// Samples of one iteration each for examples and tests: of the workload `a/b`, in round 0.
    #[doc(hidden)]
    pub fn example(totals_ns: &[f64]) -> Self {
        let sample = |total_ns: &f64| Sample { iterations: 1, total_ns: *total_ns };
        Self {
            subject: Subject {
                workload: "a/b".to_owned(),
                comparison: "a".to_owned(),
                reason: String::new(),
                axes: Axes::default(),
                peer: false,
            },
            work: Work { items: 1, bytes: None, threads: Some(1) },
            instrument: Instrument::Wall,
            round: 0,
            samples: totals_ns.iter().map(sample).collect(),
            discarded: 0,
            residency: None,
            layout: None,
        }
    }
}

/// A run as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its first line.
    pub start: RunStart,
    /// In the order of the file.
    pub comparisons: Vec<Comparison>,
    /// In the order of the file.
    pub samples: Vec<Samples>,
    /// In the order of the file.
    pub counts: Vec<Counts>,
    /// In the order of the file.
    pub latencies: Vec<Latency>,
    /// In the order of the file.
    pub noise: Vec<Noise>,
    /// In the order of the file.
    pub skipped: Vec<Skipped>,
    /// Missing if the run was interrupted.
    pub end: Option<RunEnd>,
    /// Remarks on the file, in sentences.
    pub warnings: Vec<String>,
}

impl Run {
    /// A run of which nothing has been measured yet.
    pub fn begun(start: RunStart) -> Self {
        Self {
            start,
            comparisons: Vec::new(),
            samples: Vec::new(),
            counts: Vec::new(),
            latencies: Vec::new(),
            noise: Vec::new(),
            skipped: Vec::new(),
            end: None,
            warnings: Vec::new(),
        }
    }

    /// Forgets that an instrument skipped a workload: it measured it in the end.
    fn take_back_skip(&mut self, workload: &str, instrument: Instrument) {
        self.skipped.retain(|one| one.workload != workload || one.instrument != Some(instrument));
    }
}

impl LogFile for Run {
    type Line = Record;

    const NAME: &'static str = "run";

    fn begin(first: Record) -> Option<Self> {
        let Record::Run(start) = first else { return None };
        Some(Self::begun(*start))
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Comparison(comparison) => self.comparisons.push(comparison),
            Record::Samples(samples) => {
                self.take_back_skip(&samples.subject.workload, samples.instrument);
                self.samples.push(samples);
            }
            Record::Counts(counts) => {
                let instrument = match counts.instrument {
                    Counter::Os => Instrument::Os,
                    Counter::Heap | Counter::Instructions => Instrument::Instructions,
                };
                self.take_back_skip(&counts.subject.workload, instrument);
                self.counts.push(counts);
            }
            Record::Latency(latency) => {
                self.take_back_skip(&latency.subject.workload, Instrument::Latency);
                self.latencies.push(latency);
            }
            Record::Noise(noise) => self.noise.push(noise),
            Record::Skipped(skipped) => self.skipped.push(skipped),
            Record::End(end) => self.end = Some(end),
            Record::Run(_) | Record::Unknown => {}
        }
    }

    fn implausible(line: &Record) -> Option<Implausible> {
        implausible(line)
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    fn finish(&mut self) {
        if self.end.is_none() {
            self.warn("the run was interrupted: what it measured until then is shown".to_owned());
        }
    }
}
