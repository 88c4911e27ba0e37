//! The sleep and wake-up of idle workers. `README.md` beside this file has the argument. In short:
//! a thread that makes a job visible and then sees no searcher wakes one sleeper; a worker that
//! stops searching checks the queues once more.

use crate::sync::atomic::{AtomicU64, Ordering, fence};
use crate::sync::{CachePadded, Counted, Lock, Parker};
use crate::timeline;

const ONE_SLEEPER: u64 = 1;
const ONE_SEARCHER: u64 = 1 << 32;

fn sleepers(state: u64) -> u64 {
    state % ONE_SEARCHER
}

fn searchers(state: u64) -> u64 {
    state / ONE_SEARCHER
}

/// The place where one worker sleeps.
pub(super) struct Bed {
    worker: usize,
    parker: Parker,
}

impl Bed {
    /// Makes the bed of the worker with this index. Returns `None` without memory.
    pub(super) fn try_new(worker: usize) -> Option<Counted<Self>> {
        Counted::try_new(Self { worker, parker: Parker::new() })
    }

    fn ring(&self) {
        timeline::waking(self.worker);
        self.parker.call();
    }
}

/// The sleep state of all workers. It outlives every pool, so a submitter can wake a worker without
/// holding the pool.
pub(super) struct Sleep {
    /// Sleepers in the lower half (changed under the lock of `asleep`), searchers above.
    state: CachePadded<AtomicU64>,
    asleep: Lock<Vec<Counted<Bed>>>,
}

impl Sleep {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { state: CachePadded(AtomicU64::new(0)), asleep: Lock::new(Vec::new()) }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self { state: CachePadded(AtomicU64::new(0)), asleep: Lock::new(Vec::new()) }
    }

    /// Makes room for this many workers to sleep. False without memory.
    pub(super) fn make_room(&self, workers: usize) -> bool {
        let mut asleep = self.asleep.lock();
        let more = workers.saturating_sub(asleep.len());
        asleep.try_reserve(more).is_ok()
    }

    /// Called after making a job visible: wakes a sleeper unless a worker is already searching.
    /// Returns true if it woke one.
    #[inline]
    pub(super) fn notify(&self) -> bool {
        // Pairs with the fences in `stop_searching` and `sleep`: either this load sees the worker's
        // new state, or the worker's check of the queues sees the job.
        fence(Ordering::SeqCst);
        let state = self.state.load(Ordering::Relaxed);
        if sleepers(state) == 0 || searchers(state) > 0 {
            return false;
        }
        self.wake_one()
    }

    #[cold]
    fn wake_one(&self) -> bool {
        let woken = {
            let mut asleep = self.asleep.lock();
            // Another notifier may have been first; its searcher will find this job too.
            if searchers(self.state.load(Ordering::SeqCst)) > 0 {
                return false;
            }
            let Some(bed) = asleep.pop() else { return false };
            // The woken worker counts as a searcher from now on, so that the next notifier does not
            // wake another one before this one has begun to run.
            self.state.fetch_add(ONE_SEARCHER - ONE_SLEEPER, Ordering::SeqCst);
            bed
        };
        woken.ring();
        true
    }

    /// Wakes all sleepers, at shutdown.
    pub(super) fn wake_everybody(&self) {
        let mut asleep = self.asleep.lock();
        let all = asleep.len() as u64;
        self.state.fetch_add((ONE_SEARCHER - ONE_SLEEPER) * all, Ordering::SeqCst);
        // Under the lock, so that the list keeps its memory.
        for bed in asleep.drain(..) {
            bed.ring();
        }
    }

    /// A worker without work asks to search. Refused if `most` workers search already.
    pub(super) fn start_searching(&self, most: u64) -> bool {
        if searchers(self.state.load(Ordering::Relaxed)) >= most {
            return false;
        }
        // Two may pass the check at once; the limit only saves power.
        self.state.fetch_add(ONE_SEARCHER, Ordering::SeqCst);
        true
    }

    /// A searcher has found work. True if it was the last: notifiers that saw it searching woke no
    /// worker, so if there is more work it must notify for them.
    pub(super) fn stop_searching(&self) -> bool {
        let before = self.state.fetch_sub(ONE_SEARCHER, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        searchers(before) == 1
    }

    /// Sleeps until woken, unless `anything` finds work (or an end to all work) after the worker is
    /// listed as asleep. Afterwards the worker counts as a searcher. Returns true if it really
    /// slept.
    pub(super) fn sleep(
        &self,
        bed: &Counted<Bed>,
        was_searching: bool,
        anything: impl Fn() -> bool,
    ) -> bool {
        bed.parker.reset();
        {
            let mut asleep = self.asleep.lock();
            asleep.push(bed.clone());
            let searcher = if was_searching { ONE_SEARCHER } else { 0 };
            self.state.fetch_add(ONE_SLEEPER.wrapping_sub(searcher), Ordering::SeqCst);
        }
        fence(Ordering::SeqCst);
        if anything() && self.get_up(bed) {
            return false;
        }
        bed.parker.sleep(None)
    }

    /// Takes the worker off the list again. False if a notifier has taken it already.
    fn get_up(&self, bed: &Counted<Bed>) -> bool {
        let mut asleep = self.asleep.lock();
        let Some(place) = asleep.iter().position(|other| other.is_same(bed)) else {
            return false;
        };
        asleep.swap_remove(place);
        self.state.fetch_add(ONE_SEARCHER - ONE_SLEEPER, Ordering::SeqCst);
        true
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::Arc;
    use crate::sync::atomic::AtomicUsize;

    struct Shared {
        sleep: Sleep,
        jobs: AtomicUsize,
    }

    fn take(jobs: &AtomicUsize) -> bool {
        jobs.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1)).is_ok()
    }

    /// A worker that takes one job, with the same steps as the worker loop.
    fn worker(shared: &Shared) {
        let bed = Bed::try_new(0).unwrap();
        let mut searching = shared.sleep.start_searching(1);
        loop {
            if take(&shared.jobs) {
                if searching
                    && shared.sleep.stop_searching()
                    && shared.jobs.load(Ordering::Acquire) > 0
                {
                    shared.sleep.notify();
                }
                return;
            }
            shared.sleep.sleep(&bed, searching, || shared.jobs.load(Ordering::Acquire) > 0);
            searching = true;
        }
    }

    fn submit(shared: &Shared) {
        shared.jobs.fetch_add(1, Ordering::Release);
        shared.sleep.notify();
    }

    /// One worker, one job: the job is found in every order of sleep and submission.
    #[test]
    fn a_job_wakes_the_sleeper() {
        loom::model(|| {
            let shared = Arc::new(Shared { sleep: Sleep::new(), jobs: AtomicUsize::new(0) });
            let other = shared.clone();
            let thread = crate::sync::thread::spawn(move || worker(&other));
            submit(&shared);
            thread.join().unwrap();
        });
    }

    /// Two workers, two jobs, each taking one: the second job is not left to a sleeper.
    #[test]
    fn no_job_is_left_beside_a_sleeper() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let shared = Arc::new(Shared { sleep: Sleep::new(), jobs: AtomicUsize::new(0) });
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let shared = shared.clone();
                    crate::sync::thread::spawn(move || worker(&shared))
                })
                .collect();
            submit(&shared);
            submit(&shared);
            for thread in threads {
                thread.join().unwrap();
            }
        });
    }
}
