//! The path of every job: into a queue, and out of it to be run.

use super::fifo::NoRoom;
use super::job::Job;
use super::local::{self, Local};
use super::process::Process;
use super::shared_queue::Length;
use super::{control, manual};
use crate::future::{self, Body};
use crate::stack::Stack;
use crate::sync::fork;
use crate::value::{RuntimeValue, Value};

/// Number of jobs made visible before they are announced together.
const ANNOUNCED_TOGETHER: usize = 64;

/// Hands a job to the executor, and starts the executor if necessary. Without memory the job stays
/// the caller's.
#[inline]
pub(crate) fn enqueue(job: Job) -> Result<(), NoRoom> {
    let process = Process::current();
    local::with(|local| {
        let placed = make_visible(process, job, local);
        announce(process, placed, local);
        if placed < Placed::Shared(Length::Long) { Ok(()) } else { unusual(process, placed, local) }
    })
}

/// Hands several jobs to the executor. The announcement's fence is the most expensive part of that,
/// so one is made for many jobs. `jobs` must run no foreign code, which might wait for a job that
/// has not been announced. A job for which there is no memory is given to `refused`, which may.
pub(crate) fn enqueue_all(jobs: impl Iterator<Item = Job>, refused: impl Fn(Job)) {
    let process = Process::current();
    local::with(|local| {
        let mut unannounced = 0;
        let mut placed = Placed::Own;
        for job in jobs {
            let place = make_visible(process, job, local);
            if place == FULL {
                announce(process, placed.max(Placed::Shared(Length::Usual)), local);
                unannounced = 0;
                local.counters().submitted.add(ONE_LESS);
                refused(job);
                continue;
            }
            placed = placed.max(place);
            unannounced += 1;
            if unannounced == ANNOUNCED_TOGETHER {
                announce(process, placed, local);
                unannounced = 0;
            }
        }
        if unannounced > 0 {
            announce(process, placed, local);
        }
        if placed == Placed::Shared(Length::Long) {
            collect_stale(process);
        }
    });
}

/// The place where a job was made visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Placed {
    /// In the ring of the calling worker.
    Own,
    /// In the shared queue.
    Shared(Length),
}

#[inline(always)]
fn make_visible(process: &Process, job: Job, local: &Local) -> Placed {
    local.counters().submitted.add(1);
    let overflow = match local.worker() {
        Some(worker) => worker.push(job).err(),
        None => Some(job),
    };
    overflow.map_or(Placed::Own, |job| Placed::Shared(process.queue.push_before_fence(job)))
}

/// The place of a job for which there is no memory.
const FULL: Placed = Placed::Shared(Length::Full);
/// Takes back a count.
const ONE_LESS: u64 = u64::MAX;

/// Called after the announcement of a job in a queue that is long or full.
#[cold]
fn unusual(process: &Process, placed: Placed, local: &Local) -> Result<(), NoRoom> {
    if placed == FULL {
        local.counters().submitted.add(ONE_LESS);
        return Err(NoRoom);
    }
    collect_stale(process);
    Ok(())
}

/// Gives up the entries of the shared queue whose futures have been claimed elsewhere. Call it only
/// after what was queued is announced: dropping a context runs foreign code.
#[cold]
fn collect_stale(process: &Process) {
    // SAFETY: the job is in the queue, with a reference to its future.
    let is_wanted = |job: Job| job.code != 0 || unsafe { future::is_unbegun(job.data as usize) };
    for job in process.queue.take_unwanted(is_wanted) {
        // SAFETY: taken out of the queue: the job's reference passes to the call.
        let queue = unsafe { future::give_up_entry(job.data as usize) };
        manual::stale_entry_removed(process, queue);
    }
}

/// Wakes a worker for jobs that have been made visible, if necessary.
#[inline(always)]
fn announce(process: &Process, placed: Placed, local: &Local) {
    // The fence in `notify` is also the one that the shared queue asks for, and the one that
    // `phases.rs` needs between making a job visible and reading the phase.
    let has_woken = process.sleep.notify();
    if placed != Placed::Own {
        process.queue.wake_next();
    }
    local.note_waking(has_woken);
    if has_woken {
        local.counters().wakes.add(1);
    }
    if !process.phases.is_running() {
        start_for_a_job(process, placed, local);
    }
}

#[cold]
fn start_for_a_job(process: &Process, placed: Placed, local: &Local) {
    if placed == FULL {
        return;
    }
    match control::start() {
        // Workers that started before the job was visible may have gone to sleep by now.
        Ok(()) => {
            if process.sleep.notify() {
                local.counters().wakes.add(1);
            }
        }
        Err(error) => crate::error::set_last_error(format_args!("{error}; the task stays queued")),
    }
}

/// Runs `function` with `context` at some time, on a worker or in a poll. Its result is discarded;
/// a panic in it is only counted. Any thread may submit.
///
/// Returns an id, unique in the process and greater than zero. Without memory to queue the task,
/// drops the context and returns 0, with a message for [`last_error`](crate::error::last_error).
pub fn submit(function: Body, context: Value) -> i64 {
    let job = Job { code: function as usize as u64, data: context.into_raw().to_bits() };
    match enqueue(job) {
        Ok(()) => local::with(Local::task_id),
        Err(NoRoom) => take_back(job),
    }
}

/// Drops the context of a task that could not be queued.
#[cold]
fn take_back(job: Job) -> i64 {
    // SAFETY: the reference that was meant for the queue.
    drop(unsafe { Value::from_raw(RuntimeValue::from_bits(job.data)) });
    crate::error::set_last_error("rt_executor_submit: not enough memory");
    0
}

/// As [`submit`], for a closure. Without memory for the closure, drops it and returns 0, with a
/// message for [`last_error`](crate::error::last_error).
pub fn submit_closure(function: impl FnOnce() + Send + 'static) -> i64 {
    let context = Value::try_closure(move || {
        function();
        Value::nil()
    });
    let Some(context) = context else {
        crate::error::set_last_error("submit_closure: no memory for the closure");
        return 0;
    };
    submit(crate::value::closure::call_closure, context)
}

/// Runs a job that was taken from a queue. False if it was a future that has been claimed or
/// cancelled meanwhile.
#[inline]
pub(super) fn run(job: Job, local: &Local) -> bool {
    if job.code == 0 {
        // SAFETY: the job owned a reference to this future, which passes to the call.
        let ran = unsafe { future::run_queued(job.data as usize, local) };
        if !ran.was_claimed {
            local.note_stale();
            manual::stale_entry_removed(Process::current(), ran.queue);
        }
        ran.was_claimed
    } else {
        run_function(job, local);
        true
    }
}

fn run_function(job: Job, local: &Local) {
    // SAFETY: `submit` made the word from a `Body`.
    let function = unsafe { std::mem::transmute::<usize, Body>(job.code as usize) };
    // SAFETY: the job owned this reference.
    let context = unsafe { Value::from_raw(RuntimeValue::from_bits(job.data)) };
    let process = fork::generation();
    let stack = Stack::here(local);
    let result = crate::unwind::catch_on(stack.running(), || {
        drop(function(context.raw()));
        drop(context);
    });
    if process != fork::generation() {
        // A child does not count the end of its parent's task.
        return;
    }
    stack.with_thread(|local| {
        local.counters().completed.add(1);
        if result.is_err() {
            local.counters().panics.add(1);
        }
    });
}
