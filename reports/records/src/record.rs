//! The kinds of records.

use crate::{Axes, Fingerprint};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised when a reader of the former version would misunderstand; fields that are only
/// added do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// One line of a run's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The first line.
    Run(RunStart),
    /// What a group of workloads is compared for; before the samples of that group.
    Comparison(Comparison),
    /// What was measured of one workload in one round.
    Samples(Samples),
    /// A workload that was not measured.
    Skipped(Skipped),
    /// The last line; a run without it was interrupted.
    End(RunEnd),
}

/// Who measured, when, where and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u32,
    /// The run's name, unique on its machine.
    pub run: String,
    /// Seconds since 1970 in UTC.
    pub started_unix_s: u64,
    /// The measuring program and its version.
    pub tool: String,
    /// Which set of settings: `quick`, `full`.
    pub profile: String,
    /// Seed of the order in which workloads were run.
    pub seed: u64,
    /// Settings that make up the profile.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
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
            profile: "quick".to_owned(),
            seed: 0,
            settings: BTreeMap::new(),
            fingerprint: Fingerprint::default(),
        }
    }
}

/// A group of workloads with the same axes, and how to look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Such as `file/load`.
    pub id: String,
    /// The question it answers, as a reader would ask it.
    pub title: String,
    /// What is measured, and what that does not say.
    pub explanation: String,
    /// The axis that plots run along.
    pub x_axis: String,
    /// How that axis is drawn.
    pub x_scale: Scale,
    /// The axis of the alternatives.
    pub series_axis: String,
    /// The axis that is split into plots of their own, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facet_axis: Option<String>,
    /// What an item is: `task`, `lookup`.
    pub item: String,
    /// Which figure plots show.
    pub display: Display,
}

/// How an axis is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Names side by side.
    Category,
    /// Numbers.
    Linear,
    /// Powers.
    Log,
}

/// Which figure of the samples plots show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// Nanoseconds an item; lower is better.
    TimePerItem,
    /// Bytes a second; higher is better.
    BytesPerSecond,
    /// Items a second; higher is better.
    ItemsPerSecond,
}

/// One timing: so many iterations took so long together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// How often the workload ran, at least once.
    pub iterations: u64,
    /// How long all of these took.
    pub total_ns: f64,
}

/// What was measured of one workload in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// The workload's name, such as `file/load/populate/1MiB/warm`.
    pub workload: String,
    /// The [`Comparison`] it belongs to.
    pub comparison: String,
    /// Why it exists.
    pub reason: String,
    /// Where it stands in its comparison.
    pub axes: Axes,
    /// Whether it is somebody else's code, to compare with.
    #[serde(default)]
    pub peer: bool,
    /// Items that one iteration processes.
    pub items: u64,
    /// Bytes that one iteration processes, where that makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What measured it: `wall`.
    pub instrument: String,
    /// In which round, from 0. Alternatives of one round were measured close together, in
    /// random order.
    pub round: u32,
    /// The raw timings, in the order in which they were taken.
    pub samples: Vec<Sample>,
}

/// A workload that was not measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The workload's name.
    pub workload: String,
    /// The [`Comparison`] it belongs to.
    pub comparison: String,
    /// Why, and what would help.
    pub why: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// Seconds since 1970 in UTC.
    pub finished_unix_s: u64,
    /// Workloads with samples.
    pub measured: u64,
    /// Workloads without.
    pub skipped: u64,
}
