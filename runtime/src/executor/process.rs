//! What the executor of one process is made of.
//!
//! A fork copies the memory, but of the threads only the one that forks. So a child gets all of
//! this anew, and its parent's is never looked at there. What the forking thread is in the middle
//! of is seen to by [`after_fork`].

use super::blocked::Blocked;
use super::control::{self, Running};
use super::joins::Joins;
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
    /// Jobs that no worker has for its own.
    pub(super) queue: SharedQueue,
    /// How idle workers sleep; see `README.md`.
    pub(super) sleep: Sleep,
    /// With the pool, in Threaded mode while it runs.
    pub(super) phases: Phases<Option<Running>>,
    pub(super) blocked: CachePadded<Lock<Blocked>>,
    pub(super) joins: Lock<Joins>,
    pub(super) stats: Stats,
    /// Entries of the queue, put there in Manual mode, whose futures have been claimed elsewhere.
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
            stale: CachePadded(AtomicI64::new(0)),
        }
    }

    /// The calling process's.
    #[inline(always)]
    pub(super) fn current() -> &'static Self {
        PROCESS.get()
    }

    /// False if the calling thread has come into a forked child since it got this.
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
