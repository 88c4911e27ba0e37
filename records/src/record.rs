//! The kinds of records.

use crate::{Axes, Counter, Instrument, Layout, Loop, Residency, RunEnd, RunStart};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of all formats: raised when a reader of the previous one would misunderstand. Fields
/// that are only added do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// One line of a run's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The first line.
    Run(Box<RunStart>),
    /// A question, and how its answer is drawn; before the records of its workloads.
    Comparison(Comparison),
    /// Times of one workload in one round.
    Samples(Samples),
    /// Counts of an iteration of a workload.
    Counts(Counts),
    /// Latencies of operations at a given rate.
    Latency(Latency),
    /// State of the machine during a part of a run.
    Noise(Noise),
    /// A workload that was not measured, or not to the end.
    Skipped(Skipped),
    /// The last line; a run without it was interrupted.
    End(RunEnd),
    /// A kind of a newer program.
    #[serde(other, skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// A group of workloads with the same axes, and how to look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Such as `file/load`.
    pub id: String,
    /// The question it answers, as a reader would ask it.
    pub title: String,
    /// The measurement, and its limits.
    pub explanation: String,
    /// The axis that plots run along.
    pub x_axis: String,
    /// Scale of that axis.
    pub x_scale: Scale,
    /// The axis of the alternatives.
    pub series_axis: String,
    /// The axis that is split into plots of their own, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facet_axis: Option<String>,
    /// The axes whose value is the user's to choose, each with the value that users get who do
    /// not choose. Those of [`Comparison::series_axis`] and [`Comparison::x_axis`] make verdicts.
    #[serde(default, skip_serializing_if = "Axes::is_empty")]
    pub defaults: Axes,
    /// Name of an item: `task`, `lookup`.
    pub item: String,
    /// Which figure plots show.
    pub display: Display,
}

/// End of the id of a null control, behind the id of the comparison that it controls.
pub const NULL_CONTROL: &str = "/null control";

impl Comparison {
    /// The id of the comparison whose default this compares with itself; `None` unless this is a null
    /// control.
    pub fn controls(&self) -> Option<&str> {
        self.id.strip_suffix(NULL_CONTROL)
    }
}

/// Scale of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Names side by side.
    Category,
    /// Numbers.
    Linear,
    /// Powers.
    Log,
}

/// Which figure plots show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// Nanoseconds an item; lower is better.
    TimePerItem,
    /// Bytes a second; higher is better.
    BytesPerSecond,
    /// Items a second; higher is better.
    ItemsPerSecond,
    /// Percentiles of an operation's latency in nanoseconds, by the rate at which operations
    /// are begun; lower is better. The figures are in [`Latency`] records.
    LatencyNs,
    /// Instructions an iteration; lower is better. The figures are in [`Counts`] records.
    Instructions,
}

/// One timing of a number of iterations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sample {
    /// Number of iterations, at least one.
    pub iterations: u64,
    /// Duration of all of them.
    pub total_ns: f64,
}

/// Times of one workload in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Samples {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// The work of one iteration.
    #[serde(flatten)]
    pub work: Work,
    /// The instrument: [`Instrument::Wall`].
    pub instrument: Instrument,
    /// The block, from 0: alternatives of one round were measured close together, in random
    /// order. A run that has [`RunLimits`](crate::RunLimits) makes more of them where they are needed.
    pub round: u32,
    /// The raw timings, in the order in which they were taken.
    pub samples: Vec<Sample>,
    /// Iterations that were thrown away because their condition did not hold (a file that was
    /// to be cold was not).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discarded: u64,
    /// Residency of files that were to be cold, before the iterations that count; absent where
    /// nothing was to be cold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<Residency>,
    /// Layout of a warm file in the page cache before the first iteration; absent where there was
    /// no such file, and in records from before it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
}

/// The workload that a record is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Subject {
    /// The workload's name, such as `file/load/populate/1MiB/warm`.
    pub workload: String,
    /// The [`Comparison`] it belongs to.
    pub comparison: String,
    /// Why it exists.
    pub reason: String,
    /// Its place in its comparison.
    pub axes: Axes,
    /// True for somebody else's code, to compare with.
    #[serde(default)]
    pub peer: bool,
}

/// The work of one iteration of a workload; it is known once the workload is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Work {
    /// Items that one iteration processes.
    pub items: u64,
    /// Bytes that one iteration processes, where that makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Threads of the process once an iteration has run, the main thread among them. Absent in
    /// records from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u64>,
}

/// Counts of one iteration of a workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// The work of one iteration.
    #[serde(flatten)]
    pub work: Work,
    /// The source of the counts.
    pub instrument: Counter,
    /// In which round, from 0.
    pub round: u32,
    /// Counts an iteration, by names that end in their unit where it is not the name itself:
    /// `instructions`, `heap_bytes`, `heap_blocks`, `page_faults_minor`. Counts that were
    /// not made are absent, never 0.
    pub counts: BTreeMap<String, f64>,
}

/// Latencies of operations that were begun at a fixed rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Latency {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// The work of one iteration.
    #[serde(flatten)]
    pub work: Work,
    /// The way in which operations were begun.
    pub instrument: Loop,
    /// In which round, from 0.
    pub round: u32,
    /// The rate that the schedule asked for; absent in a closed loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_per_s: Option<f64>,
    /// The rate that was reached.
    pub achieved_per_s: f64,
    /// Duration for which operations were begun.
    pub duration_s: f64,
    /// The latencies in nanoseconds, counted from the intended start of each operation: an
    /// HdrHistogram in its V2 compressed form, base64.
    pub histogram_ns: String,
    /// Percentiles of that histogram, by their names: `p50`, `p99.9`, `max`.
    pub percentiles_ns: BTreeMap<String, u64>,
}

/// Two costs of moving a cache line that differ by no more than this factor are of one regime of
/// the machine. Regimes that were seen are apart by 2 and more, repeated measurements of one by
/// 1.2.
const SAME_REGIME: f64 = 1.6;

/// Returns true if both costs of moving a cache line, in ns, are of one regime of the machine.
pub fn is_same_regime([one_ns, other_ns]: [f64; 2]) -> bool {
    one_ns.max(other_ns) <= one_ns.min(other_ns) * SAME_REGIME
}

/// State of the machine during a part of a run. Unknown values are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Noise {
    /// In which round, from 0.
    pub round: u32,
    /// The [`Comparison`] that was being measured.
    pub comparison: String,
    /// The instrument; absent in records from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Instrument>,
    /// Duration of this part of the run.
    pub elapsed_s: f64,
    /// Share of all processors' time that the host gave to other guests, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_percent: Option<f64>,
    /// The system's load average over a minute, at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_1min: Option<f64>,
    /// Number of times that measuring processes lost their processor involuntarily.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    /// Cost of moving a cache line between the processors in use, one way, before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_move_ns: Option<[f64; 2]>,
    /// Time that a thread takes for arithmetic while another computes as well, as a multiple of
    /// its time alone, before and after: about 1 on processors of their own, more on one shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_core: Option<[f64; 2]>,
    /// Why this part of the run is not to be trusted, in sentences; empty when it was quiet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A workload that an instrument did not measure, or only at first. Figures that come later in the file take
/// it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Skipped {
    /// The workload's name.
    pub workload: String,
    /// The [`Comparison`] it belongs to.
    pub comparison: String,
    /// The instrument that did not measure it, or broke off; absent in records from before this was
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Instrument>,
    /// Why, and what would help.
    pub why: String,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}
