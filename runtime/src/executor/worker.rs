//! A worker thread: its queues, the order in which it looks for work, and its loop.
//!
//! The worker looks first where work is cheapest to find: its own ring (newest first: warm, and
//! what an awaiter asks for next), the batch it took from the shared queue, the shared queue, then
//! the other workers. At intervals the order is reversed, so that a task that keeps spawning cannot
//! starve what waits behind it.

mod recorded;
mod search;

use super::batch::Batch;
use super::blocked;
use super::ending::Ending;
use super::job::{Job, MaybeJob};
use super::local::{self, Local};
use super::process::Process;
use super::queue::run;
use super::ring::{Ring, Steal};
use super::sleep::Bed;
use crate::sync::counted::try_slice;
use crate::sync::signals::Mask;
use crate::sync::{CachePadded, Counted, processors};
use crate::timeline::{self, Off, Recorder};
use std::cell::Cell;

/// Once in this many jobs, the oldest is taken instead of the newest.
const FAIRNESS_INTERVAL: u32 = 64;
/// A turn of `oldest` that never comes: there are fewer turns than ticks.
const NEVER: u32 = u32::MAX;

/// State shared by the threads of one start of the executor.
pub(super) struct Pool {
    process: &'static Process,
    rings: Box<[CachePadded<Ring>]>,
    batches: Box<[Batch]>,
    ending: Ending,
    /// Signals that were blocked on the thread that started the workers.
    mask: Mask,
    most_searchers: u64,
}

/// A worker: its pool, and its own state within it.
pub(super) struct Worker {
    pool: Counted<Pool>,
    index: usize,
    bed: Counted<Bed>,
    ticks: Cell<u32>,
    /// Density of jobs at this worker's last fetch: the binary logarithm of the number found
    /// together, at most 2.
    flow: Cell<u32>,
    /// Generation of the recording, or of the pause between two, in which its loop runs.
    generation: Cell<u64>,
    /// Job that one loop found when it had to give way to the other, which runs it first.
    handed_over: Cell<Option<Job>>,
    /// The turn of `oldest` at which the recording loop wants control back, because a slice of
    /// short jobs is over; [`NEVER`] if it runs jobs itself, or there is no recording.
    slice_ends: Cell<u32>,
    is_over: Cell<bool>,
}

impl Pool {
    /// Makes a pool and its workers, which are to be given a thread each, with all they need before
    /// they run a job. Returns `None` without memory.
    pub(super) fn try_new(
        process: &'static Process,
        workers: usize,
    ) -> Option<(Counted<Self>, Vec<Worker>)> {
        let cpus = processors().unwrap_or(1);
        let pool = Counted::try_new(Self {
            process,
            rings: try_slice(workers, || Ring::try_new().map(CachePadded))?,
            batches: try_slice(workers, Batch::try_new)?,
            ending: Ending::new(workers),
            mask: Mask::current(),
            // A searcher spins: half of the processors are left to the workers with jobs.
            most_searchers: (cpus / 2).max(1) as u64,
        })?;
        let mut all = Vec::new();
        all.try_reserve_exact(workers).ok()?;
        for index in 0..workers {
            all.push(Worker::new(pool.clone(), index, Bed::try_new(index)?));
        }
        process.sleep.make_room(workers).then_some((pool, all))
    }

    pub(super) fn workers(&self) -> usize {
        self.rings.len()
    }

    /// Notes that no thread was available for one of the workers.
    pub(super) fn one_worker_less(&self) {
        self.ending.one_less();
    }

    /// Tells the workers to leave once there is nothing left to do.
    pub(super) fn end(&self) {
        self.ending.announce(&self.process.sleep);
    }

    /// True if a job may be waiting in any queue.
    fn has_work(&self) -> bool {
        !self.process.queue.is_empty()
            || self.batches.iter().any(|batch| !batch.is_empty())
            || self.rings.iter().any(|ring| !ring.is_empty())
    }
}

impl Worker {
    fn new(pool: Counted<Pool>, index: usize, bed: Counted<Bed>) -> Self {
        Self {
            pool,
            index,
            bed,
            ticks: Cell::new(0),
            flow: Cell::new(0),
            generation: Cell::new(0),
            handed_over: Cell::new(None),
            slice_ends: Cell::new(NEVER),
            is_over: Cell::new(false),
        }
    }

    fn ring(&self) -> &Ring {
        &self.pool.rings[self.index]
    }

    fn batch(&self) -> &Batch {
        &self.pool.batches[self.index]
    }

    /// Queues a job in this worker's own ring; gives it back when the ring is full.
    #[inline]
    pub(super) fn push(&self, job: Job) -> Result<(), Job> {
        self.ring().push(job)
    }

