//! Which workers are blocked, so that a race can tell when nobody else will begin a future.
//!
//! An awaiter runs a future that has not begun itself, so it never depends on a worker. A
//! race cannot: it must not run the slow one while the fast one gets ready elsewhere. It
//! waits for the workers to begin its futures, and if all of them are blocked (in a race,
//! an await, a channel, a join, a file), nobody ever would. So workers that are about to
//! block say so, and the last one to do so wakes the races, which then begin one of their
//! futures themselves. All of this happens only where a thread goes to sleep anyway.

use super::local;
use crate::sync::wait_table::Waiter;
use crate::sync::{Arc, CachePadded, Mutex};
use crate::timeline;

struct Blocked {
    /// Workers of the pool that have not ended.
    alive: usize,
    /// Blocked workers of the pool.
    workers: usize,
    /// Threads that wait in a race.
    races: Vec<Arc<Waiter>>,
}

static BLOCKED: CachePadded<Mutex<Blocked>> =
    CachePadded(Mutex::new(Blocked { alive: 0, workers: 0, races: Vec::new() }));

impl Blocked {
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

/// A pool of so many workers begins.
pub(super) fn workers_started(workers: usize) {
    BLOCKED.lock().alive += workers;
}

/// One worker has left its pool, or could not be had.
pub(super) fn worker_ended() {
    let mut blocked = BLOCKED.lock();
    blocked.alive -= 1;
    blocked.tell_races();
}

/// Runs `f`, in which the calling thread may sleep until another thread acts.
pub(crate) fn blocking<R>(f: impl FnOnce() -> R) -> R {
    if !local::with(|local| local.is_worker()) {
        return f();
    }
    {
        let mut blocked = BLOCKED.lock();
        blocked.workers += 1;
        blocked.tell_races();
    }
    let _unblock = Unblock;
    let _recorded = timeline::blocked();
    f()
}

struct Unblock;

impl Drop for Unblock {
    fn drop(&mut self) {
        BLOCKED.lock().workers -= 1;
    }
}

/// Runs `sleep` (which waits with `waiter`) as a race's wait, unless all workers are
/// blocked: then answers `None`, and the caller must begin a future itself. The same is
/// true when `sleep` ends because the last worker has blocked.
pub(crate) fn racing<R>(waiter: &Arc<Waiter>, sleep: impl FnOnce() -> R) -> Option<R> {
    blocking(|| {
        {
            let mut blocked = BLOCKED.lock();
            if blocked.all() {
                return None;
            }
            blocked.races.push(waiter.clone());
        }
        let result = sleep();
        BLOCKED.lock().races.retain(|other| !Arc::ptr_eq(other, waiter));
        Some(result)
    })
}
