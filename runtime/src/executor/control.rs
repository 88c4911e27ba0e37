//! Starting, stopping and setting the executor.
//!
//! The phases stand in `phases.rs`, the end of the workers in `ending.rs`. What is queued
//! when the workers have already left gets workers of its own: a task may wait for another
//! one, and so needs as many of them as it was accepted with.

use super::phases::Drain;
use super::process::Process;
use super::worker::{Pool, Worker};
use super::{blocked, joins, local, manual};
use crate::stack::try_on_ample_stack;
use crate::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use crate::sync::os_thread::{self, Name, NoThread, OsThread};
use crate::sync::signals::with_signals_blocked;
use crate::sync::{CachePadded, Counted, processors};
use crate::timeline;
use thiserror::Error;

/// More threads than this are a mistake of the caller.
pub const MAX_WORKERS: usize = 4096;

/// [`MANUAL`] in Manual mode, and [`RECORDED`] while a timeline is recorded: so that a poll finds
/// out both by one look.
static TURN: CachePadded<AtomicU8> = CachePadded(AtomicU8::new(0));
/// 0: the available parallelism.
static WORKERS: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Running {
    pool: Counted<Pool>,
    threads: Vec<OsThread>,
}

impl Running {
    /// Lets the workers run what there is, and waits for their end.
    fn end(self) {
        self.pool.end();
        for thread in self.threads {
            thread.join();
        }
    }
}

/// Who runs the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mode {
    /// A pool of worker threads.
    Threaded = 0,
    /// Whoever calls [`poll`](super::poll) or [`poll_all`](super::poll_all); the executor
    /// has no threads.
    Manual = 1,
}

/// Why a call on the executor was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// Settings can be changed only while the executor does not run.
    #[error("the executor has started: shut it down before changing its {0}")]
    Started(&'static str),
    /// No mode has this number.
    #[error("unknown executor mode {0}: use 0 (Threaded) or 1 (Manual)")]
    UnknownMode(i64),
    /// Not a sensible number of workers.
    #[error("{0} workers: use a number from 1 to {MAX_WORKERS}")]
    BadWorkerCount(i64),
    /// A worker or a poll that waited for its own end would wait for ever.
    #[error("shutdown from inside of a task: call it from a thread that runs none")]
    ShutdownFromInside,
    /// The tasks that are left would have to run on a stack for which there is no memory.
    #[error("shutdown: no memory for a stack; the tasks stay queued")]
    NoStack,
    /// A worker whose task joins the calling thread would wait for its own end, and so for ever.
    #[error("shutdown from a thread that a task waits for: call it when that has been joined")]
    ShutdownFromJoined,
    /// The system gave no thread at all.
    #[error("no worker thread could be started: {0}")]
    NoThread(NoThread),
}

impl TryFrom<i64> for Mode {
    type Error = ExecutorError;

    fn try_from(number: i64) -> Result<Self, ExecutorError> {
        match number {
            0 => Ok(Self::Threaded),
            1 => Ok(Self::Manual),
            _ => Err(ExecutorError::UnknownMode(number)),
        }
    }
}

/// The mode.
pub fn mode() -> Mode {
    if is_manual() { Mode::Manual } else { Mode::Threaded }
}

/// In [`turn`]: Manual mode.
pub(super) const MANUAL: u8 = 1;
/// In [`turn`]: a timeline is recorded.
pub(super) const RECORDED: u8 = 2;

/// What a poll must know.
#[inline]
pub(super) fn turn() -> u8 {
    TURN.load(Ordering::Relaxed)
}

#[inline]
pub(crate) fn is_manual() -> bool {
    turn() & MANUAL != 0
}

fn set_turn(bit: u8, is_on: bool) {
    if is_on {
        TURN.fetch_or(bit, Ordering::Relaxed);
    } else {
        TURN.fetch_and(!bit, Ordering::Relaxed);
    }
}

/// A recording of a timeline has begun or ended.
#[cfg(not(loom))]
pub(crate) fn note_recording(is_on: bool) {
    set_turn(RECORDED, is_on);
}

/// A child's executor is as new, and its parent's timeline is no business of it.
pub(super) fn forget_settings() {
    TURN.store(0, Ordering::Relaxed);
    WORKERS.store(0, Ordering::Relaxed);
}

/// Whether it is not started, and nobody is about to start it or to shut it down.
pub(crate) fn is_idle() -> bool {
    Process::current().phases.lock_idle().is_some()
}

