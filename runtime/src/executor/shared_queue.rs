//! The queue that all threads of a process share: jobs from outside the pool, what overflows a
//! worker's ring, and all of Manual mode.
//!
//! First in, first out. Each end has a gate that is shut for a few instructions. A thread that adds
//! touches one cache line, which takers only read, so workers that fetch do not slow down a thread
//! that submits. A thread that finds a gate shut spins briefly and then blocks, so that a thread of
//! a higher priority never keeps the gate's owner from the processor. A thread that needs both
//! gates shuts that of the head first.
//!
//! A future that is awaited or cancelled leaves its entry behind. The entry is then stale, and
//! keeps the future's memory. The thread that makes the queue several times as long as it was after
//! the last check collects the stale entries. So there are at most a few times as many of them as
//! jobs, even if no thread takes jobs out.

use super::batch::Batch;
use super::fifo::{Head, Links, NO_JOB, Tail};
use super::job::Job;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{CachePadded, Gate};

/// Jobs taken at once: enough to spread the cost thin, few enough that other workers soon steal a
/// share of a batch of long tasks.
pub(super) const BATCH: usize = if cfg!(loom) { 2 } else { 32 };

/// A queue that has grown by this factor since the last scan is scanned again: each entry is seen
/// at most 4/3 times on average.
const GROWTH: u64 = 4;
/// A queue shorter than this is not scanned.
const SHORT: u64 = if cfg!(loom) { 2 } else { 1024 };

pub(super) struct SharedQueue {
    adding: CachePadded<Adding>,
    taking: CachePadded<Taking>,
    links: CachePadded<Links>,
}

/// Everything that a push changes is on one cache line.
#[repr(C)]
struct Adding {
    /// Jobs ever added. Changed behind the gate, read from outside.
    added: AtomicU64,
    gate: Gate<AddingEnd>,
}

#[repr(C)]
struct AddingEnd {
    tail: Tail,
    /// The length is checked when this many jobs have been added.
    look_at: u64,
    /// Stale entries are collected when the queue is this long. Changed behind both gates.
    longest: u64,
}

#[repr(C)]
struct Taking {
    /// Jobs ever taken. Changed behind the gate, read from outside.
    taken: AtomicU64,
    gate: Gate<TakingEnd>,
}

#[repr(C)]
struct TakingEnd {
    head: Head,
    /// Same value as at the other end.
    longest: u64,
}

/// Length of the queue: `Long` calls for a collection of stale entries
/// ([`SharedQueue::take_unwanted`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Length {
    Usual,
    Long,
    /// There was no memory for the job, which is not in the queue.
    Full,
}

macro_rules! empty_queue {
    () => {{
        let adding = AddingEnd { tail: Tail::new(), look_at: SHORT, longest: SHORT };
        let taking = TakingEnd { head: Head::new(), longest: SHORT };
        Self {
            adding: CachePadded(Adding { added: AtomicU64::new(0), gate: Gate::new(adding) }),
            taking: CachePadded(Taking { taken: AtomicU64::new(0), gate: Gate::new(taking) }),
            links: CachePadded(Links::new()),
        }
    }};
}

