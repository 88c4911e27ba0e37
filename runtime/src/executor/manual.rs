//! Manual mode: tasks run where somebody polls.
//!
//! A future that is awaited inside of a poll, or cancelled, leaves a stale entry in the
//! queue. Stale entries are counted, so that the pending count is what a poll would run.

use super::control::{MANUAL, RECORDED, is_manual, turn};
use super::local::{self, Local};
use super::queue::{injector, run};
use crate::future::Queue;
use crate::stack::try_on_ample_stack;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicI64, Ordering};
use crate::timeline::{self, Recorder, Slices};
use crossbeam_deque::Steal;

/// Entries of the manual queue whose futures have been claimed elsewhere.
static STALE: CachePadded<AtomicI64> = CachePadded(AtomicI64::new(0));

/// A queued future was claimed by somebody other than its queue.
#[inline]
pub(crate) fn entry_became_stale(queue: Queue) {
    if queue == Queue::Manual {
        STALE.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stale entry has left the queue.
#[inline]
pub(super) fn stale_entry_removed(queue: Queue) {
    if queue == Queue::Manual {
        STALE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Manual mode: runs the oldest task, if there is one. Answers how many ran, 0 or 1; always
/// 0 in Threaded mode.
pub fn poll() -> usize {
    match turn() {
        MANUAL => usize::from(run_one()),
        turn if turn == MANUAL | RECORDED => run_recorded(1),
        _ => 0,
    }
}

/// Manual mode: runs tasks, those queued meanwhile included, until none is left. Answers
/// how many ran; always 0 in Threaded mode.
pub fn poll_all() -> usize {
    match turn() {
        MANUAL => run_all(),
        turn if turn == MANUAL | RECORDED => run_recorded(usize::MAX),
        _ => 0,
    }
}

/// Manual mode: how many tasks a [`poll_all`] would run if they queued no others; always 0
/// in Threaded mode.
pub fn pending_count() -> usize {
    if !is_manual() {
        return 0;
    }
    let stale = usize::try_from(STALE.load(Ordering::Relaxed)).unwrap_or(0);
    injector().len().saturating_sub(stale)
}

/// Runs all that is in the shared queue on the calling thread.
pub(super) fn drain() -> usize {
    if turn() & RECORDED == 0 { run_all() } else { run_recorded(usize::MAX) }
}

#[inline]
fn run_all() -> usize {
    let mut ran = 0;
    while run_one() {
        ran += 1;
    }
    ran
}

/// Runs so many tasks, or all that there are, and records slices of them; only runs them if the
/// recording has ended meanwhile.
#[cold]
fn run_recorded(most: usize) -> usize {
    let Some(log) = timeline::log() else {
        return if most == 1 { usize::from(run_one()) } else { run_all() };
    };
    let mut slices = Slices::new(log, local::with(Local::counters));
    let mut ran = 0;
    while ran < most && run_one() {
        ran += 1;
        slices.ran(true);
    }
    slices.idle();
    ran
}

/// Runs the oldest task that has not been claimed meanwhile.
fn run_one() -> bool {
    local::with(|local| {
        loop {
            match injector().steal() {
                Steal::Success(job) => {
                    // On a stack that is long enough: a task may poll, and so may the next.
                    // Without memory for one it has to do with what is left.
                    let run = || try_on_ample_stack(|| run(job, local));
                    if local.in_poll(|| run().unwrap_or_else(|run| run())) {
                        return true;
                    }
                }
                Steal::Empty => return false,
                Steal::Retry => crate::sync::hint::spin_loop(),
            }
        }
    })
}
