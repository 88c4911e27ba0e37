//! The queue that all threads of a process share: jobs from outside of the pool, what overflows
//! a worker's ring, and all of Manual mode.
//!
//! First in, first out, with a gate at either end that is shut for some instructions. Whoever adds
//! touches one line of the cache, which those who take only read: so a thread that submits is not
//! slowed down by workers that fetch. A thread that finds a gate shut spins a little and then
//! blocks: one of a higher priority never keeps its owner from the processor. Who needs both gates
//! shuts that of the head first.
//!
//! A future that is awaited or cancelled leaves its entry behind, which is stale then, and keeps
//! the future's memory. Whoever makes the queue several times as long as it was after the last
//! look collects those: so they are at the most some times as many as the jobs, whether or not
//! anybody takes jobs out.

use super::batch::Batch;
use super::fifo::{Head, Links, NO_JOB, Tail};
use super::job::Job;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{CachePadded, Gate};

/// Jobs taken at once: enough that its cost is spread thin, few enough that a batch of long
/// tasks is soon stolen apart.
pub(super) const BATCH: usize = if cfg!(loom) { 2 } else { 32 };

/// A queue that has grown by this factor since the last look is looked through again: each entry
/// is seen at most 4/3 times on the average.
const GROWTH: u64 = 4;
/// No look through a queue shorter than this.
const SHORT: u64 = if cfg!(loom) { 2 } else { 1024 };

pub(super) struct SharedQueue {
    adding: CachePadded<Adding>,
    taking: CachePadded<Taking>,
    links: CachePadded<Links>,
}

/// What a push changes lies on one line of the cache.
#[repr(C)]
struct Adding {
    /// Jobs that were ever added; changed behind the gate, for looks from outside.
    added: AtomicU64,
    gate: Gate<AddingEnd>,
}

#[repr(C)]
struct AddingEnd {
    tail: Tail,
    /// The length is looked at when so many have been added.
    look_at: u64,
    /// Stale entries are collected when the queue is this long. Changed behind both gates.
    longest: u64,
}

#[repr(C)]
struct Taking {
    /// Jobs that were ever taken; changed behind the gate, for looks from outside.
    taken: AtomicU64,
    gate: Gate<TakingEnd>,
}

#[repr(C)]
struct TakingEnd {
    head: Head,
    /// The same as the other end's.
    longest: u64,
}

/// Whether the queue has become so long that stale entries are to be collected
/// ([`SharedQueue::take_unwanted`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Length {
    Usual,
    Long,
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

    /// Adds a job. The caller makes a SeqCst fence soon, which the announcement of the job needs
    /// anyway, and then calls [`wake_next`](Self::wake_next).
    #[inline]
    #[must_use]
    pub(super) fn push_before_fence(&self, job: Job) -> Length {
        self.adding.gate.pass_before_fence(|end| {
            end.tail.add(job, &self.links);
            self.adding.added.store(end.tail.added(), Ordering::Release);
            if end.tail.added() < end.look_at { Length::Usual } else { self.look_at_length(end) }
        })
    }

    /// After the fence behind a [`push_before_fence`](Self::push_before_fence).
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

    /// Takes out the entries that are not `wanted`, unless another thread has just done so.
    #[cold]
    pub(super) fn take_unwanted(&self, wanted: impl Fn(Job) -> bool) -> Vec<Job> {
        let mut unwanted = Vec::new();
        self.taking.gate.pass(|taking| {
            self.adding.gate.pass(|adding| {
                let len = adding.tail.added() - taking.head.taken();
                if len < taking.longest {
                    return;
                }
                for _ in 0..len {
                    let mut oldest = [NO_JOB];
                    taking.head.take(&mut oldest, adding.tail.added(), &self.links);
                    if wanted(oldest[0]) {
                        adding.tail.add(oldest[0], &self.links);
                    } else {
                        unwanted.push(oldest[0]);
                    }
                }
                // In this order: a look from outside never finds an empty queue in between.
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
    /// empty: half of those that there are, and less than [`BATCH`]. On the way there they are in
    /// no queue.
    #[inline]
    pub(super) fn pop_batch(&self, batch: &Batch) -> Option<Job> {
        let mut taken = [NO_JOB; BATCH];
        let count = self.take(&mut taken, |len| len.div_ceil(2).min(BATCH as u64) as usize);
        let (first, others) = taken[..count].split_first()?;
        batch.fill(others);
        Some(*first)
    }

    /// Takes at the most as many of the oldest jobs as `share` says of how many there are.
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

    /// A queue that was long and is short now may not become as long as that before it is looked
    /// through.
    #[cold]
    fn note_shorter(&self, taking: &mut TakingEnd, added: u64) {
        if added - taking.head.taken() < taking.longest / (GROWTH * GROWTH) {
            self.adding.gate.pass(|adding| note_length(taking, adding));
        }
    }

    /// A moment's view, from outside of the gates.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // In this order: what was taken had been added. Acquire, for the same reason.
        let taken = self.taking.taken.load(Ordering::Acquire);
        (self.adding.added.load(Ordering::Acquire) - taken) as usize
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Notes when a queue that is so long now is to be looked through next.
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
