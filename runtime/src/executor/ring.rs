//! A worker's own queue: a bounded work-stealing deque of two-word jobs.
//!
//! The owner pushes and pops at the bottom, thieves take from the top. The algorithm is
//! Chase and Lev's in the form of Lê, Pop, Cohen and Zappa Nardelli, "Correct and Efficient
//! Work-Stealing for Weak Memory Models" (PPoPP 2013), with two changes:
//!
//! * the buffer is fixed, and a full ring refuses a push (the executor's shared queue takes
//!   the job): no buffer is ever replaced, so nothing needs reclaiming;
//! * [`Ring::pop_if`] takes the newest job only if it is the requested one: an awaiter that ran its
//!   future itself removes the entry instead of leaving it to be skipped.
//!
//! A slot is two relaxed atomics. A thief may read a torn pair while the owner overwrites
//! the slot, but then the top has moved on and the thief's compare-and-swap fails: the
//! owner reuses a slot only after it has seen the top pass it.

use super::job::Job;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicI64, AtomicU64, Ordering, fence};
use crate::sync::counted::try_slice;

/// Jobs a ring holds before it overflows into the shared queue.
pub(super) const CAPACITY: usize = if cfg!(loom) { 2 } else { 1024 };

/// A job's place. Written by one thread; a concurrent reader may get halves of two jobs.
#[derive(Default)]
pub(super) struct Slot {
    code: AtomicU64,
    data: AtomicU64,
}

impl Slot {
    #[inline]
    pub(super) fn write(&self, job: Job) {
        self.code.store(job.code, Ordering::Relaxed);
        self.data.store(job.data, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn read(&self) -> Job {
        Job { code: self.code.load(Ordering::Relaxed), data: self.data.load(Ordering::Relaxed) }
    }
}

/// Result of an attempt to steal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Steal {
    Job(Job),
    Empty,
    /// Lost a race for the oldest job; there may be more.
    Retry,
}

/// The deque. Only the owning thread may call `push`, `pop` and `pop_if`.
pub(super) struct Ring {
    top: CachePadded<AtomicI64>,
    bottom: CachePadded<AtomicI64>,
    slots: Box<[Slot]>,
}

impl Ring {
    /// Returns `None` without memory.
    pub(super) fn try_new() -> Option<Self> {
        Some(Self {
            top: CachePadded(AtomicI64::new(0)),
            bottom: CachePadded(AtomicI64::new(0)),
            slots: try_slice(CAPACITY, || Some(Slot::default()))?,
        })
    }

    /// Owner: adds the newest job; gives it back when the ring is full.
    #[inline]
    pub(super) fn push(&self, job: Job) -> Result<(), Job> {
        let bottom = self.bottom.load(Ordering::Relaxed);
        let top = self.top.load(Ordering::Acquire);
        if bottom - top >= CAPACITY as i64 {
            return Err(job);
        }
        self.slot(bottom).write(job);
        // A fence and not a Release store: a thief may learn of this job from a bottom that a
        // later pop has written, and the fence publishes the slot with all later stores.
        fence(Ordering::Release);
        self.bottom.store(bottom + 1, Ordering::Relaxed);
        Ok(())
    }

    /// Owner: takes the newest job.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        let bottom = self.bottom.load(Ordering::Relaxed) - 1;
        // The top only grows: if this load shows the ring empty, it is empty, and needs no fence.
        if self.top.load(Ordering::Relaxed) > bottom {
            return None;
        }
        self.bottom.store(bottom, Ordering::Relaxed);
        // Orders the store above before the load below, against the thieves' fence: of an
        // owner and a thief after the last job at least one sees the other.
        fence(Ordering::SeqCst);
        let top = self.top.load(Ordering::Relaxed);
        if top < bottom {
            return Some(self.read(bottom));
        }
        let job = (top == bottom && self.advance_top(top)).then(|| self.read(bottom));
        self.bottom.store(bottom + 1, Ordering::Relaxed);
        job
    }

