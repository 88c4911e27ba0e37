//! Who sees to the queue of files: what the loaders decide under their lock, without the
//! threads and the sleeping.
//!
//! Waking a sleeping thread costs more than loading a small file, so at most one loader is
//! on its way at a time: whoever queues a file wakes (or starts) one only if none is, and a
//! loader that arrives and finds more than one file waiting sends for the next.
//!
//! No file is left in the queue beside loaders that sleep: whoever adds one calls, and whoever
//! takes one calls for the rest. `call` does nothing only if a loader is coming, which will take
//! a file and call in its turn, or if all that there may be are awake, each of which looks at
//! the queue before it sleeps.

use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct Roster<T> {
    queue: VecDeque<T>,
    /// Loaders that exist or are being started.
    threads: usize,
    /// Loaders that sleep, or have been woken and do not run yet.
    sleeping: usize,
    /// A loader has been sent for and has not yet come.
    one_is_coming: bool,
    /// It is a sleeper: the first that looks is the one, whomever the notification reached.
    sleeper_wanted: bool,
}

/// What is to be done, after the lock is released, to get another loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Call {
    Nobody,
    Wake,
    Start,
}

/// What a loader does that no longer sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Then {
    /// Looks at the queue.
    Look,
    /// Ends.
    Leave,
}

impl<T> Roster<T> {
    pub(super) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            threads: 0,
            sleeping: 0,
            one_is_coming: false,
            sleeper_wanted: false,
        }
    }

    /// Adds to the queue.
    pub(super) fn add(&mut self, item: T, most_threads: usize) -> Call {
        self.queue.push_back(item);
        self.call(most_threads)
    }

    /// Decides who shall see to the queue, and notes that they have been sent for.
    fn call(&mut self, most_threads: usize) -> Call {
        if self.one_is_coming || self.queue.is_empty() {
            return Call::Nobody;
        }
        if self.sleeping > 0 {
            self.one_is_coming = true;
            self.sleeper_wanted = true;
            return Call::Wake;
        }
        if self.threads < most_threads {
            self.threads += 1;
            self.one_is_coming = true;
            return Call::Start;
        }
        Call::Nobody
    }

    /// A loader that was started has come.
    pub(super) fn arrive(&mut self) {
        self.one_is_coming = false;
    }

    /// A loader could not be started: forget that one was coming, and what nobody wants.
    ///
    /// Waiters load their files themselves and leave stale entries behind. Looking through
    /// them only at powers of two keeps this cheap when threads stay scarce.
    #[cold]
    pub(super) fn give_up(&mut self, is_wanted: impl Fn(&T) -> bool) {
        self.threads -= 1;
        self.one_is_coming = false;
        if self.threads == 0 && self.queue.len().is_power_of_two() {
            self.queue.retain(is_wanted);
        }
    }

    /// Takes from the queue, and decides who shall see to the rest.
    pub(super) fn take(&mut self, most_threads: usize) -> Option<(T, Call)> {
        let item = self.queue.pop_front()?;
        Some((item, self.call(most_threads)))
    }

    /// A loader that found nothing goes to sleep.
    pub(super) fn fall_asleep(&mut self) {
        self.sleeping += 1;
    }

    /// A loader sleeps no more.
    pub(super) fn wake_up(&mut self, timed_out: bool) -> Then {
        self.sleeping -= 1;
        if std::mem::take(&mut self.sleeper_wanted) {
            self.one_is_coming = false;
        } else if timed_out && self.queue.is_empty() {
            self.threads -= 1;
            return Then::Leave;
        }
        Then::Look
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::{Call, Roster, Then};
    use crate::sync::atomic::{AtomicUsize, Ordering};
    use crate::sync::{Arc, Mutex, MutexGuard, thread};
    use loom::sync::Condvar;
    use loom::thread::JoinHandle;

    const ITEMS: usize = 3;
    const MOST_THREADS: usize = 2;

    struct Pool {
        roster: Mutex<Roster<usize>>,
        work: Condvar,
        loaded: AtomicUsize,
        threads: Mutex<Vec<JoinHandle<()>>>,
        /// A loader's time is over as soon as it sleeps; otherwise when all is loaded.
        impatient: bool,
    }

    fn add(pool: &Arc<Pool>, item: usize) {
        let call = pool.roster.lock().add(item, MOST_THREADS);
        send_for(pool, call);
    }

    fn send_for(pool: &Arc<Pool>, call: Call) {
        match call {
            Call::Nobody => {}
            Call::Wake => pool.work.notify_one(),
            Call::Start => {
                let own = pool.clone();
                let thread = thread::spawn(move || run(&own));
                pool.threads.lock().push(thread);
            }
        }
    }

    fn run(pool: &Arc<Pool>) {
        let mut roster = pool.roster.lock();
        roster.arrive();
        loop {
            if let Some((_, call)) = roster.take(MOST_THREADS) {
                drop(roster);
                send_for(pool, call);
                if pool.loaded.fetch_add(1, Ordering::Relaxed) + 1 == ITEMS {
                    // Under the lock, or a loader might look before and sleep after.
                    let _roster = pool.roster.lock();
                    pool.work.notify_all();
                }
                roster = pool.roster.lock();
                continue;
            }
            roster.fall_asleep();
            let timed_out;
            (roster, timed_out) = pool.sleep(roster);
            if roster.wake_up(timed_out) == Then::Leave {
                return;
            }
        }
    }

    impl Pool {
        fn sleep<'a>(
            &'a self,
            roster: MutexGuard<'a, Roster<usize>>,
        ) -> (MutexGuard<'a, Roster<usize>>, bool) {
            if self.impatient {
                drop(roster);
                return (self.roster.lock(), true);
            }
            let is_over = || self.loaded.load(Ordering::Relaxed) == ITEMS;
            if is_over() {
                return (roster, true);
            }
            let roster = self.work.wait(roster).unwrap();
            (roster, is_over())
        }
    }

    fn all_is_loaded(impatient: bool) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(move || {
            let pool = Arc::new(Pool {
                roster: Mutex::new(Roster::new()),
                work: Condvar::new(),
                loaded: AtomicUsize::new(0),
                threads: Mutex::new(Vec::new()),
                impatient,
            });
            (0..ITEMS).for_each(|item| add(&pool, item));
            // A loader that were left asleep beside a file would never end.
            loop {
                let Some(thread) = pool.threads.lock().pop() else { break };
                thread.join().unwrap();
            }
            assert_eq!(pool.loaded.load(Ordering::Relaxed), ITEMS);
            let roster = pool.roster.lock();
            assert_eq!((roster.threads, roster.sleeping), (0, 0));
            assert!(!roster.one_is_coming && !roster.sleeper_wanted && roster.queue.is_empty());
        });
    }

    #[test]
    fn no_file_is_left_beside_a_sleeping_loader() {
        all_is_loaded(false);
    }

    #[test]
    fn a_loader_that_leaves_leaves_no_file() {
        all_is_loaded(true);
    }
}
