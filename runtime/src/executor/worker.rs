//! A worker thread: its queues, the order in which it looks for work, and its loop.
//!
//! Work is looked for where it is cheapest to find: the worker's own ring (newest first:
//! warm, and what an awaiter asks for next), the batch it took from the shared queue, the
//! shared queue, then the other workers. Every so often the order is turned round, so that
//! a task that keeps spawning cannot starve what waits behind it.

use super::blocked;
use super::ending::Ending;
use super::job::Job;
use super::local::{self, Local};
use super::queue::{SLEEP, injector, run};
use super::ring::{Ring, Steal};
use super::sleep::Bed;
use crate::sync::{Arc, CachePadded, thread};
use crate::timeline::{self, Log, Off, Recorder, Slices};
use crossbeam_deque as deque;
use std::cell::Cell;

/// Jobs taken from the shared queue at once: enough that its cost is spread thin, few
/// enough that a batch of long tasks is soon stolen apart.
const BATCH: usize = 32;
/// Pauses while jobs gather, doubled once where many had come together.
const GATHERING_PAUSES: u32 = 16;
/// Every so many jobs the oldest is taken instead of the newest.
const FAIRNESS_INTERVAL: u32 = 64;

/// What the threads of one start of the executor share.
pub(super) struct Pool {
    rings: Box<[CachePadded<Ring>]>,
    batches: Box<[deque::Stealer<Job>]>,
    ending: Ending,
    most_searchers: u64,
}

/// A worker: the pool, and what is its own in it.
pub(super) struct Worker {
    pool: Arc<Pool>,
    index: usize,
    batch: deque::Worker<Job>,
    ticks: Cell<u32>,
    /// How densely jobs came when this worker last looked for some: the binary logarithm of
    /// how many lay there together, 2 at the most.
    flow: Cell<u32>,
    /// The recording, or the pause between two, in which its loop runs.
    generation: Cell<u64>,
    /// Found by one loop when it had to give way to the other, which runs it.
    handed_over: Cell<Option<Job>>,
    is_over: Cell<bool>,
}

impl Pool {
    /// A pool and its workers, to be given a thread each.
    pub(super) fn new(workers: usize) -> (Arc<Self>, Vec<Worker>) {
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        let batches: Vec<_> = (0..workers).map(|_| deque::Worker::new_fifo()).collect();
        let pool = Arc::new(Self {
            rings: (0..workers).map(|_| CachePadded(Ring::new())).collect(),
            batches: batches.iter().map(deque::Worker::stealer).collect(),
            ending: Ending::new(workers),
            // A searcher spins: half of the processors are left to those who work.
            most_searchers: (cpus / 2).max(1) as u64,
        });
        let workers = batches
            .into_iter()
            .enumerate()
            .map(|(index, batch)| Worker {
                pool: pool.clone(),
                index,
                batch,
                ticks: Cell::new(0),
                flow: Cell::new(0),
                generation: Cell::new(0),
                handed_over: Cell::new(None),
                is_over: Cell::new(false),
            })
            .collect();
        (pool, workers)
    }

    pub(super) fn workers(&self) -> usize {
        self.rings.len()
    }

    /// No thread could be had for one of the workers.
    pub(super) fn one_worker_less(&self) {
        self.ending.one_less();
    }

    /// Tells the workers to leave once there is nothing left to do.
    pub(super) fn end(&self) {
        self.ending.announce(&SLEEP);
    }

    /// Whether a job may be waiting in any queue.
    fn has_work(&self) -> bool {
        !injector().is_empty()
            || self.batches.iter().any(|batch| !batch.is_empty())
            || self.rings.iter().any(|ring| !ring.is_empty())
    }
}

impl Worker {
    fn ring(&self) -> &Ring {
        &self.pool.rings[self.index]
    }

    /// Queues a job of this worker's own; gives it back when the ring is full.
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

    /// Runs jobs until the pool ends, by a loop that records or by one that does not.
    pub(super) fn run(&self) {
        let bed = Bed::new(self.index);
        let run_all = |local: &Local| {
            while !self.is_over.get() {
                self.generation.set(timeline::generation());
                match timeline::log() {
                    None => self.run_jobs(local, &bed, &mut Off),
                    Some(log) => self.run_recorded(local, &bed, &log),
                }
            }
        };
        local::with(|local| local.as_worker(self, || run_all(local)));
        blocked::worker_ended();
    }

    #[cold]
    fn run_recorded(&self, local: &Local, bed: &Arc<Bed>, log: &Log) {
        let mut slices = Slices::new(log, local.counters());
        self.run_jobs(local, bed, &mut slices);
        slices.idle();
    }

    /// Runs jobs until the pool ends, or the other loop's turn has come. Compiled twice: where
    /// nothing is recorded there is no trace of the recorder.
    #[inline(never)]
    fn run_jobs<R: Recorder>(&self, local: &Local, bed: &Arc<Bed>, recorder: &mut R) {
        if let Some(job) = self.handed_over.take() {
            recorder.ran(run(job, local));
        }
        while let Some(job) = self.next().or_else(|| self.find(local, bed, recorder)) {
            recorder.ran(run(job, local));
        }
    }

    /// Whether a recording has begun or ended since this loop began.
    fn must_give_way(&self) -> bool {
        timeline::generation() != self.generation.get()
    }

    /// The next job from this worker's own queues, or from the shared one unless jobs are to
    /// gather there.
    #[inline(always)]
    fn next(&self) -> Option<Job> {
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(FAIRNESS_INTERVAL) {
            return self.oldest(ticks / FAIRNESS_INTERVAL);
        }
        self.own().or_else(|| if self.flow.get() > 0 { None } else { self.refill_and_tell() })
    }

