//! The settings of the executor's last start, for reports: a shutdown resets the settings
//! themselves.

use super::control::{Mode, mode, requested_workers};
use super::process::Process;
use crate::environment::choices::Origin;

/// The settings of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) mode: Mode,
    /// The number of workers that was requested, and is used in Threaded mode.
    pub(crate) workers: usize,
    pub(crate) workers_from: Origin,
    /// The number of threads that the system provided: 0 in Manual mode.
    pub(crate) started: usize,
}

/// The starts of a process's executor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starts {
    pub(crate) count: u64,
    pub(super) last: Option<Start>,
}

impl Starts {
    pub(super) const fn new() -> Self {
        Self { count: 0, last: None }
    }

    /// Notes a start that has succeeded.
    pub(super) fn note(&mut self, start: Start) {
        self.count += 1;
        self.last = Some(start);
    }

    /// Returns the settings of the last start. If there was none, returns those that one would
    /// have now.
    pub(crate) fn settings(&self) -> Start {
        self.last.unwrap_or_else(|| {
            let (workers, workers_from) = requested_workers();
            Start { mode: mode(), workers, workers_from, started: 0 }
        })
    }
}

/// Returns the starts of the calling process's executor so far.
pub(crate) fn starts() -> Starts {
    *Process::current().starts.lock()
}
