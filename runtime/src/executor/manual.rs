//! Manual mode: tasks run where somebody polls.
//!
//! A future that is awaited inside of a poll, or cancelled, leaves a stale entry in the
//! queue. Stale entries are counted, so that the pending count is what a poll would run.

use super::control::{MANUAL, RECORDED, is_manual, turn};
use super::job::Job;
use super::local::{self, Local, in_poll};
use super::queue::{injector, run};
use crate::error::set_last_error;
use crate::future::Queue;
use crate::stack::{is_foreign, try_on_ample_stack};
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
    on_known_stack(|| match turn() {
        MANUAL => usize::from(run_one()),
        turn if turn == MANUAL | RECORDED => run_recorded(1),
        _ => 0,
    })
}

/// Manual mode: runs tasks, those queued meanwhile included, until none is left. Answers
/// how many ran; always 0 in Threaded mode.
pub fn poll_all() -> usize {
    on_known_stack(|| match turn() {
        MANUAL => run_all(),
        turn if turn == MANUAL | RECORDED => run_recorded(usize::MAX),
        _ => 0,
    })
}

/// A coroutine may poll, whose stack is too small for anything: then on one of ours. Without
/// memory for one the tasks stay queued.
#[inline]
fn on_known_stack(poll: impl FnOnce() -> usize) -> usize {
    local::with(|local| {
        if !is_foreign(local) {
            return poll();
        }
        try_on_ample_stack(local, poll).unwrap_or_else(|_| {
            set_last_error("poll: no memory for a stack; the tasks stay queued");
            0
        })
    })
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

/// Runs the oldest task that has not been claimed meanwhile. A function of its own, because the
/// task may come back on another thread ([`local::with_anew`]).
#[inline(never)]
fn run_one() -> bool {
    loop {
        match injector().steal() {
            Steal::Success(job) => {
                if in_poll(|| run_on_ample_stack(job)) {
                    return true;
                }
            }
            Steal::Empty => return false,
            Steal::Retry => crate::sync::hint::spin_loop(),
        }
    }
}

/// A task may poll, and so may the next. Without memory for more stack it has to do with what is
/// left.
fn run_on_ample_stack(job: Job) -> bool {
    local::with(|local| try_on_ample_stack(local, || run(job, local)).unwrap_or_else(|run| run()))
}
