//! Manual mode: tasks run in the threads that poll.
//!
//! A future that is awaited inside a poll, or cancelled, leaves a stale entry in the queue. Stale
//! entries are counted, so that the pending count is what a poll would run.

use super::control::{MANUAL, RECORDED, is_manual, turn};
use super::job::Job;
use super::local::{self, Local, in_poll};
use super::process::Process;
use super::queue::run;
use crate::error::set_last_error;
use crate::future::Queue;
use crate::stack::{is_foreign, try_on_ample_stack};
use crate::sync::atomic::Ordering;
use crate::timeline::{self, Recorder, Slices};

/// A queued future was claimed other than through its queue.
#[inline]
pub(crate) fn entry_became_stale(queue: Queue) {
    if queue == Queue::Manual {
        Process::current().stale.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stale entry has left the queue.
#[inline]
pub(super) fn stale_entry_removed(process: &Process, queue: Queue) {
    if queue == Queue::Manual {
        process.stale.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A future that was marked as queued found no room in the queue, and was claimed elsewhere.
pub(crate) fn entry_never_came(queue: Queue) {
    stale_entry_removed(Process::current(), queue);
}

/// Manual mode: runs the oldest task, if there is one. Returns the number of tasks run, 0 or 1;
/// always 0 in Threaded mode.
pub fn poll() -> usize {
    on_known_stack(|| match turn() {
        MANUAL => usize::from(run_one(Process::current())),
        turn if turn == MANUAL | RECORDED => run_recorded(Process::current(), 1),
        _ => 0,
    })
}

/// Manual mode: runs tasks, including those queued meanwhile, until none is left. Returns the
/// number of tasks run; always 0 in Threaded mode.
pub fn poll_all() -> usize {
    on_known_stack(|| match turn() {
        MANUAL => run_all(Process::current()),
        turn if turn == MANUAL | RECORDED => run_recorded(Process::current(), usize::MAX),
        _ => 0,
    })
}

/// Runs `poll` on one of the runtime's stacks if a coroutine polls, whose stack is too small for
/// anything. Without memory for a stack the tasks stay queued.
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

/// Manual mode: returns the number of tasks that a [`poll_all`] would run if they queued no others;
/// always 0 in Threaded mode.
pub fn pending_count() -> usize {
    if !is_manual() {
        return 0;
    }
    let process = Process::current();
    let stale = usize::try_from(process.stale.load(Ordering::Relaxed)).unwrap_or(0);
    process.queue.len().saturating_sub(stale)
}

/// Runs everything in the shared queue on the calling thread.
pub(super) fn drain(process: &Process) -> usize {
    if turn() & RECORDED == 0 { run_all(process) } else { run_recorded(process, usize::MAX) }
}

#[inline]
fn run_all(process: &Process) -> usize {
    let mut ran = 0;
    while run_one(process) {
        ran += 1;
    }
    ran
}

/// Runs at most `most` tasks, and records slices of them. Only runs them if the recording has ended
/// meanwhile.
#[cold]
fn run_recorded(process: &Process, most: usize) -> usize {
    let Some(log) = timeline::log() else {
        return if most == 1 { usize::from(run_one(process)) } else { run_all(process) };
    };
    let mut slices = Slices::new(log, local::with(Local::counters));
    let mut ran = 0;
    while ran < most && run_one(process) {
        ran += 1;
        slices.ran(true);
    }
    slices.idle();
    ran
}

/// Runs the oldest task that has not been claimed meanwhile. Runs none in a child that the last
/// task has forked: the queue is its parent's, and the poll is over. This is a separate function
/// because the task may come back on another thread ([`local::with_anew`]).
#[inline(never)]
fn run_one(process: &Process) -> bool {
    while process.is_current()
        && let Some(job) = process.queue.pop()
    {
        if in_poll(|| run_on_ample_stack(job)) {
            return true;
        }
    }
    false
}

/// A task may poll, and so may the next. Without memory for more stack it has to make do with what
/// is left.
fn run_on_ample_stack(job: Job) -> bool {
    local::with(|local| try_on_ample_stack(local, || run(job, local)).unwrap_or_else(|run| run()))
}
