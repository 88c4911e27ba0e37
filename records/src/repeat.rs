//! What a profiler and the process that it profiles say to each other.
//!
//! The process prepares its workload, runs the measured part again and again, and says
//! afterwards when that was, so that set-up can be told from it.

use crate::ThreadTotals;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The function that calls the measured part: the outermost frame that belongs to it, on the
/// thread that runs it. It is a symbol of this name, without mangling.
pub const MEASURED: &str = "simple_bench_measured";

/// A workload that could be profiled: a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub workload: String,
    /// The least setting that measures it.
    pub setting: String,
    /// Whether it is somebody else's code, to compare with.
    pub peer: bool,
    /// Whether it is one of those whose iterations are counted, which run on one thread alone.
    pub is_counted: bool,
}

/// What the process says when it is done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repeated {
    /// How often the measured part ran.
    pub iterations: u64,
    /// How long that took together, in its windows.
    pub measured_ns: u64,
    /// When it ran: from and to, in nanoseconds of `CLOCK_MONOTONIC`, ascending and apart.
    pub windows: Vec<[u64; 2]>,
    /// What was counted inside of the windows, by the kernel and by the runtime.
    pub counters: BTreeMap<String, u64>,
    /// Stacks that the process took of itself, if it was asked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stacks: Vec<SampledStack>,
    /// What threads of the executor did, if a timeline was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<ThreadTotals>,
    /// What a reader should know, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A stack that was seen so often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledStack {
    /// The thread's name.
    pub thread: String,
    /// The thread's number, unique in the process.
    pub tid: u64,
    /// The functions, innermost first, without those that were inlined.
    pub frames: Vec<String>,
    /// How often.
    pub count: u64,
}
