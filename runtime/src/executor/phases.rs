//! The phases of the executor, and why no job is lost between them.
//!
//! | phase | meaning | left by |
//! |---|---|---|
//! | IDLE | no workers; mode and workers may be set | [`Phases::start`], also by the first job |
//! | RUNNING | jobs are run by workers (Threaded) or polls (Manual) | [`Phases::shutdown`] |
//! | DRAINING | shutdown runs what was accepted | shutdown, to IDLE |
//!
//! Whoever queues a job makes it visible, fences, and looks at the phase; shutdown stores
//! IDLE, fences, and looks at the queue. One of the two sees the other: the job's owner
//! starts the executor, or shutdown drains once more.
//!
//! The control lock is held while shutdown drains, so nothing that a body may call waits
//! for it: [`Phases::lock_idle`] gives up as soon as the phase is not IDLE.

use crate::sync::atomic::{AtomicU8, Ordering, fence};
use crate::sync::{Mutex, MutexGuard, thread};

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const DRAINING: u8 = 2;

/// The phase, and what runs in it.
pub(super) struct Phases<T> {
    phase: AtomicU8,
    control: Mutex<T>,
}

impl<T> Phases<T> {
    #[cfg(not(loom))]
    pub(super) const fn new(control: T) -> Self {
        Self { phase: AtomicU8::new(IDLE), control: Mutex::new(control) }
    }

    #[cfg(loom)]
    pub(super) fn new(control: T) -> Self {
        Self { phase: AtomicU8::new(IDLE), control: Mutex::new(control) }
    }

    /// What a job's owner looks at, behind the fence after its push.
    #[inline]
    pub(super) fn is_running(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == RUNNING
    }

    /// The control lock, if the executor is idle; it stays idle while the lock is held.
    pub(super) fn lock_idle(&self) -> Option<MutexGuard<'_, T>> {
        while self.phase.load(Ordering::SeqCst) == IDLE {
            if let Some(control) = self.control.try_lock() {
                return (self.phase.load(Ordering::SeqCst) == IDLE).then_some(control);
            }
            thread::yield_now();
        }
        None
    }

    /// IDLE → RUNNING, if `begin` succeeds; does nothing in any other phase.
    pub(super) fn start<E>(&self, begin: impl FnOnce(&mut T) -> Result<(), E>) -> Result<(), E> {
        let Some(mut control) = self.lock_idle() else { return Ok(()) };
        begin(&mut control)?;
        self.phase.store(RUNNING, Ordering::SeqCst);
        Ok(())
    }

    /// Any phase → IDLE: has `drain` run what was accepted, until `is_drained`. Nobody can
    /// start the executor or change its settings while the answer is held.
    pub(super) fn shutdown(
        &self,
        mut drain: impl FnMut(&mut T),
        is_drained: impl Fn() -> bool,
    ) -> MutexGuard<'_, T> {
        let mut control = self.control.lock();
        loop {
            self.phase.store(DRAINING, Ordering::SeqCst);
            drain(&mut control);
            self.phase.store(IDLE, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            if is_drained() {
                return control;
            }
        }
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::Arc;
    use crate::sync::atomic::AtomicUsize;
    use std::convert::Infallible;

    struct Shared {
        phases: Phases<bool>,
        jobs: AtomicUsize,
    }

    /// As `queue.rs` does; all but the fence is as weak as can be.
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
        let drain = |runs: &mut bool| {
            *runs = false;
            shared.jobs.swap(0, Ordering::Relaxed);
        };
        let runs = shared.phases.shutdown(drain, || shared.jobs.load(Ordering::Relaxed) == 0);
        assert!(!*runs, "something was started that nobody will end");
    }

    /// Submits twice while others do something else.
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
