//! A worker whose own queues are empty: it searches, steals, and sleeps.

use super::{NEVER, Worker};
use crate::executor::job::{Job, MaybeJob};
use crate::executor::local::Local;
use crate::executor::ring::Steal;
use crate::executor::shared_queue::BATCH;
use crate::timeline::Recorder;

/// Pauses while jobs gather, doubled once where many had come together.
const GATHERING_PAUSES: u32 = 16;

impl Worker {
    /// As [`look_for_one`](Self::look_for_one), kept out of the loop's code.
    #[inline(never)]
    pub(super) fn find<R: Recorder>(&self, local: &Local, recorder: &mut R) -> MaybeJob {
        MaybeJob::new(self.look_for_one(local, recorder))
    }

    /// Searches, spins briefly, and sleeps. Returns `None` when the pool has ended and nothing is
    /// left, or when it is the other loop's turn.
    #[inline]
    fn look_for_one<R: Recorder>(&self, local: &Local, recorder: &mut R) -> Option<Job> {
        if self.must_give_way() || self.slice_ends.get() != NEVER {
            return None;
        }
        let mut searching = self.pool.process.sleep.start_searching(self.pool.most_searchers);
        self.let_jobs_gather();
        loop {
            let mut spin = local.spin();
            loop {
                // Its own queues too: `oldest` may have lost a race for one job of several.
                if let Some(job) = self.newest::<R>().or_else(|| self.steal(local, recorder)) {
                    self.found(searching, local);
                    if self.must_give_way() {
                        return self.hand_over(Some(job));
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
            let slept =
                pool.ending.sleep(&pool.process.sleep, &self.bed, searching, || pool.has_work());
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

    /// Pauses so that jobs gather. Where jobs come one by one and faster than they can be fetched,
    /// each would be fetched alone, and the cache lines of the shared queue and of the sleep state
    /// would move here and back for each. A pause far shorter than a wake-up lets some jobs come
    /// together. There is none if the last fetch found a lone job, because another thread may be
    /// waiting for its result.
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
        // A worker that does not search may have held several jobs in transit while the last
        // searcher looked for some, found none, and went to sleep.
        let speaks_for_all = !searching || self.pool.process.sleep.stop_searching();
        if speaks_for_all && self.pool.has_work() && self.pool.process.sleep.notify() {
            local.counters().wakes.add(1);
        }
    }

    /// Notes how densely jobs come. With a backlog there is nothing to wait for.
    fn note_flow(&self) {
        let batch = self.batch().len() + 1;
        let is_more = !self.pool.process.queue.is_empty();
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
                recorder.stole(victim, self.batch().len() + 1);
                return Some(job);
            }
        }
        None
    }

    fn steal_from(&self, victim: usize) -> Option<Job> {
        let from_batch = self.pool.batches[victim].steal_half(self.batch());
        if from_batch.is_some() {
            return from_batch;
        }
        // Each thread that wins a race has got a job, so the loop ends when the jobs do.
        loop {
            match self.pool.rings[victim].steal() {
                Steal::Job(job) => return Some(job),
                Steal::Empty => return None,
                Steal::Retry => crate::sync::hint::spin_loop(),
            }
        }
    }
}
