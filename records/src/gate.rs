//! Records of a comparison of two builds, from which the gate's verdict is made.

mod builds;
mod limits;

pub use builds::{Build, GateSuite, Harness, SameProgram};
pub use limits::GateLimits;

use crate::words::known_words;
use crate::{Effort, Fingerprint, LogFile, Side, Subject, Witness, Word};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GateRecord {
    /// The first line.
    Gate(Box<GateStart>),
    /// A workload that is to be judged; all of them before what is measured.
    Candidate(Candidate),
    /// A workload that only one of the builds has.
    OnlyIn(OnlyIn),
    /// Times of one block.
    Block(Block),
    /// Counts of an iteration of a workload, in one build.
    Counted(Counted),
    /// A workload that can no longer be measured under an instrument.
    Retired(Retired),
    /// Where profiles of a workload are that was found slower.
    Profiled(Profiled),
    /// The last line; a comparison without it was interrupted.
    GateEnd(GateEnd),
    /// A kind of a newer program.
    #[serde(other, skip_serializing)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// First line of a comparison: builds, time, machine and limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateStart {
    /// [`SCHEMA_VERSION`](crate::SCHEMA_VERSION) of the writer.
    pub schema: u32,
    /// The comparison's name, unique on its machine.
    pub run: String,
    /// Seconds since 1970 in UTC.
    pub started_unix_s: u64,
    /// The measuring program and its version.
    pub tool: String,
    /// Effort that chose the workloads to be judged.
    #[serde(rename = "setting", alias = "effort")]
    pub effort: Word<Effort>,
    /// Patterns that the workloads were chosen by, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Witnesses that it was restricted to, if it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known_words")]
    pub instruments: Vec<Witness>,
    /// Number of [`Candidate`]s that follow.
    pub candidates: u64,
    /// Seed of all orders.
    pub seed: u64,
    /// The build that is compared with.
    pub base: Build,
    /// The build that is judged.
    pub head: Build,
    /// Origin of the harness of both builds.
    pub harness: Harness,
    /// Remarks on the builds, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The user's own tree of sources, if workloads that read sources had that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corpus: Option<PathBuf>,
    /// The suite that the workloads are of, if they are benchmarks of anybody's repository; absent for
    /// workloads of the harness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<GateSuite>,
    /// Number of code layouts of each side in each stage, if blocks ran them in turn; absent if all of
    /// them ran the programs as they were linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layouts: Option<u32>,
    /// If there, both builds are the same program, and nothing is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_program: Option<SameProgram>,
    /// Limits of the verdict.
    pub limits: GateLimits,
    /// The machine and toolchain.
    pub fingerprint: Fingerprint,
}

/// A workload that is to be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// Witnesses by which it is judged.
    pub instruments: Vec<Witness>,
}

/// A workload that only one build has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OnlyIn {
    /// Its name.
    pub workload: String,
    /// Which build.
    pub side: Side,
}

/// Purpose of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To find suspects among all workloads.
    Screen,
    /// To judge a suspect by blocks that did not make it one.
    Confirm,
}

/// Times of one block: fresh processes of the base, the head, and the base once more take turns
/// while the others are blocked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Block {
    /// The workload.
    pub workload: String,
    /// Its purpose.
    pub stage: Stage,
    /// Number within the stage, from 0.
    pub block: u32,
    /// In the order in which they were taken.
    pub turns: Vec<Turn>,
    /// Share of all processors' time that the host gave to other guests, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_percent: Option<f64>,
    /// Time that the block took in seconds, the start of its processes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_s: Option<f64>,
}

/// One turn of one process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Turn {
    /// The build of the process.
    pub side: Side,
    /// Iterations of each sample.
    pub iterations: u64,
    /// Duration of all iterations of each sample.
    pub totals_ns: Vec<f64>,
    /// Page faults without input or output, over all samples.
    pub page_faults_minor: u64,
    /// Number of times that the process lost its processor involuntarily.
    pub involuntary_switches: u64,
}

/// Counts of one iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counted {
    /// The workload.
    pub workload: String,
    /// In which build.
    pub side: Side,
    /// [`Stage::Confirm`] for the second count of a suspected regression.
    pub stage: Stage,
    /// Instructions that were executed.
    pub instructions: u64,
    /// Calls of the C library's functions that allocate.
    pub allocations: u64,
}

/// A workload that is no longer measured under an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Retired {
    /// Its name.
    pub workload: String,
    /// The witness that it is lost for.
    pub instrument: Witness,
    /// The build that cannot run it; absent if neither can, or the reason lies elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Why, and what would help.
    pub why: String,
}

/// Where the instructions of a workload went in both builds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Profiled {
    /// The workload.
    pub workload: String,
    /// Scope of the counts: `an iteration` or `the whole process`.
    pub scope: String,
    /// Instructions of both builds.
    pub totals: [u64; 2],
    /// The functions that changed most.
    pub functions: Vec<FunctionCost>,
    /// Folded stacks and the differential flame graph, as names of files beside this one.
    pub files: Vec<String>,
}

/// The instructions of a function itself, without what it calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FunctionCost {
    /// Its name, demangled.
    pub function: String,
    /// In the base.
    pub base: u64,
    /// In the head.
    pub head: u64,
}

/// Last line of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateEnd {
    /// Seconds since 1970 in UTC.
    pub finished_unix_s: u64,
}

/// A comparison as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Its first line.
    pub start: GateStart,
    /// In the order of the file, as all that follow.
    pub candidates: Vec<Candidate>,
    /// Workloads that only one build has.
    pub only_in: Vec<OnlyIn>,
    /// Times.
    pub blocks: Vec<Block>,
    /// Counts.
    pub counted: Vec<Counted>,
    /// Workloads that are no longer measured.
    pub retired: Vec<Retired>,
    /// Profiles of what was found slower.
    pub profiled: Vec<Profiled>,
    /// Missing if the comparison was interrupted.
    pub end: Option<GateEnd>,
    /// Remarks on the file, in sentences.
    pub warnings: Vec<String>,
}

impl Gate {
    /// A comparison that has only begun.
    pub fn begun(start: GateStart) -> Self {
        Self {
            start,
            candidates: Vec::new(),
            only_in: Vec::new(),
            blocks: Vec::new(),
            counted: Vec::new(),
            retired: Vec::new(),
            profiled: Vec::new(),
            end: None,
            warnings: Vec::new(),
        }
    }
}

impl LogFile for Gate {
    type Line = GateRecord;

    const NAME: &'static str = "comparison of two builds";

    fn begin(first: GateRecord) -> Option<Self> {
        let GateRecord::Gate(start) = first else { return None };
        Some(Self::begun(*start))
    }

    fn add(&mut self, record: GateRecord) {
        match record {
            GateRecord::Candidate(candidate) => self.candidates.push(candidate),
            GateRecord::OnlyIn(only_in) => self.only_in.push(only_in),
            GateRecord::Block(block) => self.blocks.push(block),
            GateRecord::Counted(counted) => self.counted.push(counted),
            GateRecord::Retired(retired) => self.retired.push(retired),
            GateRecord::Profiled(profiled) => self.profiled.push(profiled),
            GateRecord::GateEnd(end) => self.end = Some(end),
            GateRecord::Gate(_) | GateRecord::Unknown => {}
        }
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}
