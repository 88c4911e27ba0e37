//! The phases of the executor, and why no job is lost between them.
//!
//! | phase | meaning | left by |
//! |---|---|---|
//! | IDLE | no workers; mode and workers may be set | [`Phases::start`], also by the first job |
//! | RUNNING | jobs are run by workers (Threaded) or polls (Manual) | [`Phases::shutdown`] |
//! | DRAINING | shutdown runs what was accepted | shutdown, to IDLE |
//!
//! A thread that queues a job makes it visible, fences, and reads the phase. Shutdown stores IDLE,
//! fences, and checks the queue. One of the two sees the other: the job's owner starts the
//! executor, or shutdown drains once more.
//!
//! The phase changes under the control lock. The lock is held while workers are started, and from
//! IDLE until shutdown has checked the queue. A thread that wants to start the executor meanwhile
//! blocks, however high its priority. The lock is not held in DRAINING, so a body that the drain
//! waits for may call anything; a second shutdown sleeps until the phase changes.

use crate::sync::atomic::{AtomicU8, Ordering, fence};
use crate::sync::{CachePadded, Condition, Lock, Locked};

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const DRAINING: u8 = 2;

/// The phase, and what runs in it.
pub(super) struct Phases<T> {
    phase: CachePadded<AtomicU8>,
    control: Lock<T>,
    /// Signalled when DRAINING has ended.
    drained: Condition,
}

/// Result of a drain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Drain {
    /// Everything accepted has been run.
    Done,
    /// In a forked child. The parent goes on with the drain; not even the lock is the child's.
    LeftToParent,
}

impl<T: Default> Phases<T> {
    #[cfg(not(loom))]
    pub(super) const fn new(control: T) -> Self {
        Self {
            phase: CachePadded(AtomicU8::new(IDLE)),
            control: Lock::new(control),
            drained: Condition::new(),
        }
    }

    #[cfg(loom)]
    pub(super) fn new(control: T) -> Self {
        Self {
            phase: CachePadded(AtomicU8::new(IDLE)),
            control: Lock::new(control),
            drained: Condition::new(),
        }
    }

    /// True if RUNNING. A job's owner reads it after the fence that follows its push.
    #[inline]
    pub(super) fn is_running(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == RUNNING
    }

    /// True if IDLE at this moment: without the lock the phase may be about to change.
    fn is_idle(&self) -> bool {
        self.phase.load(Ordering::SeqCst) == IDLE
    }

    /// Returns the control lock if the executor is idle. It stays idle while the lock is held.
    pub(super) fn lock_idle(&self) -> Option<Locked<'_, T>> {
        // In other phases the lock is not taken.
        if !self.is_idle() {
            return None;
        }
        let control = self.control.lock();
        self.is_idle().then_some(control)
    }

    /// IDLE → RUNNING, if `begin` succeeds; does nothing in any other phase.
    pub(super) fn start<E>(&self, begin: impl FnOnce(&mut T) -> Result<(), E>) -> Result<(), E> {
        let Some(mut control) = self.lock_idle() else { return Ok(()) };
        begin(&mut control)?;
        self.phase.store(RUNNING, Ordering::SeqCst);
        Ok(())
    }

    /// Any phase → IDLE: has `drain` run what was accepted, until `is_drained`. No thread can start
    /// the executor or change its settings while the result is held. Returns `None` if the drain
    /// was left to a parent.
    pub(super) fn shutdown(
        &self,
        mut drain: impl FnMut(T) -> Drain,
        is_drained: impl Fn() -> bool,
    ) -> Option<Locked<'_, T>> {
        let mut control = self.control.lock();
        while self.phase.load(Ordering::SeqCst) == DRAINING {
            control = self.drained.wait(control);
        }
        loop {
            self.phase.store(DRAINING, Ordering::SeqCst);
            let running = std::mem::take(&mut *control);
            drop(control);
            if drain(running) == Drain::LeftToParent {
                return None;
            }
            control = self.control.lock();
            self.phase.store(IDLE, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            if is_drained() {
                self.drained.wake_all();
                return Some(control);
            }
        }
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::atomic::AtomicUsize;
    use crate::sync::{Arc, thread};
    use std::convert::Infallible;

    struct Shared {
        phases: Phases<bool>,
        jobs: AtomicUsize,
    }

    /// As in `queue.rs`; everything but the fence is as weak as possible.
    fn submit(shared: &Shared) {
        shared.jobs.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !shared.phases.is_running() {
            let begin = |runs: &mut bool| {
                assert!(!*runs, "started twice");
                *runs = true;
                Ok::<_, Infallible>(())
            };
            shared.phases.start(begin).unwrap();
        }
    }

    fn shutdown(shared: &Shared) {
        let drain = |_runs: bool| {
            shared.jobs.swap(0, Ordering::Relaxed);
            Drain::Done
        };
        let runs = shared.phases.shutdown(drain, || shared.jobs.load(Ordering::Relaxed) == 0);
        assert!(!*runs.unwrap(), "something was started that nobody will end");
    }

    /// Submits twice while other threads run `others`.
    fn check(others: &'static [fn(&Shared)]) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(move || {
            let shared = Arc::new(Shared { phases: Phases::new(false), jobs: AtomicUsize::new(0) });
            let start_other = |other: &fn(&Shared)| {
                let (shared, other) = (shared.clone(), *other);
                thread::spawn(move || other(&shared))
            };
            let threads: Vec<_> = others.iter().map(start_other).collect();
            submit(&shared);
            submit(&shared);
            for thread in threads {
                thread.join().unwrap();
            }
            let runs = *shared.phases.control.lock();
            assert_eq!(runs, shared.phases.is_running());
            let left = shared.jobs.load(Ordering::Relaxed);
            assert!(left == 0 || runs, "{left} jobs that nobody will run");
        });
    }

    #[test]
    fn no_job_is_lost_to_a_shutdown() {
        check(&[shutdown]);
    }

    #[test]
    fn no_job_is_lost_to_shutdowns_at_the_same_time() {
        check(&[shutdown, shutdown]);
    }

    #[test]
    fn started_once_by_whoever_is_first() {
        check(&[submit]);
    }
}
