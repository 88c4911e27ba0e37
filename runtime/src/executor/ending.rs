//! The end of a pool's workers: they leave together.
//!
//! A worker that left as soon as it had nothing to do might leave too early: another one still
//! works, and its task may submit tasks and wait for them, as it could before. So after the end has
//! been announced, a worker without work removes itself from the count of those that may still
//! bring work, and sleeps. The worker that brings the count to zero ends the pool. A worker that is
//! woken adds itself again before it looks for work; if the count is zero it must leave.
//!
//! Nothing is left behind in the workers' own queues: a worker that removes itself has emptied its
//! own, and only it puts jobs there. `control.rs` handles what has come from outside the pool by
//! then.

use super::sleep::{Bed, Sleep};
use crate::sync::Counted;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The end of one pool.
pub(super) struct Ending {
    announced: AtomicBool,
    /// Workers that may still queue jobs. Zero is final.
    active: AtomicUsize,
}

/// Result of the sleep of a worker without work.
pub(super) struct Slept {
    /// True if it slept; false if there was work after all.
    pub(super) really: bool,
    /// The pool has ended: leave.
    pub(super) is_over: bool,
}

impl Ending {
    /// Makes the state for a pool of this many workers.
    pub(super) fn new(workers: usize) -> Self {
        Self { announced: AtomicBool::new(false), active: AtomicUsize::new(workers) }
    }

    /// Tells the workers to leave once there is nothing left to do.
    pub(super) fn announce(&self, sleep: &Sleep) {
        self.announced.store(true, Ordering::SeqCst);
        sleep.wake_everybody();
    }

    pub(super) fn is_announced(&self) -> bool {
        self.announced.load(Ordering::SeqCst)
    }

    /// Removes a worker that may bring work (or for which there was no thread). True for the last.
    pub(super) fn one_less(&self) -> bool {
        self.active.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// Adds a worker again. False if it was among the last, and all of them leave.
    fn one_more(&self) -> bool {
        let more = |active| (active > 0).then_some(active + 1);
        self.active.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).is_ok()
    }

    fn is_over(&self) -> bool {
        self.active.load(Ordering::SeqCst) == 0
    }

    /// Puts a worker whose search found nothing to sleep, until there may be work, or the end.
    /// Unless the pool is over the worker counts as a searcher afterwards.
    pub(super) fn sleep(
        &self,
        sleep: &Sleep,
        bed: &Counted<Bed>,
        was_searching: bool,
        has_work: impl Fn() -> bool,
    ) -> Slept {
        if !self.is_announced() || has_work() {
            let really = sleep.sleep(bed, was_searching, || has_work() || self.is_announced());
            return Slept { really, is_over: false };
        }
        if self.one_less() {
            sleep.wake_everybody();
            if was_searching {
                sleep.stop_searching();
            }
            return Slept { really: false, is_over: true };
        }
        let really = sleep.sleep(bed, was_searching, || has_work() || self.is_over());
        let is_over = !self.one_more();
        if is_over {
            sleep.stop_searching();
        }
        Slept { really, is_over }
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    struct Shared {
        sleep: Sleep,
        ending: Ending,
        jobs: AtomicUsize,
        taken: AtomicBool,
    }

    impl Shared {
        fn has_work(&self) -> bool {
            self.jobs.load(Ordering::Acquire) > 0
        }

        fn take(&self) -> bool {
            let less = |jobs: usize| jobs.checked_sub(1);
            self.jobs.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).is_ok()
        }

        /// The worker loop's own steps; `run` is the job.
        fn work(&self, run: impl Fn()) {
            let bed = Bed::try_new(0).unwrap();
            let mut searching = self.sleep.start_searching(1);
            loop {
                while self.take() {
                    if searching && self.sleep.stop_searching() && self.has_work() {
                        self.sleep.notify();
                    }
                    run();
                    searching = self.sleep.start_searching(1);
                }
                let slept = self.ending.sleep(&self.sleep, &bed, searching, || self.has_work());
                if slept.is_over {
                    return;
                }
                searching = true;
            }
        }
    }

    /// The end is announced while one worker has nothing to do and another one works, which then
    /// submits a job and waits until it has been taken: no worker has left by then, and all do in
    /// the end.
    #[test]
    fn no_worker_leaves_before_the_last_has_nothing_to_do() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(|| {
            let shared = Arc::new(Shared {
                sleep: Sleep::new(),
                ending: Ending::new(2),
                jobs: AtomicUsize::new(0),
                taken: AtomicBool::new(false),
            });
            let busy = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.jobs.fetch_add(1, Ordering::Release);
                    shared.sleep.notify();
                    while !shared.taken.load(Ordering::Acquire) {
                        thread::park();
                    }
                    shared.work(|| unreachable!("there is one job"));
                })
            };
            let idle = {
                let (shared, busy) = (shared.clone(), busy.thread().clone());
                thread::spawn(move || {
                    shared.work(|| {
                        shared.taken.store(true, Ordering::Release);
                        busy.unpark();
                    });
                })
            };
            shared.ending.announce(&shared.sleep);
            busy.join().unwrap();
            idle.join().unwrap();
            assert!(shared.ending.is_over() && !shared.has_work());
        });
    }
}
