//! Counters of loads, for tests and reports.

use super::Prefault;
use crate::executor;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};

pub(super) type Counter = CachePadded<AtomicU64>;

pub(super) static LOADS_BY_WAITERS: Counter = CachePadded(AtomicU64::new(0));
pub(super) static LOADS_BY_LOADERS: Counter = CachePadded(AtomicU64::new(0));
pub(super) static LOADER_STARTS: Counter = CachePadded(AtomicU64::new(0));
pub(super) static LOADER_WAKES: Counter = CachePadded(AtomicU64::new(0));

pub(super) fn count(counter: &Counter) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Counters of the process's files so far. They only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileStats {
    /// Loads run by a thread that waited for the file.
    pub loads_by_waiters: u64,
    /// Loads run by a loader thread.
    pub loads_by_loaders: u64,
    /// Loader threads started.
    pub loader_starts: u64,
    /// Times a sleeping loader was woken.
    pub loader_wakes: u64,
}

/// Returns the counters. Each is exact; together they are a snapshot.
pub fn stats() -> FileStats {
    let read = |counter: &Counter| counter.load(Ordering::Relaxed);
    FileStats {
        loads_by_waiters: read(&LOADS_BY_WAITERS),
        loads_by_loaders: read(&LOADS_BY_LOADERS),
        loader_starts: read(&LOADER_STARTS),
        loader_wakes: read(&LOADER_WAKES),
    }
}

const STRATEGIES: usize = Prefault::ALL.len();

/// Loads that have succeeded with one strategy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Loads {
    pub(crate) files: u64,
    pub(crate) loaded_bytes: u64,
}

/// One thread's loads, by the number of the strategy that was used in the end.
#[derive(Debug)]
pub(crate) struct LoadCounters([(executor::Counter, executor::Counter); STRATEGIES]);

impl Default for LoadCounters {
    fn default() -> Self {
        Self::new()
    }
}

impl LoadCounters {
    pub(crate) const fn new() -> Self {
        Self([const { (executor::Counter::new(), executor::Counter::new()) }; STRATEGIES])
    }

    /// Owner: counts a load.
    pub(super) fn count(&self, used: Prefault, len_bytes: usize) {
        let (files, loaded_bytes) = &self.0[used as usize];
        files.add(1);
        loaded_bytes.add(len_bytes as u64);
    }

    /// Adds this thread's loads to `sum`.
    pub(crate) fn add_to(&self, sum: &mut [Loads; STRATEGIES]) {
        for ((files, loaded_bytes), sum) in self.0.iter().zip(sum) {
            sum.files += files.get();
            sum.loaded_bytes += loaded_bytes.get();
        }
    }
}