/// Sets the mode; refused unless the executor is idle.
pub fn set_mode(mode: Mode) -> Result<(), ExecutorError> {
    let _control = Process::current().phases.lock_idle().ok_or(ExecutorError::Started("mode"))?;
    set_turn(MANUAL, mode == Mode::Manual);
    Ok(())
}

/// Sets the number of workers of the next start; refused unless the executor is idle. The
/// default is the available parallelism.
pub fn set_workers(workers: i64) -> Result<(), ExecutorError> {
    let count = usize::try_from(workers).ok().filter(|n| (1..=MAX_WORKERS).contains(n));
    let count = count.ok_or(ExecutorError::BadWorkerCount(workers))?;
    let _control =
        Process::current().phases.lock_idle().ok_or(ExecutorError::Started("workers"))?;
    WORKERS.store(count, Ordering::Relaxed);
    Ok(())
}

/// Starts the executor; does nothing if it runs already. The first task starts it as well.
pub fn start() -> Result<(), ExecutorError> {
    let process = Process::current();
    process.phases.start(|running| {
        timeline::executor_starts();
        if !is_manual() {
            *running = Some(start_workers(process)?);
        }
        Ok(())
    })
}

fn start_workers(process: &'static Process) -> Result<Running, ExecutorError> {
    let count = match WORKERS.load(Ordering::Relaxed) {
        0 => processors().unwrap_or(1),
        count => count,
    };
    let no_memory = ExecutorError::NoThread(NoThread::NO_MEMORY);
    let mut threads = Vec::new();
    let room = threads.try_reserve_exact(count).ok();
    let made = room.and_then(|()| Pool::try_new(process, count));
    let (pool, workers) = made.ok_or(no_memory)?;
    blocked::workers_started(process, count);
    let mut refusal = None;
    with_signals_blocked(|| {
        for (index, worker) in workers.into_iter().enumerate() {
            match start_worker(index, worker) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    blocked::worker_ended(process);
                    pool.one_worker_less();
                    refusal = Some(error);
                }
            }
        }
    });
    // Fewer workers than asked for are enough; none are not.
    match refusal {
        Some(error) if threads.is_empty() => Err(ExecutorError::NoThread(error)),
        _ => Ok(Running { pool, threads }),
    }
}

fn start_worker(index: usize, worker: Worker) -> Result<OsThread, NoThread> {
    let name = Name::new(format_args!("simple-worker-{index}"));
    os_thread::start(name, move || worker.run())
}

/// Runs every accepted task, those that are queued meanwhile included, ends the workers and
/// makes the executor as new: idle, Threaded, with the default number of workers. Manual
/// tasks run on the calling thread. Does nothing to an executor that is as new already.
/// What an awaiting thread or another poll has begun is theirs to finish.
///
/// Refused where it could only hang: with [`ExecutorError::ShutdownFromInside`] on a thread that
/// runs a task, and with [`ExecutorError::ShutdownFromJoined`] on an isolated thread that a task
/// of a worker joins, directly or through other threads. (A task that waits for the thread in
/// another way, by a channel perhaps, is not seen.) A task that joins a thread which is in here is
/// refused the join.
pub fn shutdown() -> Result<(), ExecutorError> {
    if local::with(|local| local.is_worker() || local.is_inside()) {
        return Err(ExecutorError::ShutdownFromInside);
    }
    let process = Process::current();
    let _shutting_down = joins::begin_shutdown(process, crate::thread::current_id())
        .ok_or(ExecutorError::ShutdownFromJoined)?;
    let is_drained = || process.queue.is_empty();
    let end = || process.phases.shutdown(|running| drain(process, running), is_drained);
    // Manual tasks run here, where a coroutine's stack would be too small.
    let idle =
        local::with(|local| try_on_ample_stack(local, end).map_err(|_| ExecutorError::NoStack))?;
    let Some(idle) = idle else { return Ok(()) };
    set_turn(MANUAL, false);
    WORKERS.store(0, Ordering::Relaxed);
    // Whoever submits waits for it, and a file may take long to write.
    drop(idle);
    timeline::executor_ended();
    Ok(())
}

/// Runs what has been accepted.
fn drain(process: &'static Process, running: Option<Running>) -> Drain {
    if let Some(running) = running {
        running.end();
    } else if !process.queue.is_empty() {
        let latecomers = if is_manual() { None } else { start_workers(process).ok() };
        match latecomers {
            Some(workers) => workers.end(),
            // Manual mode's tasks, or those for which no thread can be had.
            None => drop(manual::drain(process)),
        }
    }
    if process.is_current() { Drain::Done } else { Drain::LeftToParent }
}
