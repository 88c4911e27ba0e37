//! The waits for isolated threads, recorded so that a shutdown never waits for itself.
//!
//! A shutdown waits for the workers. A worker would wait for ever, and the shutdown with it, if its
//! task joined a thread that is in a shutdown, or one that joins such a thread. The call that comes
//! second is refused: the shutdown, if a worker waits for its thread; otherwise the join.
//!
//! Waits of other kinds are not seen. If a task waits for a message from a thread, and the thread
//! shuts the executor down first, both wait for ever.

use super::local;
use super::process::Process;

/// A thread that joins another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joiner {
    Worker,
    /// An isolated thread, by its id.
    Isolated(i64),
}

pub(super) struct Joins {
    /// Each waiting thread, and the id of the thread it waits for.
    waits: Vec<(Joiner, i64)>,
    /// Isolated threads in a shutdown.
    shutting_down: Vec<i64>,
}

impl Joins {
    pub(super) const fn new() -> Self {
        Self { waits: Vec::new(), shutting_down: Vec::new() }
    }

    /// True if a worker waits for the thread, directly or through others.
    fn worker_waits_for(&self, thread: i64) -> bool {
        let mut awaited = vec![thread];
        let mut seen = 0;
        while let Some(&thread) = awaited.get(seen) {
            seen += 1;
            for (joiner, _) in self.waits.iter().filter(|(_, target)| *target == thread) {
                match joiner {
                    Joiner::Worker => return true,
                    Joiner::Isolated(id) if !awaited.contains(id) => awaited.push(*id),
                    Joiner::Isolated(_) => {}
                }
            }
        }
        false
    }

    fn remove(&mut self, wait: (Joiner, i64)) {
        if let Some(place) = self.waits.iter().position(|other| *other == wait) {
            self.waits.swap_remove(place);
        }
    }
}

/// Runs `join`, in which the isolated thread `caller` (0 for any other thread) waits for the thread
/// `target`. Refuses with `None` if a shutdown under way could then not end.
pub(crate) fn joining<R>(caller: i64, target: i64, join: impl FnOnce() -> R) -> Option<R> {
    let joiner = match caller {
        _ if local::with(|local| local.is_worker()) => Joiner::Worker,
        // Nothing can join this thread, so nothing waits through it.
        0 => return Some(join()),
        id => Joiner::Isolated(id),
    };
    let wait = (joiner, target);
    let process = Process::current();
    {
        let mut joins = process.joins.lock();
        joins.waits.push(wait);
        if joins.shutting_down.iter().any(|&thread| joins.worker_waits_for(thread)) {
            joins.remove(wait);
            return None;
        }
    }
    let result = join();
    process.joins.lock().remove(wait);
    Some(result)
}

/// The calling thread's shutdown, for as long as this lives.
pub(super) struct ShuttingDown {
    process: &'static Process,
    caller: i64,
}

/// Begins a shutdown by the isolated thread `caller` (0 for any other thread). Refused if a worker
/// waits for it.
pub(super) fn begin_shutdown(process: &'static Process, caller: i64) -> Option<ShuttingDown> {
    if caller != 0 {
        let mut joins = process.joins.lock();
        if joins.worker_waits_for(caller) {
            return None;
        }
        joins.shutting_down.push(caller);
    }
    Some(ShuttingDown { process, caller })
}

impl Drop for ShuttingDown {
    fn drop(&mut self) {
        if self.caller != 0 && self.process.is_current() {
            self.process.joins.lock().shutting_down.retain(|&thread| thread != self.caller);
        }
    }
}
