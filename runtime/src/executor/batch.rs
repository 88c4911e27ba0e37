//! Jobs that a worker has taken from the shared queue together, or stolen: a bounded FIFO queue
//! that its owner fills and any thread takes from.
//!
//! Places are numbered without end. The owner writes the slot of `bottom` and then advances
//! `bottom`. A taker reads slots from `top` on and then moves `top` past them with one
//! compare-and-swap. A slot is written again only after the owner has seen `top` pass it, so a
//! reader whose slot was overwritten fails to move `top` and discards what it read.
//!
//! Nothing leaves at the bottom, so taking needs no fence (unlike [`super::ring`]).

use super::job::Job;
use super::ring::Slot;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::counted::try_slice;

/// A power of two.
const CAPACITY: usize = if cfg!(loom) { 2 } else { 32 };

pub(super) struct Batch {
    top: CachePadded<AtomicU64>,
    bottom: CachePadded<AtomicU64>,
    slots: Box<[Slot]>,
}

impl Batch {
    /// Returns `None` without memory.
    pub(super) fn try_new() -> Option<Self> {
        Some(Self {
            top: CachePadded(AtomicU64::new(0)),
            bottom: CachePadded(AtomicU64::new(0)),
            slots: try_slice(CAPACITY, || Some(Slot::default()))?,
        })
    }

    /// Owner: adds jobs, oldest first. There must be room for them.
    #[inline]
    pub(super) fn fill(&self, jobs: &[Job]) {
        let bottom = self.bottom.load(Ordering::Relaxed);
        // Acquire: a thread that moved the top had read the slots below it before.
        let room = CAPACITY as u64 - (bottom - self.top.load(Ordering::Acquire));
        assert!(jobs.len() as u64 <= room, "more jobs than slots");
        for (place, &job) in (bottom..).zip(jobs) {
            self.slot(place).write(job);
        }
        self.bottom.store(bottom + jobs.len() as u64, Ordering::Release);
    }

    /// Any thread: takes the oldest job.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        let mut top = self.top.load(Ordering::Acquire);
        // Each thread that moves the top meanwhile has got a job, so the loop ends when the jobs
        // do.
        while top < self.bottom.load(Ordering::Acquire) {
            let job = self.slot(top).read();
            match self.move_top(top, top + 1) {
                Ok(()) => return Some(job),
                Err(moved) => top = moved,
            }
        }
        None
    }

    /// Any other thread: takes the older half. Returns the oldest job and puts the others into
    /// `batch`, which is the caller's and empty.
    pub(super) fn steal_half(&self, batch: &Self) -> Option<Job> {
        let mut top = self.top.load(Ordering::Acquire);
        loop {
            let bottom = self.bottom.load(Ordering::Acquire);
            // The top may have moved on, and the bottom after it: limit to the greatest possible
            // length.
            let len = bottom.saturating_sub(top).min(CAPACITY as u64);
            if len == 0 {
                return None;
            }
            let half = len.div_ceil(2);
            let mut jobs = [Job { code: 0, data: 0 }; CAPACITY];
            for (place, job) in (top..top + half).zip(&mut jobs) {
                *job = self.slot(place).read();
            }
            match self.move_top(top, top + half) {
                Ok(()) => {
                    batch.fill(&jobs[1..half as usize]);
                    return Some(jobs[0]);
                }
                Err(moved) => top = moved,
            }
        }
    }

    /// Any thread: returns how many jobs there may be.
    pub(super) fn len(&self) -> usize {
        let top = self.top.load(Ordering::Acquire);
        self.bottom.load(Ordering::Acquire).saturating_sub(top) as usize
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Owner, with no other thread left: forgets all jobs.
    pub(super) fn forget_all(&self) {
        self.top.store(self.bottom.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn move_top(&self, from: u64, to: u64) -> Result<(), u64> {
        self.top.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).map(|_| ())
    }

    fn slot(&self, place: u64) -> &Slot {
        &self.slots[place as usize % CAPACITY]
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    fn job(n: u64) -> Job {
        Job { code: n, data: n }
    }

    fn taken(job: Option<Job>, seen: &mut Vec<u64>) {
        if let Some(job) = job {
            assert_eq!(job.code, job.data, "a torn job was taken");
            seen.push(job.data);
        }
    }

    /// The owner goes round the slots while `thief` runs: each job is taken once, whole, and none
    /// is lost.
    fn check(thief: fn(&Batch, &mut Vec<u64>)) {
        loom::model(move || {
            let batch = Arc::new(Batch::try_new().unwrap());
            batch.fill(&[job(1), job(2)]);
            let stolen = {
                let batch = batch.clone();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    thief(&batch, &mut seen);
                    seen
                })
            };
            let mut seen = Vec::new();
            taken(batch.pop(), &mut seen);
            for n in 3..=4 {
                if batch.len() < CAPACITY {
                    batch.fill(&[job(n)]);
                } else {
                    seen.push(n);
                }
            }
            seen.extend(stolen.join().unwrap());
            while let Some(job) = batch.pop() {
                taken(Some(job), &mut seen);
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2, 3, 4]);
        });
    }

    #[test]
    fn each_job_is_taken_once() {
        check(|batch, seen| taken(batch.pop(), seen));
    }

    #[test]
    fn half_is_stolen_whole() {
        check(|batch, seen| {
            let own = Batch::try_new().unwrap();
            taken(batch.steal_half(&own), seen);
            taken(own.pop(), seen);
        });
    }

    /// A thief that trusts its read before it has moved the top takes a torn job.
    #[test]
    #[should_panic(expected = "torn")]
    fn what_was_read_is_no_job_before_the_top_has_moved() {
        check(|batch, seen| {
            let top = batch.top.load(Ordering::Acquire);
            if top < batch.bottom.load(Ordering::Acquire) {
                taken(Some(batch.slot(top).read()), &mut Vec::new());
            }
            let _ = seen;
        });
    }
}
