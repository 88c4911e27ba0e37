//! The queue that all threads of a process share: jobs from outside of the pool, what overflows
//! a worker's ring, and all of Manual mode.
//!
//! First in, first out, behind a gate that is shut for some instructions. A thread that finds it
//! shut spins a little and then blocks: one of a higher priority never keeps its owner from the
//! processor. The length stands outside of the gate, for looks.
//!
//! A future that is awaited or cancelled leaves its entry behind, which is stale then, and keeps
//! the future's memory. Whoever makes the queue several times as long as it was after the last
//! look collects those: so they are at the most some times as many as the jobs, whether or not
//! anybody takes jobs out.

use super::batch::Batch;
use super::fifo::Fifo;
use super::job::Job;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{CachePadded, Gate};

/// Jobs taken at once: enough that its cost is spread thin, few enough that a batch of long
/// tasks is soon stolen apart.
pub(super) const BATCH: usize = 32;

/// A queue that has grown by this factor since the last look is looked through again: each entry
/// is seen at most 4/3 times on the average.
const GROWTH: usize = 4;
/// No look through a queue shorter than this.
const SHORT: usize = 1024;

pub(super) struct SharedQueue(CachePadded<Inner>);

/// The length, the gate and what a push changes lie on one line of the cache.
#[repr(C)]
struct Inner {
    len: AtomicUsize,
    jobs: Gate<Jobs>,
}

#[repr(C)]
struct Jobs {
    /// Stale entries are collected when it is this long.
    look_at: usize,
    fifo: Fifo,
}

/// Whether the queue has become so long that stale entries are to be collected
/// ([`SharedQueue::take_unwanted`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Length {
    Usual,
    Long,
}

impl SharedQueue {
    pub(super) const fn new() -> Self {
        let jobs = Jobs { look_at: SHORT, fifo: Fifo::new() };
        Self(CachePadded(Inner { len: AtomicUsize::new(0), jobs: Gate::new(jobs) }))
    }

    /// Adds a job. The caller makes a SeqCst fence soon, which the announcement of the job needs
    /// anyway, and then calls [`wake_next`](Self::wake_next).
    #[inline]
    #[must_use]
    pub(super) fn push_before_fence(&self, job: Job) -> Length {
        self.0.jobs.pass_before_fence(|jobs| {
            jobs.fifo.push(job);
            self.note_len(jobs);
            if jobs.fifo.len() < jobs.look_at { Length::Usual } else { Length::Long }
        })
    }

    /// After the fence behind a [`push_before_fence`](Self::push_before_fence).
    #[inline]
    pub(super) fn wake_next(&self) {
        self.0.jobs.wake_next();
    }

    /// Takes out the entries that are not `wanted`, unless another thread has just done so.
    #[cold]
    pub(super) fn take_unwanted(&self, wanted: impl Fn(Job) -> bool) -> Vec<Job> {
        self.0.jobs.pass(|jobs| {
            if jobs.fifo.len() < jobs.look_at {
                return Vec::new();
            }
            let unwanted = jobs.fifo.take_unwanted(wanted);
            jobs.look_at = look_after(jobs.fifo.len());
            self.note_len(jobs);
            unwanted
        })
    }

    /// Takes the oldest job.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        if self.is_empty() {
            return None;
        }
        self.0.jobs.pass(|jobs| {
            let job = jobs.fifo.pop();
            self.note_less(jobs);
            job
        })
    }

    /// Takes the oldest job, and puts those behind it into `batch`, which is the caller's and
    /// empty: half of those that there are, and less than [`BATCH`]. On the way there they are in
    /// no queue.
    #[inline]
    pub(super) fn pop_batch(&self, batch: &Batch) -> Option<Job> {
        if self.is_empty() {
            return None;
        }
        let mut taken = [Job { code: 0, data: 0 }; BATCH];
        let count = self.0.jobs.pass(|jobs| {
            let half = jobs.fifo.len().div_ceil(2).min(BATCH);
            let oldest = jobs.fifo.oldest();
            let count = half.min(oldest.len());
            taken[..count].copy_from_slice(&oldest[..count]);
            jobs.fifo.remove_oldest(count);
            self.note_less(jobs);
            count
        });
        let (first, others) = taken[..count].split_first()?;
        batch.fill(others);
        Some(*first)
    }

    /// A moment's view, from outside of the gate.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.len.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn note_len(&self, jobs: &Jobs) {
        self.0.len.store(jobs.fifo.len(), Ordering::Release);
    }

    /// After jobs have been taken out.
    #[inline]
    fn note_less(&self, jobs: &mut Jobs) {
        if jobs.look_at > SHORT && jobs.fifo.len() < jobs.look_at / (GROWTH * GROWTH) {
            jobs.look_at = look_after(jobs.fifo.len());
        }
        self.note_len(jobs);
    }
}

/// How long a queue that is so long now is to be when it is looked through next.
fn look_after(len: usize) -> usize {
    SHORT.max(GROWTH * len)
}