impl SharedQueue {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        empty_queue!()
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        empty_queue!()
    }

    /// Adds a job, if there is memory. The caller soon makes a SeqCst fence, which the announcement of the job needs
    /// anyway, and then calls [`wake_next`](Self::wake_next).
    #[inline]
    #[must_use]
    pub(super) fn push_before_fence(&self, job: Job) -> Length {
        self.adding.gate.pass_before_fence(|end| {
            if end.tail.add(job, &self.links).is_err() {
                return Length::Full;
            }
            self.adding.added.store(end.tail.added(), Ordering::Release);
            if end.tail.added() < end.look_at { Length::Usual } else { self.look_at_length(end) }
        })
    }

    /// Called after the fence that follows a [`push_before_fence`](Self::push_before_fence).
    #[inline]
    pub(super) fn wake_next(&self) {
        self.adding.gate.wake_next();
    }

    #[cold]
    fn look_at_length(&self, end: &mut AddingEnd) -> Length {
        let len = end.tail.added() - self.taking.taken.load(Ordering::Acquire);
        if len >= end.longest {
            return Length::Long;
        }
        end.look_at = end.tail.added() + (end.longest - len);
        Length::Usual
    }

    /// Removes and returns the entries that are not `wanted`, unless another thread has just done
    /// so.
    #[cold]
    pub(super) fn take_unwanted(&self, wanted: impl Fn(Job) -> bool) -> Vec<Job> {
        let mut unwanted = Vec::new();
        self.taking.gate.pass(|taking| {
            self.adding.gate.pass(|adding| {
                let len = adding.tail.added() - taking.head.taken();
                let room = usize::try_from(len).map(|len| unwanted.try_reserve(len));
                // Without memory it is tried again by the next push.
                if len < taking.longest
                    || !matches!(room, Ok(Ok(())))
                    || self.links.make_spare().is_err()
                {
                    return;
                }
                for _ in 0..len {
                    let mut oldest = [NO_JOB];
                    taking.head.take(&mut oldest, adding.tail.added(), &self.links);
                    if wanted(oldest[0]) {
                        let added = adding.tail.add(oldest[0], &self.links);
                        added.expect("there is a spare block, and the gates are held");
                    } else {
                        unwanted.push(oldest[0]);
                    }
                }
                // In this order, so that a reader outside never sees an empty queue in between.
                self.adding.added.store(adding.tail.added(), Ordering::Release);
                self.taking.taken.store(taking.head.taken(), Ordering::Release);
                note_length(taking, adding);
            });
        });
        unwanted
    }

    /// Takes the oldest job.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        let mut oldest = [NO_JOB];
        (self.take(&mut oldest, |_| 1) == 1).then_some(oldest[0])
    }

    /// Takes the oldest job, and puts those behind it into `batch`, which is the caller's and
    /// empty. It takes half of the jobs there are, at most [`BATCH`]. In transit they are in no
    /// queue.
    #[inline]
    pub(super) fn pop_batch(&self, batch: &Batch) -> Option<Job> {
        let mut taken = [NO_JOB; BATCH];
        let count = self.take(&mut taken, |len| len.div_ceil(2).min(BATCH as u64) as usize);
        let (first, others) = taken[..count].split_first()?;
        batch.fill(others);
        Some(*first)
    }

    /// Takes the oldest jobs: at most the number that `share` returns for the queue's length.
    #[inline]
    fn take(&self, jobs: &mut [Job], share: impl Fn(u64) -> usize) -> usize {
        if self.is_empty() {
            return 0;
        }
        self.taking.gate.pass(|end| {
            // Acquire: the jobs, and the links to their blocks, were written before.
            let added = self.adding.added.load(Ordering::Acquire);
            let share = share(added - end.head.taken());
            let count = end.head.take(&mut jobs[..share], added, &self.links);
            self.taking.taken.store(end.head.taken(), Ordering::Release);
            if end.longest > SHORT {
                self.note_shorter(end, added);
            }
            count
        })
    }

    /// Lowers the limit of a queue that was long and is short now, so that it is scanned before it
    /// gets as long again.
    #[cold]
    fn note_shorter(&self, taking: &mut TakingEnd, added: u64) {
        if added - taking.head.taken() < taking.longest / (GROWTH * GROWTH) {
            self.adding.gate.pass(|adding| note_length(taking, adding));
        }
    }

    /// Returns the length at one moment, read outside the gates.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // In this order: what was taken had been added before. Acquire, for the same reason.
        let taken = self.taking.taken.load(Ordering::Acquire);
        (self.adding.added.load(Ordering::Acquire) - taken) as usize
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Sets the length at which the queue is scanned next, from its length now.
fn note_length(taking: &mut TakingEnd, adding: &mut AddingEnd) {
    let len = adding.tail.added() - taking.head.taken();
    let longest = SHORT.max(GROWTH * len);
    taking.longest = longest;
    adding.longest = longest;
    adding.look_at = adding.tail.added() + (longest - len);
}

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
