//! The reports of the executor while it works: slices, steals, sleeps, wake-ups.
//!
//! The worker's loop exists twice: with [`Off`], whose methods are empty, and with [`Slices`].
//! Reading the clock takes longer than an empty task, so not every job has its own stamp: a slice
//! contains enough jobs to last some microseconds.

use super::event::Kind;
use super::log::Log;
use super::recording::log;
use crate::executor::Counters;
use crate::sync::Arc;

/// A slice shorter than this is followed by one with twice the number of jobs. Some hundred times
/// the duration of a stamp.
const SHORT_US: u64 = 4;
/// After a slice longer than this, each job gets a slice of its own again.
const LONG_US: u64 = 16;
/// From this number of jobs in a slice on, they are not counted one by one.
const MANY_JOBS: u32 = 64;
/// Maximum number of jobs in a slice.
const MOST_JOBS: u32 = 512;

/// Receives the reports of a worker's loop.
pub(crate) trait Recorder {
    /// A job that a queue gave out has ended, or was no longer valid.
    #[inline(always)]
    fn ran(&mut self, _was_job: bool) {}

    /// A search for work has found nothing anywhere.
    #[inline(always)]
    fn idle(&mut self) {}

    /// A search for work has found some.
    #[inline(always)]
    fn found(&mut self) {}

    /// This number of jobs was taken from another worker; [`found`](Self::found) follows.
    #[inline(always)]
    fn stole(&mut self, _victim: usize, _jobs: usize) {}

    /// The worker is about to sleep.
    #[inline(always)]
    fn goes_to_sleep(&mut self) {}

    /// The worker has woken up; `_really` is false if it did not actually sleep.
    #[inline(always)]
    fn woke_up(&mut self, _really: bool) {}
}

/// Records nothing.
pub(crate) struct Off;

impl Recorder for Off {}

/// Records the calling thread's slices.
pub(crate) struct Slices {
    log: Arc<Log>,
    counters: &'static Counters,
    /// The time when the slice or the sleep began.
    began: u64,
    /// Number of jobs in the slice.
    jobs: u32,
    /// Number of jobs that make a full slice.
    most: u32,
    /// The ticks and the stale entries at the time when jobs were left to the other loop.
    left_at: (u32, u32),
    inline_run_before: u64,
    victim: u32,
    stolen: u32,
    is_idle: bool,
}

impl Slices {
    /// Creates the recorder of the thread that has this log and these counters; a slice begins.
    pub(crate) fn new(log: Arc<Log>, counters: &'static Counters) -> Self {
        let mut slices = Self {
            log,
            counters,
            began: 0,
            jobs: 0,
            most: 1,
            left_at: (0, 0),
            inline_run_before: 0,
            victim: 0,
            stolen: 0,
            is_idle: false,
        };
        slices.begin(slices.log.now());
        slices
    }

    /// Leaves the next jobs to a loop that records nothing, if they are short: returns their
    /// number.
    pub(crate) fn leave_short(&mut self, ticks: u32, stale: u32) -> Option<u32> {
        self.left_at = (ticks, stale);
        let jobs = self.most.saturating_sub(self.jobs);
        (self.most >= MANY_JOBS).then_some(jobs)
    }

    /// Counts the jobs of that loop, which ticks at each search for a job; the last search found
    /// none.
    pub(crate) fn ran_short(&mut self, ticks: u32, stale: u32) {
        let looks = ticks.wrapping_sub(self.left_at.0);
        self.ran_some(looks - 1 - stale.wrapping_sub(self.left_at.1));
    }

    /// Counts jobs that a queue gave out and that have ended.
    #[inline(always)]
    fn ran_some(&mut self, jobs: u32) {
        self.jobs += jobs;
        self.log.doing.count(self.jobs.into());
        if self.jobs >= self.most {
            self.turn();
        }
    }

    fn begin(&mut self, now: u64) {
        self.began = now;
        self.jobs = 0;
        self.inline_run_before = self.counters.inline_run.get();
        self.is_idle = false;
        let (what, _) = Kind::Run { jobs: 0, inline_run: 0 }.words();
        self.log.doing.begin(now, what);
    }

    /// Ends the full slice, and begins another one.
    #[cold]
    #[inline(never)]
    fn turn(&mut self) {
        let now = self.log.now();
        let ticks = now.saturating_sub(self.began);
        if ticks < SHORT_US * self.log.ticks_per_us {
            self.most = (self.most * 2).min(MOST_JOBS);
        } else if ticks > LONG_US * self.log.ticks_per_us {
            self.most = 1;
        }
        self.end(now);
        self.begin(now);
    }

    fn end(&mut self, now: u64) {
        if self.jobs > 0 {
            let ran = self.counters.inline_run.get().wrapping_sub(self.inline_run_before);
            let inline_run = u32::try_from(ran).unwrap_or(u32::MAX);
            self.log.push(Kind::Run { jobs: self.jobs, inline_run }, self.began, now);
        }
        self.tell_steals();
    }

    fn tell_steals(&mut self) {
        if self.stolen > 0 {
            let kind = Kind::Steal { victim: self.victim, jobs: self.stolen };
            self.log.push(kind, self.began, self.began);
            self.stolen = 0;
        }
    }
}

impl Recorder for Slices {
    #[inline(always)]
    fn ran(&mut self, was_job: bool) {
        if !was_job {
            return;
        }
        self.ran_some(1);
    }

    fn idle(&mut self) {
        if self.is_idle {
            return;
        }
        if self.jobs > 0 || self.stolen > 0 {
            self.end(self.log.now());
        }
        self.is_idle = true;
        self.log.doing.end();
    }

    fn found(&mut self) {
        if self.is_idle {
            self.begin(self.log.now());
        }
    }

    fn stole(&mut self, victim: usize, jobs: usize) {
        let victim = victim as u32;
        if self.victim != victim {
            self.tell_steals();
        }
        self.victim = victim;
        self.stolen += jobs as u32;
    }

    fn goes_to_sleep(&mut self) {
        self.idle();
        self.began = self.log.now();
        self.log.doing.begin(self.began, Kind::Park.words().0);
    }

    fn woke_up(&mut self, really: bool) {
        if really {
            self.log.push(Kind::Park, self.began, self.log.now());
        }
        self.log.doing.end();
    }
}

/// Reports that the calling thread is about to wake a worker.
#[cold]
pub(crate) fn waking(worker: usize) {
    if let Some(log) = log() {
        let now = log.now();
        log.push(Kind::Wake { worker: worker as u32 }, now, now);
    }
}

/// Reports that the calling worker is about to sleep within a job, until the result is dropped.
pub(crate) fn blocked() -> Option<Blocked> {
    let log = log()?;
    let began = log.now();
    log.blocked.begin(began, Kind::Blocked.words().0);
    Some(Blocked { log, began })
}

/// A worker that sleeps within a job.
pub(crate) struct Blocked {
    log: Arc<Log>,
    began: u64,
}

impl Drop for Blocked {
    fn drop(&mut self) {
        self.log.push(Kind::Blocked, self.began, self.log.now());
        self.log.blocked.end();
    }
}