    /// Owner: takes the newest job if it is `job`.
    #[inline]
    pub(super) fn pop_if(&self, job: Job) -> bool {
        let newest = self.bottom.load(Ordering::Relaxed) - 1;
        // Only the owner writes slots: whatever a thief does, the newest is still legible.
        if newest < 0 || self.read(newest) != job {
            return false;
        }
        // A thief may have taken it. Then this was the last job, and the ring is empty now.
        self.pop().is_some()
    }

    /// Any thread: takes the oldest job.
    pub(super) fn steal(&self) -> Steal {
        let top = self.top.load(Ordering::Acquire);
        fence(Ordering::SeqCst);
        let bottom = self.bottom.load(Ordering::Acquire);
        if top >= bottom {
            return Steal::Empty;
        }
        let job = self.read(top);
        if self.advance_top(top) { Steal::Job(job) } else { Steal::Retry }
    }

    /// Any thread: true if the ring is empty.
    pub(super) fn is_empty(&self) -> bool {
        let top = self.top.load(Ordering::Acquire);
        top >= self.bottom.load(Ordering::Acquire)
    }

    /// Owner, with no other thread left: forgets all jobs.
    pub(super) fn forget_all(&self) {
        self.bottom.store(self.top.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn advance_top(&self, top: i64) -> bool {
        self.top.compare_exchange(top, top + 1, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    fn read(&self, index: i64) -> Job {
        self.slot(index).read()
    }

    fn slot(&self, index: i64) -> &Slot {
        &self.slots[index as usize % CAPACITY]
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    fn job(n: u64) -> Job {
        Job { code: n, data: n }
    }

    fn taken(steal: Steal, seen: &mut Vec<u64>) {
        if let Steal::Job(job) = steal {
            assert_eq!(job.code, job.data, "a torn job was taken");
            seen.push(job.data);
        }
    }

    /// An owner that pushes past the capacity and pops, against a thief: each job is taken at most
    /// once, whole, and none is lost.
    #[test]
    fn each_job_is_taken_once() {
        loom::model(|| {
            let ring = Arc::new(Ring::try_new().unwrap());
            ring.push(job(1)).unwrap();
            ring.push(job(2)).unwrap();
            let thief = {
                let ring = ring.clone();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    taken(ring.steal(), &mut seen);
                    taken(ring.steal(), &mut seen);
                    seen
                })
            };
            let mut seen = Vec::new();
            if ring.push(job(3)).is_err() {
                seen.push(3);
            }
            seen.extend(ring.pop().map(|job| job.data));
            seen.extend(thief.join().unwrap());
            while let Some(job) = ring.pop() {
                seen.push(job.data);
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2, 3]);
        });
    }

    /// `pop_if` against a thief: it takes the requested job or nothing.
    #[test]
    fn pop_if_takes_what_was_asked_for() {
        loom::model(|| {
            let ring = Arc::new(Ring::try_new().unwrap());
            ring.push(job(1)).unwrap();
            ring.push(job(2)).unwrap();
            let thief = {
                let ring = ring.clone();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    taken(ring.steal(), &mut seen);
                    taken(ring.steal(), &mut seen);
                    seen
                })
            };
            let mut seen = Vec::new();
            assert!(!ring.pop_if(job(1)), "not the newest");
            if ring.pop_if(job(2)) {
                seen.push(2);
            }
            seen.extend(thief.join().unwrap());
            while let Some(job) = ring.pop() {
                seen.push(job.data);
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2]);
        });
    }

    /// The owner pushes and pops while the thief runs: a thief that reads the bottom written by a
    /// pop also sees the jobs below it.
    #[test]
    fn a_thief_sees_whole_what_lies_below_a_pop() {
        loom::model(|| {
            let ring = Arc::new(Ring::try_new().unwrap());
            let thief = {
                let ring = ring.clone();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    taken(ring.steal(), &mut seen);
                    seen
                })
            };
            ring.push(job(1)).unwrap();
            ring.push(job(2)).unwrap();
            let mut seen: Vec<_> = ring.pop().map(|job| job.data).into_iter().collect();
            seen.extend(thief.join().unwrap());
            while let Some(job) = ring.pop() {
                seen.push(job.data);
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2]);
        });
    }
}
