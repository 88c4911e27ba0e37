//! The threads that load files nobody waits for yet.
//!
//! They are few, start when there is work, and leave when there is none for a while
//! (`roster.rs` says who is sent for). They are not the executor's workers: a thread that
//! waits for a disk would keep bodies from running, and in Manual mode there are no workers.

use super::handles::{is_queued, load_queued};
use super::roster::{Call, Roster, Then};
use super::stats::{self, count};
use crate::registry::Handle;
use crate::sync::signals::spawn_quiet;
use crate::sync::std_locks::Mutex;
use crate::sync::thread;
use std::panic;
use std::sync::{MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// More threads would only make a disk seek, or wait for the same memory bus.
const MOST_THREADS: usize = 4;
/// How long a loader without work stays.
const IDLE: Duration = Duration::from_secs(5);

/// One process's loaders.
///
/// Nothing here waits in `parking_lot`: that keeps all who wait in one table, which a fork
/// copies with those who do not exist in the child, and then who waits there may not be found.
pub(super) struct Loaders(Mutex<Roster<Handle, Sleeper>>);

#[derive(Debug)]
struct Sleeper(Thread);

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.0.id() == other.0.id()
    }
}

impl Loaders {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Roster::new()))
    }

    /// Queues a file. If no thread can be had it stays queued, and its first waiter loads it.
    pub(super) fn submit(&'static self, handle: Handle) {
        let call = self.roster().add(handle, most_threads());
        self.send_for(call);
    }

    fn roster(&self) -> MutexGuard<'_, Roster<Handle, Sleeper>> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_for(&'static self, call: Call<Sleeper>) {
        match call {
            Call::Nobody => {}
            Call::Wake(sleeper) => {
                count(&stats::LOADER_WAKES);
                sleeper.0.unpark();
            }
            Call::Start => self.start(),
        }
    }

    fn start(&'static self) {
        let builder = thread::Builder::new().name("simple-loader".to_owned());
        // Dropping the handle detaches the thread: it ends by itself.
        match spawn_quiet(builder, || self.run()) {
            Ok(_) => count(&stats::LOADER_STARTS),
            Err(_) => {
                let call = self.roster().give_up(|&handle| is_queued(handle));
                self.send_for(call);
            }
        }
    }

    /// A loader's life.
    fn run(&'static self) {
        let mut roster = self.roster();
        roster.arrive();
        loop {
            while let Some((handle, call)) = roster.take(most_threads()) {
                drop(roster);
                self.send_for(call);
                // Should loading panic, the file has failed, but the thread is kept.
                let _ = panic::catch_unwind(|| load_queued(handle));
                roster = self.roster();
            }
            let (then, guard) = self.sleep(roster);
            if then == Then::Leave {
                return;
            }
            roster = guard;
        }
    }

    /// Sleeps until called, or until it is time to leave.
    fn sleep<'a>(
        &'a self,
        mut roster: MutexGuard<'a, Roster<Handle, Sleeper>>,
    ) -> (Then, MutexGuard<'a, Roster<Handle, Sleeper>>) {
        let own = Sleeper(thread::current());
        let until = Instant::now() + IDLE;
        roster.fall_asleep(Sleeper(own.0.clone()));
        loop {
            drop(roster);
            let left = until.saturating_duration_since(Instant::now());
            thread::park_timeout(left);
            roster = self.roster();
            match roster.wake_up(&own, Instant::now() >= until) {
                Then::Sleep => {}
                then => return (then, roster),
            }
        }
    }
}

fn most_threads() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}