    /// Takes `job` out of the ring again if it is the newest there.
    #[inline]
    pub(super) fn take_back(&self, job: Job) -> bool {
        self.ring().pop_if(job)
    }

    pub(super) fn index(&self) -> u32 {
        self.index as u32
    }

    /// Runs jobs until the pool ends.
    ///
    /// This loop records nothing, and must cost as little as if there were nothing to record. Only
    /// a worker that finds no work, or has run [`FAIRNESS_INTERVAL`] jobs, checks for a recording.
    /// Then `recorded.rs` takes over.
    pub(super) fn run(&self) {
        local::with(|local| {
            local.as_worker(self, || {
                let mut slices = None;
                self.run_recorded(local, &mut slices);
                while !self.is_over.get() {
                    while let Some(job) = self.next_or_found(local, &mut Off) {
                        run(job, local);
                    }
                    self.run_recorded(local, &mut slices);
                }
            });
        });
        if self.pool.process.is_current() {
            local::with(Local::note_worker_ended);
            blocked::worker_ended(self.pool.process);
        }
    }

    /// Called in a child that a task of this worker has forked. There is no pool there: the loop
    /// finds no jobs and ends with that task, and the thread with it. The worker's jobs are the
    /// parent's.
    pub(super) fn leave_parent(&self) {
        self.ring().forget_all();
        self.batch().forget_all();
        // No path from here to the end of the loop leads to the shared queue.
        self.flow.set(1);
        self.slice_ends.set(0);
        self.handed_over.set(None);
        self.is_over.set(true);
        // The child's programs must not run with all signals blocked.
        self.pool.mask.set();
    }

    #[inline]
    fn next_or_found<R: Recorder>(&self, local: &Local, recorder: &mut R) -> Option<Job> {
        let next = self.next::<R>();
        if next.is_some() { next } else { self.find(local, recorder).get() }
    }

    /// True if a recording has begun or ended since this loop began.
    fn must_give_way(&self) -> bool {
        timeline::generation() != self.generation.get()
    }

    /// Returns the next job from this worker's own queues, or from the shared one unless jobs are
    /// to gather there.
    #[inline(always)]
    fn next<R: Recorder>(&self) -> Option<Job> {
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(FAIRNESS_INTERVAL) {
            return self.oldest(ticks / FAIRNESS_INTERVAL).get();
        }
        let own = self.own::<R>();
        if own.is_some() || self.flow.get() > 0 {
            return own;
        }
        self.refill_or_give_way().get()
    }

    /// Returns the cheapest job available in this worker's own queues.
    #[inline(always)]
    fn own<R: Recorder>(&self) -> Option<Job> {
        self.ring().pop().or_else(|| self.batch().pop())
    }

    /// Returns the cheapest job available in this worker's own queues or the shared one.
    #[inline]
    fn newest<R: Recorder>(&self) -> Option<Job> {
        self.own::<R>().or_else(|| self.refill())
    }

    /// Returns the oldest job of one queue or another; `turn` decides which is checked first.
    #[cold]
    fn oldest(&self, turn: u32) -> MaybeJob {
        if self.must_give_way() || turn >= self.slice_ends.get() {
            // `find` is called next, and sees it too.
            return MaybeJob::new(None);
        }
        let from_ring = || match self.ring().steal() {
            Steal::Job(job) => Some(job),
            Steal::Empty | Steal::Retry => None,
        };
        let from_batch = || self.batch().pop().or_else(|| self.refill_and_tell().get());
        MaybeJob::new(if turn.is_multiple_of(2) {
            from_ring().or_else(from_batch)
        } else {
            from_batch().or_else(|| self.ring().pop())
        })
    }

    /// As [`refill_and_tell`](Self::refill_and_tell), unless it is the other loop's turn.
    fn refill_or_give_way(&self) -> MaybeJob {
        let job = self.refill_and_tell().get();
        MaybeJob::new(if self.must_give_way() { self.hand_over(job) } else { job })
    }

    /// Leaves a job to the other loop, and returns none. `find`, which is called next, returns none
    /// either, so there is never a second one.
    #[cold]
    fn hand_over(&self, job: Option<Job>) -> Option<Job> {
        self.handed_over.set(job);
        None
    }

    /// Takes a batch from the shared queue without being a searcher. While the batch was in transit
    /// it was in no queue, and the last searcher may have gone to sleep because of that.
    #[inline]
    fn refill_and_tell(&self) -> MaybeJob {
        let job = self.refill();
        if job.is_some() && !self.batch().is_empty() && self.pool.process.sleep.notify() {
            local::with(|local| local.counters().wakes.add(1));
        }
        MaybeJob::new(job)
    }

    /// Takes a batch from the shared queue. This worker's own batch is empty.
    fn refill(&self) -> Option<Job> {
        self.pool.process.queue.pop_batch(self.batch())
    }
}
