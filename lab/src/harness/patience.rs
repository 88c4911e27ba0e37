//! Patience with processes: beyond it, something hangs.

use simple_records::harness::{Amount, Request};
use std::time::Duration;

/// Time to start, also under valgrind.
pub const START: Duration = Duration::from_secs(120);

/// Time to end, which includes what a tool writes about the process.
pub const END: Duration = Duration::from_secs(300);

/// Time to install a tool.
pub const BUILD: Duration = Duration::from_secs(1800);

/// Time for a program to report facts: git, cargo, rustc.
pub const ANSWER: Duration = Duration::from_secs(60);

/// Time for any workload to be prepared or measured, with any effort, also under valgrind.
pub const WORKLOAD: Duration = Duration::from_secs(300);

/// Factor by which a profiler may slow a workload down. Making the conditions of iterations takes
/// time as well.
const SLOWER: u32 = 20;

/// Time to serve a request.
pub fn patience(request: &Request) -> Duration {
    match request {
        Request::Catalogue => ANSWER,
        Request::Prepare { .. } | Request::Check | Request::Measure { .. } | Request::Count => {
            WORKLOAD
        }
        Request::WarmUp { .. } | Request::Time { .. } => WORKLOAD,
        Request::Repeat(repeat) => match repeat.amount {
            Amount::Iterations(_) => WORKLOAD,
            Amount::ForMs(ms) => watched(Duration::from_millis(ms)),
        },
    }
}

/// Time for a program that watches a workload for `time`, or reads the recording.
pub fn watched(time: Duration) -> Duration {
    WORKLOAD + time * SLOWER
}
