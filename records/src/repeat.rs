//! What a profiler and the process that it profiles say to each other.
//!
//! The process prepares its workload, runs the measured part again and again, and says
//! afterwards when that was, so that set-up can be told from it.

pub use crate::harness::{MEASURED, Repeated, SampledStack};

use serde::{Deserialize, Serialize};

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
