//! The executor's counters: owned by the counting thread, summed on request.
//!
//! A counter is written only by its thread, with a relaxed load and store, so counting touches no
//! shared cache line. A thread's block outlives it and passes, counts included, to the next thread
//! that needs one. So nothing is lost, and there are only as many blocks as threads were ever alive
//! at once. A forked child starts counting from zero, and does not count what its parent's tasks on
//! its thread's stack still do.

use super::process::Process;
use crate::file::{LoadCounters, Loads, Prefault};
use crate::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use crate::sync::counted::try_box;
use crate::sync::{CachePadded, Lock};

/// Counts of the executor's work since the process began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct ExecutorStats {
    /// Tasks accepted: futures queued and functions submitted.
    pub submitted: u64,
    /// Accepted tasks that are over, wherever they ran, and those cancelled. The difference to
    /// `submitted` is waiting or running.
    pub completed: u64,
    /// Futures whose body the awaiting thread ran itself.
    pub inline_run: u64,
    /// Tasks a worker took from another worker's queue.
    pub stolen: u64,
    /// Times a worker went to sleep.
    pub parks: u64,
    /// Times a sleeping worker was woken for a task.
    pub wakes: u64,
    /// Bodies that ended in a panic.
    pub panics: u64,
}

/// One thread's counters.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) submitted: Counter,
    pub(crate) completed: Counter,
    pub(crate) inline_run: Counter,
    pub(crate) stolen: Counter,
    pub(crate) parks: Counter,
    pub(crate) wakes: Counter,
    pub(crate) panics: Counter,
    pub(crate) loads: LoadCounters,
}

/// A counter that one thread at a time writes.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[inline(always)]
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of a process.
pub(super) struct Stats {
    blocks: Lock<Blocks>,
    /// For threads whose end is not noticed (those in their last moments, and all threads where the
    /// system does not report ends), and for those that began without memory. They all share it, so
    /// a count may be lost there.
    late: CachePadded<Counters>,
}

struct Blocks {
    all: Vec<&'static Counters>,
    free: Vec<&'static Counters>,
}

impl Stats {
    pub(super) const fn new() -> Self {
        let blocks = Blocks { all: Vec::new(), free: Vec::new() };
        Self { blocks: Lock::new(blocks), late: CachePadded(Counters::new()) }
    }
}

/// A forked child continues its parent's numbers.
static NEXT_TASK_ID: CachePadded<AtomicI64> = CachePadded(AtomicI64::new(1));
const IDS_PER_BLOCK: i64 = 1024;

impl Counters {
    const fn new() -> Self {
        Self {
            submitted: Counter::new(),
            completed: Counter::new(),
            inline_run: Counter::new(),
            stolen: Counter::new(),
            parks: Counter::new(),
            wakes: Counter::new(),
            panics: Counter::new(),
            loads: LoadCounters::new(),
        }
    }
}

/// Returns a block for the calling thread, which gives it back when it ends, if that is noticed.
pub(super) fn lease(end_is_noticed: bool) -> &'static Counters {
    let stats = &Process::current().stats;
    if !end_is_noticed {
        return &stats.late.0;
    }
    stats.blocks.lock().lease().unwrap_or(&stats.late.0)
}

impl Blocks {
    /// Returns `None` without memory.
    fn lease(&mut self) -> Option<&'static Counters> {
        if let Some(block) = self.free.pop() {
            return Some(block);
        }
        self.all.try_reserve(1).ok()?;
        // Makes room for the block to be given back.
        self.free.try_reserve(self.all.len() + 1).ok()?;
        let block: &'static CachePadded<Counters> =
            Box::leak(try_box(CachePadded::default()).ok()?);
        self.all.push(&block.0);
        Some(&block.0)
    }
}

/// Takes a thread's block back.
pub(super) fn give_back(block: &'static Counters) {
    let stats = &Process::current().stats;
    if !std::ptr::eq(block, &stats.late.0) {
        stats.blocks.lock().free.push(block);
    }
}

pub(super) fn reserve_task_ids() -> (i64, i64) {
    let start = NEXT_TASK_ID.fetch_add(IDS_PER_BLOCK, Ordering::Relaxed);
    (start, start + IDS_PER_BLOCK)
}

/// Returns the sum over all threads, alive or not. Counters change while they are read: two that
/// belong together may differ by one task.
pub fn stats() -> ExecutorStats {
    let stats = &Process::current().stats;
    let blocks = stats.blocks.lock();
    let mut sum = ExecutorStats::default();
    for counters in blocks.all.iter().copied().chain([&stats.late.0]) {
        sum.submitted += counters.submitted.get();
        sum.completed += counters.completed.get();
        sum.inline_run += counters.inline_run.get();
        sum.stolen += counters.stolen.get();
        sum.parks += counters.parks.get();
        sum.wakes += counters.wakes.get();
        sum.panics += counters.panics.get();
    }
    sum
}

/// Returns the loads of files of all threads, by the number of the strategy that was used.
pub(crate) fn loads() -> [Loads; Prefault::ALL.len()] {
    let stats = &Process::current().stats;
    let blocks = stats.blocks.lock();
    let mut sum = [Loads::default(); Prefault::ALL.len()];
    for counters in blocks.all.iter().copied().chain([&stats.late.0]) {
        counters.loads.add_to(&mut sum);
    }
    sum
}
