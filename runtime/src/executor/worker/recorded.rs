//! The worker's loop while a timeline is recorded.
//!
//! Long jobs are run and counted one by one here. Counting short ones would take a tenth of their
//! time. They are left to the loop that records nothing, and afterwards its tick counter tells how
//! many there were. That loop returns here at a set turn (`slice_ends`), or when it finds no work.

use super::{FAIRNESS_INTERVAL, NEVER, Worker};
use crate::executor::local::Local;
use crate::executor::queue::run;
use crate::timeline::{self, Recorder, Slices};

impl Worker {
    /// Runs jobs while there is a recording, until the pool ends or jobs are short. Runs a job in
    /// transit before it returns.
    #[inline(never)]
    pub(super) fn run_recorded(&self, local: &Local, recording: &mut Option<Slices>) {
        self.slice_ends.set(NEVER);
        if let Some(slices) = recording {
            slices.ran_short(self.ticks.get(), local.stale());
        }
        while !self.is_over.get() {
            if self.must_give_way() || recording.is_none() {
                self.change_over(local, recording);
            }
            let Some(slices) = recording else { return };
            if self.run_long(local, slices) {
                return;
            }
        }
        if let Some(slices) = recording {
            slices.idle();
        }
    }

    /// Changes to the current recording, if any: the last one has ended.
    fn change_over(&self, local: &Local, recording: &mut Option<Slices>) {
        if let Some(mut slices) = recording.take() {
            slices.idle();
        }
        self.generation.set(timeline::generation());
        *recording = timeline::log().map(|log| Slices::new(log, local.counters()));
        if let Some(job) = self.handed_over.take() {
            let was_job = run(job, local);
            if let Some(slices) = recording {
                slices.ran(was_job);
            }
        }
    }

    /// Runs jobs as long as they are long. False if it finds none.
    fn run_long(&self, local: &Local, slices: &mut Slices) -> bool {
        while let Some(job) = self.next_or_found(local, slices) {
            slices.ran(run(job, local));
            let ticks = self.ticks.get();
            if let Some(jobs) = slices.leave_short(ticks, local.stale()) {
                self.slice_ends.set(ticks / FAIRNESS_INTERVAL + jobs.div_ceil(FAIRNESS_INTERVAL));
                return true;
            }
        }
        false
    }
}