    /// The cheapest job to be had from this worker's own queues.
    #[inline(always)]
    fn own(&self) -> Option<Job> {
        self.ring().pop().or_else(|| self.batch.pop())
    }

    /// The cheapest job to be had from this worker's own queues or the shared one.
    #[inline]
    fn newest(&self) -> Option<Job> {
        self.own().or_else(|| self.refill())
    }

    /// The oldest job of one queue or another; `turn` says where to look first.
    #[cold]
    fn oldest(&self, turn: u32) -> Option<Job> {
        if self.must_give_way() {
            // `find` is asked next, and sees it too.
            return None;
        }
        let from_ring = || match self.ring().steal() {
            Steal::Job(job) => Some(job),
            Steal::Empty | Steal::Retry => None,
        };
        let from_batch = || self.batch.pop().or_else(|| self.refill_and_tell());
        if turn.is_multiple_of(2) {
            from_ring().or_else(from_batch)
        } else {
            from_batch().or_else(|| self.ring().pop())
        }
    }

    /// Takes a batch from the shared queue, not searching. While it was in transit it was in no
    /// queue, and the last searcher may have gone to sleep over that.
    fn refill_and_tell(&self) -> Option<Job> {
        let job = self.refill()?;
        if !self.batch.is_empty() && SLEEP.notify() {
            local::with(|local| local.counters().wakes.add(1));
        }
        Some(job)
    }

    /// Takes a batch from the shared queue.
    fn refill(&self) -> Option<Job> {
        loop {
            match injector().steal_batch_with_limit_and_pop(&self.batch, BATCH) {
                deque::Steal::Success(job) => return Some(job),
                deque::Steal::Empty => return None,
                deque::Steal::Retry => crate::sync::hint::spin_loop(),
            }
        }
    }

    /// Without work: searches, spins a little, sleeps; `None` when the pool has ended and
    /// nothing is left, or when the other loop's turn has come.
    fn find<R: Recorder>(&self, local: &Local, bed: &Arc<Bed>, recorder: &mut R) -> Option<Job> {
        if self.must_give_way() {
            return None;
        }
        let mut searching = SLEEP.start_searching(self.pool.most_searchers);
        self.let_jobs_gather();
        loop {
            let mut spin = local.spin();
            loop {
                // Its own queues too: `oldest` may have lost a race for one job of several.
                if let Some(job) = self.newest().or_else(|| self.steal(local, recorder)) {
                    self.found(searching, local);
                    if self.must_give_way() {
                        self.handed_over.set(Some(job));
                        return None;
                    }
                    recorder.found();
                    return Some(job);
                }
                recorder.idle();
                if !searching || self.pool.ending.is_announced() || !spin.again() {
                    break;
                }
            }
            let pool = &self.pool;
            recorder.goes_to_sleep();
            let slept = pool.ending.sleep(&SLEEP, bed, searching, || pool.has_work());
            recorder.woke_up(slept.really);
            if slept.really {
                local.counters().parks.add(1);
            }
            if slept.is_over {
                self.is_over.set(true);
                return None;
            }
            searching = true;
        }
    }

    /// Where jobs come one after the other and faster than they can be fetched, each would be
    /// fetched alone, and the lines of the shared queue and of the sleep state would move here
    /// and back for each. A pause, far shorter than a wake-up, lets some come together. There
    /// is none where the last look found a lone job, as when somebody waits for its result.
    fn let_jobs_gather(&self) {
        let pauses = match self.flow.get() {
            0 => 0,
            flow => GATHERING_PAUSES << (flow - 1),
        };
        for _ in 0..pauses {
            crate::sync::hint::spin_loop();
        }
    }

    fn found(&self, searching: bool, local: &Local) {
        self.note_flow();
        // One that does not search may have held several jobs in transit while the last searcher
        // looked for some, found none, and went to sleep.
        let speaks_for_all = !searching || SLEEP.stop_searching();
        if speaks_for_all && self.pool.has_work() && SLEEP.notify() {
            local.counters().wakes.add(1);
        }
    }

    /// Notes how densely jobs come. With a backlog there is nothing to wait for.
    fn note_flow(&self) {
        let batch = self.batch.len() + 1;
        let is_more = !injector().is_empty();
        let is_backlog = is_more && batch >= BATCH;
        let together = batch + usize::from(is_more);
        self.flow.set(if is_backlog { 0 } else { together.ilog2().min(2) });
    }

    /// Takes work from another worker.
    fn steal(&self, local: &Local, recorder: &mut impl Recorder) -> Option<Job> {
        let workers = self.pool.workers();
        for step in 1..workers {
            let victim = (self.index + step) % workers;
            if let Some(job) = self.steal_from(victim) {
                local.counters().stolen.add(1);
                recorder.stole(victim, self.batch.len() + 1);
                return Some(job);
            }
        }
        None
    }

    fn steal_from(&self, victim: usize) -> Option<Job> {
        loop {
            match self.pool.batches[victim].steal_batch_with_limit_and_pop(&self.batch, BATCH) {
                deque::Steal::Success(job) => return Some(job),
                deque::Steal::Empty => break,
                deque::Steal::Retry => crate::sync::hint::spin_loop(),
            }
        }
        loop {
            match self.pool.rings[victim].steal() {
                Steal::Job(job) => return Some(job),
                Steal::Empty => return None,
                Steal::Retry => crate::sync::hint::spin_loop(),
            }
        }
    }
}
