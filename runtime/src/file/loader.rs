//! The threads that load files nobody waits for yet.
//!
//! They are few, start when there is work, and leave when there is none for a while. They
//! are not the executor's workers: a thread that waits for a disk would keep bodies from
//! running, and in Manual mode there are no workers.
//!
//! Waking a sleeping thread costs more than loading a small file, so at most one loader is
//! on its way at a time: whoever queues a file wakes (or starts) one only if none is, and a
//! loader that arrives and finds more than one file waiting sends for the next.

use super::handles::{is_queued, load_queued};
use super::stats::{self, count};
use crate::registry::Handle;
use crate::sync::{Condvar, Mutex, MutexGuard, thread};
use std::collections::VecDeque;
use std::panic;
use std::sync::OnceLock;
use std::time::Duration;

/// More threads would only make a disk seek, or wait for the same memory bus.
const MOST_THREADS: usize = 4;
/// How long a loader without work stays.
const IDLE: Duration = Duration::from_secs(5);

static POOL: Mutex<Pool> = Mutex::new(Pool {
    queue: VecDeque::new(),
    threads: 0,
    sleeping: 0,
    one_is_coming: false,
    sleeper_wanted: false,
});
static WORK: Condvar = Condvar::new();

struct Pool {
    queue: VecDeque<Handle>,
    /// Loaders that exist or are being started.
    threads: usize,
    /// Loaders that sleep, or have been woken and do not run yet.
    sleeping: usize,
    /// A loader has been sent for and has not yet come.
    one_is_coming: bool,
    /// It is a sleeper: the first that looks is the one, whomever the notification reached.
    sleeper_wanted: bool,
}

/// What is to be done, after the lock is released, to get another loader.
enum Call {
    Nobody,
    Wake,
    Start,
}

impl Pool {
    /// Decides who shall see to the queue, and notes that they have been sent for.
    fn call(&mut self) -> Call {
        if self.one_is_coming || self.queue.is_empty() {
            return Call::Nobody;
        }
        if self.sleeping > 0 {
            self.one_is_coming = true;
            self.sleeper_wanted = true;
            return Call::Wake;
        }
        if self.threads < most_threads() {
            self.threads += 1;
            self.one_is_coming = true;
            return Call::Start;
        }
        Call::Nobody
    }
}

/// Queues a file. If no thread can be had it stays queued, and its first waiter loads it.
pub(super) fn submit(handle: Handle) {
    let call = {
        let mut pool = POOL.lock();
        pool.queue.push_back(handle);
        pool.call()
    };
    send_for(call);
}

fn send_for(call: Call) {
    match call {
        Call::Nobody => {}
        Call::Wake => {
            count(&stats::LOADER_WAKES);
            WORK.notify_one();
        }
        Call::Start => start(),
    }
}

fn start() {
    let builder = thread::Builder::new().name("simple-loader".to_owned());
    // Dropping the handle detaches the thread: it ends by itself.
    match with_signals_blocked(|| builder.spawn(run)) {
        Ok(_) => count(&stats::LOADER_STARTS),
        Err(_) => give_up(),
    }
}

/// No thread can be had: forget that one was coming, and what nobody wants any more.
#[cold]
fn give_up() {
    let mut pool = POOL.lock();
    pool.threads -= 1;
    pool.one_is_coming = false;
    // Waiters load their files themselves and leave stale entries behind. Looking through
    // them only at powers of two keeps this cheap when threads stay scarce.
    if pool.threads == 0 && pool.queue.len().is_power_of_two() {
        pool.queue.retain(|&handle| is_queued(handle));
    }
}

/// A loader's life.
fn run() {
    let mut pool = POOL.lock();
    pool.one_is_coming = false;
    while let Some(handle) = next(&mut pool) {
        let call = pool.call();
        MutexGuard::unlocked(&mut pool, || {
            send_for(call);
            // Should loading panic, the file has failed, but the pool keeps its thread.
            let _ = panic::catch_unwind(|| load_queued(handle));
        });
    }
}

/// The next file, slept for if need be; `None` when it is time to leave.
fn next(pool: &mut MutexGuard<'_, Pool>) -> Option<Handle> {
    loop {
        if let Some(handle) = pool.queue.pop_front() {
            return Some(handle);
        }
        pool.sleeping += 1;
        let timed_out = WORK.wait_for(pool, IDLE).timed_out();
        pool.sleeping -= 1;
        if std::mem::take(&mut pool.sleeper_wanted) {
            pool.one_is_coming = false;
        } else if timed_out && pool.queue.is_empty() {
            pool.threads -= 1;
            return None;
        }
    }
}

fn most_threads() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}

/// Runs `spawn` with the signals blocked that a loader has no business handling; the new
/// thread inherits the mask. Faults, profiling and aborts are left alone.
fn with_signals_blocked<R>(spawn: impl FnOnce() -> R) -> R {
    const LEFT_ALONE: [libc::c_int; 8] = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGSYS,
        libc::SIGABRT,
        libc::SIGPROF,
    ];
    // SAFETY: signal sets are plain data, filled by the calls before they are used; the
    // mask is the calling thread's own and is put back.
    unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut blocked);
        for signal in LEFT_ALONE {
            libc::sigdelset(&mut blocked, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, &mut before);
        let result = spawn();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}
