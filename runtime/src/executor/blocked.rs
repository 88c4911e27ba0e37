//! The blocked workers, counted so that a race can tell when no other thread will begin a future.
//!
//! An awaiter runs a future that has not begun itself, so it never depends on a worker. A race
//! cannot: it must not run the slow one while the fast one gets ready elsewhere. It waits for the
//! workers to begin its futures, and if all of them are blocked (in a race, an await, a channel, a
//! join, a file), none would ever do so. So a worker that is about to block reports it, and the
//! last one to block wakes the races, which then begin one of their futures themselves. All of this
//! happens only where a thread goes to sleep anyway.
//!
//! A worker whose wait ends by itself (a sleep, a wait with a limit) is not blocked: it goes on,
//! and what it runs may be what the race waits for.

use super::local;
use super::process::Process;
use crate::sync::Counted;
use crate::sync::wait_table::Waiter;
use crate::timeline;
use std::time::Instant;

pub(super) struct Blocked {
    /// Workers of the pool that have not ended.
    alive: usize,
    /// Blocked workers of the pool.
    workers: usize,
    /// Threads that wait in a race.
    races: Vec<Counted<Waiter>>,
}

impl Blocked {
    pub(super) const fn new() -> Self {
        Self { alive: 0, workers: 0, races: Vec::new() }
    }

    fn all(&self) -> bool {
        self.workers >= self.alive
    }

    fn tell_races(&self) {
        if self.all() {
            for race in &self.races {
                race.notify();
            }
        }
    }
}

/// A pool of this many workers begins.
pub(super) fn workers_started(process: &Process, workers: usize) {
    process.blocked.lock().alive += workers;
}

/// One worker has left its pool, or no thread was available for it.
pub(super) fn worker_ended(process: &Process) {
    let mut blocked = process.blocked.lock();
    blocked.alive -= 1;
    blocked.tell_races();
}

/// True if the calling thread is a worker, and the only one.
pub(crate) fn is_only_worker() -> bool {
    local::with(|local| local.is_worker()) && Process::current().blocked.lock().alive == 1
}

/// Runs `f`, in which the calling thread may sleep until another thread acts.
pub(crate) fn blocking<R>(f: impl FnOnce() -> R) -> R {
    if !local::with(|local| local.is_worker()) {
        return f();
    }
    let process = Process::current();
    {
        let mut blocked = process.blocked.lock();
        blocked.workers += 1;
        blocked.tell_races();
    }
    let _unblock = Unblock(process);
    let _recorded = timeline::blocked();
    f()
}

/// Runs `f`, in which the calling thread may sleep; it wakes up by itself.
pub(crate) fn napping<R>(f: impl FnOnce() -> R) -> R {
    if !local::with(|local| local.is_worker()) {
        return f();
    }
    let _recorded = timeline::blocked();
    f()
}

/// Runs `f`, in which the calling thread may sleep until another thread acts, or the deadline.
pub(crate) fn blocking_until<R>(deadline: Option<Instant>, f: impl FnOnce() -> R) -> R {
    if deadline.is_some() { napping(f) } else { blocking(f) }
}

struct Unblock(&'static Process);

impl Drop for Unblock {
    fn drop(&mut self) {
        self.0.blocked.lock().workers -= 1;
    }
}

/// Runs `sleep` (which waits with `waiter`) as a race's wait. If all workers are blocked (or there is
/// no memory for the race), returns
/// `None` instead, and the caller must begin a future itself. The caller must do the same when
/// `sleep` ends because the last worker has blocked.
pub(crate) fn racing<R>(waiter: &Counted<Waiter>, sleep: impl FnOnce() -> R) -> Option<R> {
    blocking(|| {
        let process = Process::current();
        {
            let mut blocked = process.blocked.lock();
            if blocked.all() {
                return None;
            }
            if blocked.races.try_reserve(1).is_err() {
                return None;
            }
            blocked.races.push(waiter.clone());
        }
        let result = sleep();
        let mut blocked = process.blocked.lock();
        blocked.races.retain(|other| !other.is_same(waiter));
        if blocked.races.is_empty() {
            // Gives back the memory that many simultaneous races have taken.
            blocked.races = Vec::new();
        }
        Some(result)
    })
}
