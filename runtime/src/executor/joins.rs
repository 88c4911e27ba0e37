//! Which isolated thread waits for which, so that a shutdown never waits for itself.
//!
//! A shutdown waits for the workers. A worker whose task joins a thread that is in a shutdown,
//! or that joins one that is, would wait for ever, and the shutdown with it. Whoever comes second
//! is refused: the shutdown, if a worker waits for its thread; otherwise the join.
//!
//! Waits of other kinds are not seen: a task that waits for a message of a thread that shuts
//! the executor down first waits for ever.

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
    /// Who waits, and for the thread of which id.
    waits: Vec<(Joiner, i64)>,
    /// Isolated threads in a shutdown.
    shutting_down: Vec<i64>,
}

impl Joins {
    pub(super) const fn new() -> Self {
        Self { waits: Vec::new(), shutting_down: Vec::new() }
    }

    /// Whether a worker waits for the thread, perhaps by way of others.
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

/// Runs `join`, in which the isolated thread `caller` (or one that is none: 0) waits for the
/// thread `target`. Refused, with `None`, if a shutdown under way could then not end.
pub(crate) fn joining<R>(caller: i64, target: i64, join: impl FnOnce() -> R) -> Option<R> {
    let joiner = match caller {
        _ if local::with(|local| local.is_worker()) => Joiner::Worker,
        // Nobody can join it, and so nobody waits by way of it.
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

/// The calling thread's shutdown, while this lives.
pub(super) struct ShuttingDown {
    process: &'static Process,
    caller: i64,
}

/// The isolated thread `caller` (or one that is none: 0) begins a shutdown. Refused if a worker
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
