//! The threads that load files that nobody waits for yet.
//!
//! There are few of them. They start when there is work, and leave after some time without work
//! (`roster.rs` decides which one is called). They are not the executor's workers: a thread that
//! waits for a disk would keep bodies from running, and in Manual mode there are no workers.
//! Everything that a loader itself needs is allocated before it starts: without memory for that,
//! there is no loader.

use super::handles::{is_wanted, load_queued};
use super::roster::{Call, Roster, Then};
use super::stats::{self, count};
use crate::environment::choices::choices;
use crate::error::set_last_error;
use crate::registry::Handle;
use crate::sync::os_thread::{self, Name, NoThread, OsThread};
use crate::sync::signals::with_signals_blocked;
use crate::sync::{Constant, Counted, Lock, Locked, Parker, processors};
use std::panic;
use std::time::{Duration, Instant};

/// Default for the largest number of loaders, if there are as many processors. More threads would
/// make a disk seek, or wait for the same memory bus.
const MOST_THREADS: usize = 4;
/// Largest number that `SIMPLE_RT_LOADERS` may set: storage with high latency serves more requests
/// at once than a machine has processors.
pub(crate) const MAX_LOADERS: usize = 64;
/// Time that a loader without work stays.
const IDLE: Duration = Duration::from_secs(5);

/// The loaders of one process.
pub(super) struct Loaders(Lock<Roster<Handle, Sleeper>>);

/// The place where one loader sleeps.
#[derive(Debug, Clone)]
struct Sleeper(Counted<Parker>);

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Loaders {
    pub(super) const fn new() -> Self {
        Self(Lock::new(Roster::new()))
    }

    /// Queues a file. If no thread is available, the file stays queued and its first waiter loads
    /// it; a message says so.
    pub(super) fn submit(&'static self, handle: Handle) {
        choices().loaders.value_or_message();
        let call = self.0.lock().add(handle, most_loaders(), |&handle| is_wanted(handle));
        self.send_for(call);
    }

    fn send_for(&'static self, call: Call<Sleeper>) {
        match call {
            Call::Nobody => {}
            Call::Wake(sleeper) => {
                count(&stats::LOADER_WAKES);
                sleeper.0.call();
            }
            Call::Start => self.start(),
            Call::NoMemory => tell(NoThread::NO_MEMORY),
        }
    }

    fn start(&'static self) {
        // Dropping the thread detaches it: it ends by itself.
        match self.try_to_start() {
            Ok(_) => count(&stats::LOADER_STARTS),
            Err(error) => {
                let (call, is_deserted) = {
                    let mut roster = self.0.lock();
                    (roster.give_up(), roster.is_deserted())
                };
                if is_deserted {
                    tell(error);
                }
                self.send_for(call);
            }
        }
    }

    fn try_to_start(&'static self) -> Result<OsThread, NoThread> {
        if !self.0.lock().make_bed(most_loaders()) {
            return Err(NoThread::NO_MEMORY);
        }
        let own = Sleeper(Counted::try_new(Parker::new()).ok_or(NoThread::NO_MEMORY)?);
        with_signals_blocked(|| {
            os_thread::start(Name::new("simple-loader"), move || self.run(&own))
        })
    }

    /// Runs a loader until it leaves.
    fn run(&'static self, own: &Sleeper) {
        let mut roster = self.0.lock();
        roster.arrive();
        loop {
            while let Some((handle, call)) = roster.take(most_loaders()) {
                drop(roster);
                self.send_for(call);
                // If loading panics, the file has failed, but the thread continues.
                let _ = panic::catch_unwind(|| load_queued(handle));
                roster = self.0.lock();
            }
            let (then, guard) = self.sleep(own, roster);
            if then == Then::Leave {
                return;
            }
            roster = guard;
        }
    }

    /// Sleeps until the loader is called, or until it is time to leave.
    fn sleep<'a>(
        &'a self,
        own: &Sleeper,
        mut roster: Locked<'a, Roster<Handle, Sleeper>>,
    ) -> (Then, Locked<'a, Roster<Handle, Sleeper>>) {
        let until = Instant::now() + IDLE;
        roster.fall_asleep(own.clone());
        loop {
            // Under the lock, while this loader is among the sleepers: no call for this sleep has
            // come yet.
            own.0.reset();
            drop(roster);
            own.0.sleep(Some(until));
            roster = self.0.lock();
            match roster.wake_up(own, Instant::now() >= until) {
                Then::Sleep => {}
                then => return (then, roster),
            }
        }
    }
}

/// Leaves a message that the file is left to its waiters.
fn tell(reason: NoThread) {
    set_last_error(format_args!(
        "native_async_file_start_loading: no loader thread ({reason}); \
         the first wait loads the file"
    ));
}

/// Returns the largest number of loader threads.
pub(crate) fn most_loaders() -> usize {
    choices().loaders.value().unwrap_or_else(default_loaders)
}

fn default_loaders() -> usize {
    // Determined again if there was no memory to find out.
    static MOST: Constant = Constant::new(|| processors().unwrap_or(0).min(MOST_THREADS) as u64);
    MOST.get().max(1) as usize
}
