//! The executor state of one process.
//!
//! A fork copies the memory, but only the forking thread. So a child gets new state for all of
//! this, and never reads its parent's. [`after_fork`] handles what the forking thread is in the
//! middle of.

use super::blocked::Blocked;
use super::control::{self, Running};
use super::joins::Joins;
use super::last_start::Starts;
use super::local;
use super::phases::Phases;
use super::shared_queue::SharedQueue;
use super::sleep::Sleep;
use super::stats::Stats;
use crate::sync::atomic::AtomicI64;
use crate::sync::fork::PerProcess;
use crate::sync::{CachePadded, Lock};
use std::ptr;

pub(super) struct Process {
    /// Jobs that are in no worker's own queue.
    pub(super) queue: SharedQueue,
    /// The sleep of idle workers; see `README.md`.
    pub(super) sleep: Sleep,
    /// Holds the pool, in Threaded mode while it runs.
    pub(super) phases: Phases<Option<Running>>,
    pub(super) blocked: CachePadded<Lock<Blocked>>,
    pub(super) joins: Lock<Joins>,
    pub(super) stats: Stats,
    pub(super) starts: Lock<Starts>,
    /// Entries put in the queue in Manual mode whose futures have been claimed elsewhere.
    pub(super) stale: CachePadded<AtomicI64>,
}

static PROCESS: PerProcess<Process> = PerProcess::new(Process::new(), Process::new);

impl Process {
    const fn new() -> Self {
        Self {
            queue: SharedQueue::new(),
            sleep: Sleep::new(),
            phases: Phases::new(None),
            blocked: CachePadded(Lock::new(Blocked::new())),
            joins: Lock::new(Joins::new()),
            stats: Stats::new(),
            starts: Lock::new(Starts::new()),
            stale: CachePadded(AtomicI64::new(0)),
        }
    }

    /// Returns the calling process's state.
    #[inline(always)]
    pub(super) fn current() -> &'static Self {
        PROCESS.get()
    }

    /// False if the calling thread is in a forked child that did not exist when it got this.
    #[inline(always)]
    pub(super) fn is_current(&self) -> bool {
        ptr::eq(self, Self::current())
    }
}

/// Called once in each child, by its only thread, before anything else.
pub(crate) fn after_fork() {
    control::forget_settings();
    local::with(local::Local::leave_parent);
}
