//! Starting, stopping and configuring the executor.
//!
//! The phases are in `phases.rs`, the end of the workers is in `ending.rs`. What is queued when the
//! workers have already left gets new workers. A task may wait for another one, so tasks need as
//! many workers as they were accepted with.

use super::last_start::Start;
use super::phases::Drain;
use super::process::Process;
use super::worker::{Pool, Worker};
use super::{blocked, joins, local, manual};
use crate::environment;
use crate::environment::choices::{Choice, Origin, choices};
use crate::stack::try_on_ample_stack;
use crate::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use crate::sync::os_thread::{self, Name, NoThread, OsThread};
use crate::sync::signals::with_signals_blocked;
use crate::sync::{CachePadded, Counted, processors};
use crate::timeline;
use thiserror::Error;

/// Maximum number of workers. More threads than this are a mistake of the caller.
pub const MAX_WORKERS: usize = 4096;

/// [`MANUAL`] in Manual mode, and [`RECORDED`] while a timeline is recorded, so that a poll reads
/// both with one load.
static TURN: CachePadded<AtomicU8> = CachePadded(AtomicU8::new(0));
/// 0: the default.
static WORKERS: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Running {
    pool: Counted<Pool>,
    threads: Vec<OsThread>,
}

impl Running {
    /// Has the workers run what is queued, and waits for their end.
    fn end(self) {
        self.pool.end();
        for thread in self.threads {
            thread.join();
        }
    }
}

/// The threads that run the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mode {
    /// A pool of worker threads.
    Threaded = 0,
    /// The threads that call [`poll`](super::poll) or [`poll_all`](super::poll_all); the executor
    /// has no threads.
    Manual = 1,
}

/// Reason why a call on the executor was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// Settings can be changed only while the executor is not running.
    #[error("the executor has started: shut it down before changing its {0}")]
    Started(&'static str),
    /// No mode has this number.
    #[error("unknown executor mode {0}: use 0 (Threaded) or 1 (Manual)")]
    UnknownMode(i64),
    /// Number of workers out of range.
    #[error("{0} workers: use a number from 1 to {MAX_WORKERS}")]
    BadWorkerCount(i64),
    /// A worker or a poll that waited for its own end would wait for ever.
    #[error("shutdown from inside of a task: call it from a thread that runs none")]
    ShutdownFromInside,
    /// The remaining tasks would have to run on a stack for which there is no memory.
    #[error("shutdown: no memory for a stack; the tasks stay queued")]
    NoStack,
    /// A worker whose task joins the calling thread would wait for its own end, and so for ever.
    #[error("shutdown from a thread that a task waits for: call it when that has been joined")]
    ShutdownFromJoined,
    /// The system provided no thread at all.
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

/// Returns the mode.
pub fn mode() -> Mode {
    if is_manual() { Mode::Manual } else { Mode::Threaded }
}

/// Bit of [`turn`]: Manual mode.
pub(super) const MANUAL: u8 = 1;
/// Bit of [`turn`]: a timeline is recorded.
pub(super) const RECORDED: u8 = 2;

/// Returns the bits that a poll must know.
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

/// Notes that a recording of a timeline has begun or ended.
#[cfg(not(loom))]
pub(crate) fn note_recording(is_on: bool) {
    set_turn(RECORDED, is_on);
}

/// Resets the settings in a forked child. Its executor is new, and its parent's timeline does not
/// concern it.
pub(super) fn forget_settings() {
    TURN.store(0, Ordering::Relaxed);
    WORKERS.store(0, Ordering::Relaxed);
}

/// True if the executor is not started, and no thread is about to start it or shut it down.
pub(crate) fn is_idle() -> bool {
    Process::current().phases.lock_idle().is_some()
}

/// Sets the mode. Refused unless the executor is idle.
pub fn set_mode(mode: Mode) -> Result<(), ExecutorError> {
    let _control = Process::current().phases.lock_idle().ok_or(ExecutorError::Started("mode"))?;
    set_turn(MANUAL, mode == Mode::Manual);
    Ok(())
}

/// Sets the number of workers for the next start. Refused unless the executor is idle. The default
/// is the value of `SIMPLE_RT_WORKERS` in the environment, or the available parallelism.
pub fn set_workers(workers: i64) -> Result<(), ExecutorError> {
    let count = usize::try_from(workers).ok().filter(|n| (1..=MAX_WORKERS).contains(n));
    let count = count.ok_or(ExecutorError::BadWorkerCount(workers))?;
    let _control =
        Process::current().phases.lock_idle().ok_or(ExecutorError::Started("workers"))?;
    WORKERS.store(count, Ordering::Relaxed);
    Ok(())
}

/// Starts the executor. Does nothing if it is already running. The first task starts it as well.
pub fn start() -> Result<(), ExecutorError> {
    let process = Process::current();
    process.phases.start(|running| {
        timeline::executor_starts();
        if is_manual() {
            let (workers, workers_from) = requested_workers();
            let start = Start { mode: Mode::Manual, workers, workers_from, started: 0 };
            process.starts.lock().note(start);
        } else {
            *running = Some(start_workers(process)?);
        }
        Ok(())
    })
}

/// Returns the number of workers of the next start, and the party that determined it.
pub(super) fn requested_workers() -> (usize, Origin) {
    workers_or(Choice::value)
}

/// As [`requested_workers`], with `of_environment` for a program that has not set the number.
fn workers_or(of_environment: fn(&Choice<usize>) -> Option<usize>) -> (usize, Origin) {
    match WORKERS.load(Ordering::Relaxed) {
        0 => match of_environment(&choices().workers) {
            Some(count) => (count, Origin::Environment),
            None => (processors().unwrap_or(1), Origin::Default),
        },
        count => (count, Origin::Program),
    }
}

fn start_workers(process: &'static Process) -> Result<Running, ExecutorError> {
    let (count, workers_from) = workers_or(Choice::value_or_message);
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
    // Fewer workers than requested are enough; none is an error.
    match refusal {
        Some(error) if threads.is_empty() => Err(ExecutorError::NoThread(error)),
        _ => {
            let (mode, started) = (Mode::Threaded, threads.len());
            process.starts.lock().note(Start { mode, workers: count, workers_from, started });
            Ok(Running { pool, threads })
        }
    }
}

fn start_worker(index: usize, worker: Worker) -> Result<OsThread, NoThread> {
    let name = Name::new(format_args!("simple-worker-{index}"));
    os_thread::start(name, move || worker.run())
}

/// Runs every accepted task, including those queued meanwhile, ends the workers and makes the
/// executor as new: idle, Threaded, with the default number of workers. Manual tasks run on the
/// calling thread. Does nothing to an executor that is already as new. Tasks that an awaiting
/// thread or another poll has begun are left to it to finish.
///
/// Refused where it could only hang: with [`ExecutorError::ShutdownFromInside`] on a thread that
/// runs a task, and with [`ExecutorError::ShutdownFromJoined`] on an isolated thread that a
/// worker's task joins, directly or through other threads. (A task that waits for the thread in
/// another way, such as a channel, is not seen.) A task's join of a thread that is inside this call
/// is refused.
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
    // Submitters wait for this lock, and writing a file may take long.
    drop(idle);
    timeline::executor_ended();
    environment::stats::executor_ended();
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
            // Manual mode's tasks, or those for which no thread is available.
            None => drop(manual::drain(process)),
        }
    }
    if process.is_current() { Drain::Done } else { Drain::LeftToParent }
}
