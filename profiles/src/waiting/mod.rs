//! Waits of threads, with their reasons and wakers.
//!
//! They are read from a recording of the scheduler's events; [`perf`](crate::perf) says how to make
//! one. The pictures are Brendan Gregg's off-CPU and wake-up flame graphs in one
//! (<https://www.brendangregg.com/offcpuanalysis.html>).
//!
//! A thread is off the processor from `sched_switch` until it is switched in again. This
//! includes the time from being woken to running, which is also summed up apart
//! ([`Sum::runnable_ns`]). Only the measured part counts.
//!
//! # Stacks
//!
//! The thread and the functions of the program, as in [`sample`](crate::sample), then
//!
//! * the [`Kind`] of wait, such as `[futex]`, which can be searched for;
//! * the waker: `[woken by NAME]`, followed by the inner functions that woke it, innermost last, so
//!   that they are read in the same direction as all others; `[woken from outside]` for timers,
//!   devices, the kernel and other programs; `[not woken]` if it waited until the end. Newer
//!   kernels (seen in 6.18) hide the end of a thread from perf: a thread that joins it is woken
//!   from outside.

mod intervals;
mod kind;
mod payload;
mod sites;
mod sums;

pub use kind::Kind;
pub use sites::sites;

use crate::Folded;
use crate::perf::script::{Error, Record};
use crate::sample::{Cut, Windows};
use crate::symbols::Symbolizer;
use intervals::Follower;
use std::collections::BTreeMap;
use sums::Sums;

/// Time off the processors in the measured part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Nanoseconds of waiting by thread and stack.
    pub stacks: Folded,
    /// Nanoseconds in which threads were runnable, but other threads had the processor:
    /// [`Kind::Preempted`]. The same form, without wakers.
    pub preempted: Folded,
    /// Waits by kind.
    pub by_kind: BTreeMap<Kind, Sum>,
    /// Waits by thread, named as in the stacks, and kind.
    pub by_thread: BTreeMap<String, BTreeMap<Kind, Sum>>,
    /// Waits that are in no sum, because the event that ended them was lost.
    pub unknown_end: u64,
    /// Waits in the measured part whose outer callers were not found.
    pub truncated: u64,
    /// Events that perf lost, in the measured part or outside.
    pub lost: u64,
    /// Parts of perf's text that could not be read, such as an event of a thread with an odd name.
    pub unread: u64,
}

/// Sum of several waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Their duration in the measured part.
    pub ns: u64,
    /// Their number.
    pub count: u64,
    /// Duration of the longest in the measured part.
    pub longest_ns: u64,
    /// The part of `ns` in which they were runnable, but had no processor: all of the time if they
    /// were preempted, else the time from the wake-up on. Zero if the wake-up was not recorded.
    pub runnable_ns: u64,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.ns = self.ns.saturating_add(other.ns);
        self.count += other.count;
        self.longest_ns = self.longest_ns.max(other.longest_ns);
        self.runnable_ns = self.runnable_ns.saturating_add(other.runnable_ns);
    }
}

/// Sums up waits. Records must be sorted by time, as `perf script` prints them.
///
/// Threads that do not come back wait until the last of the windows ends or, if that is after the
/// recording, until the last record.
///
/// # Errors
///
/// Those of the records.
pub fn waiting(
    records: impl IntoIterator<Item = Result<Record, Error>>,
    windows: &Windows,
    symbolizer: impl Symbolizer,
    cut: &Cut,
) -> Result<Waiting, Error> {
    let mut follower = Follower::new(symbolizer, cut);
    let mut sums = Sums::new(windows);
    let (mut last_ns, mut unread) = (0, 0);
    for record in records {
        let record = record?;
        unread += u64::from(record == Record::Unread);
        last_ns = last_ns.max(time_ns(&record));
        if let Some(interval) = follower.take(record) {
            sums.add(interval, last_ns);
        }
    }
    for interval in follower.rest() {
        sums.add(interval, last_ns);
    }
    let Follower { threads, lost, unknown_end, .. } = &follower;
    let (lost, unknown_end) = (*lost, *unknown_end);
    Ok(Waiting { lost, unknown_end, unread, ..sums.finish(threads) })
}

fn time_ns(record: &Record) -> u64 {
    match record {
        Record::Sample(event) => event.sample.time_ns.unwrap_or(0),
        Record::Switch(switch) => switch.time_ns,
        Record::Lost(_) | Record::Unread => 0,
    }
}

#[cfg(test)]
mod tests;
