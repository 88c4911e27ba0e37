//! Programs of anybody that were profiled as a whole, and how their processes ended.

use crate::{Ending, View, Word};
use serde::{Deserialize, Serialize};

/// A program of anybody that was profiled as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProfiledProgram {
    /// Its command line, a word each.
    pub command: Vec<String>,
    /// The process that was looked at while it ran; absent if the profiler started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}

/// A process of a program that was profiled as a whole: one a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProcessEnd {
    /// The view that it ran for.
    pub view: View,
    /// The way in which it ended.
    pub ending: Word<Ending>,
    /// Its exit code, or the number of the signal that ended it; absent for other endings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// From the start of the tool that watched it to the end of that.
    pub lasted_ns: u64,
    /// Both of its outputs: a file beside this one; absent if it printed nothing, or was
    /// not started by the profiler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}
