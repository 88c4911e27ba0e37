//! What a comparison of two builds and its measuring processes say to each other: one JSON
//! value a line, requests on the standard input, replies on the standard output.
//!
//! A process prepares its workload, replies [`Reply::Ready`], and then is blocked in a read
//! unless a request is being served: idle, it costs nothing. It ends with its input.

use serde::{Deserialize, Serialize};

/// What a measuring process is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Run the workload for at least so long, and find out how fast it is.
    WarmUp {
        /// How long.
        at_least_ns: u64,
    },
    /// Time samples, after an iteration that brings the caches back.
    Measure {
        /// Iterations of each sample.
        iterations: u64,
        /// How many samples.
        samples: u32,
    },
}

/// What it replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// The workload is prepared.
    Ready,
    /// It has run for a while.
    WarmedUp {
        /// How long an iteration takes, roughly, with all that is not measured of it: what
        /// makes its condition.
        iteration_ns: f64,
    },
    /// The samples.
    Measured {
        /// How long the iterations of each sample took together.
        totals_ns: Vec<f64>,
        /// Page faults without input or output, over all samples.
        page_faults_minor: u64,
        /// How often the process lost its processor without having asked.
        involuntary_switches: u64,
    },
    /// It cannot be measured; the process ends.
    Failed {
        /// Why, and what would help.
        why: String,
    },
}
