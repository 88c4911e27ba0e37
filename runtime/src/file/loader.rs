//! The threads that load files nobody waits for yet.
//!
//! They are few, start when there is work, and leave when there is none for a while
//! (`roster.rs` says who is sent for). They are not the executor's workers: a thread that
//! waits for a disk would keep bodies from running, and in Manual mode there are no workers.

use super::handles::{is_queued, load_queued};
use super::roster::{Call, Roster, Then};
use super::stats::{self, count};
use super::threads::with_signals_blocked;
use crate::registry::Handle;
use crate::sync::{Condvar, Mutex, MutexGuard, thread};
use std::panic;
use std::sync::OnceLock;
use std::time::Duration;

/// More threads would only make a disk seek, or wait for the same memory bus.
const MOST_THREADS: usize = 4;
/// How long a loader without work stays.
const IDLE: Duration = Duration::from_secs(5);

/// One process's loaders.
pub(super) struct Loaders {
    roster: Mutex<Roster<Handle>>,
    work: Condvar,
}

impl Loaders {
    pub(super) const fn new() -> Self {
        Self { roster: Mutex::new(Roster::new()), work: Condvar::new() }
    }

    /// Queues a file. If no thread can be had it stays queued, and its first waiter loads it.
    pub(super) fn submit(&'static self, handle: Handle) {
        let call = self.roster.lock().add(handle, most_threads());
        self.send_for(call);
    }

    fn send_for(&'static self, call: Call) {
        match call {
            Call::Nobody => {}
            Call::Wake => {
                count(&stats::LOADER_WAKES);
                self.work.notify_one();
            }
            Call::Start => self.start(),
        }
    }

    fn start(&'static self) {
        let builder = thread::Builder::new().name("simple-loader".to_owned());
        // Dropping the handle detaches the thread: it ends by itself.
        match with_signals_blocked(|| builder.spawn(|| self.run())) {
            Ok(_) => count(&stats::LOADER_STARTS),
            Err(_) => self.roster.lock().give_up(|&handle| is_queued(handle)),
        }
    }

    /// A loader's life.
    fn run(&'static self) {
        let mut roster = self.roster.lock();
        roster.arrive();
        loop {
            if let Some((handle, call)) = roster.take(most_threads()) {
                MutexGuard::unlocked(&mut roster, || {
                    self.send_for(call);
                    // Should loading panic, the file has failed, but the thread is kept.
                    let _ = panic::catch_unwind(|| load_queued(handle));
                });
                continue;
            }
            roster.fall_asleep();
            let timed_out = self.work.wait_for(&mut roster, IDLE).timed_out();
            if roster.wake_up(timed_out) == Then::Leave {
                return;
            }
        }
    }
}

fn most_threads() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}
