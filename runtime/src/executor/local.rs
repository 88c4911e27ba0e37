//! What a thread knows about itself: whether it is a worker, whether it is inside of a
//! poll, which futures it runs, and its own counters.
//!
//! One thread-local without a destructor, so that reading it is a plain offset; what does
//! need cleaning up (the counters' slot) hangs on a second one that is touched once.

use super::job::Job;
use super::stats::{self, Counters};
use super::worker::Worker;
use crate::future::FutureObject;
use crate::sync::Spin;
use std::cell::Cell;
use std::ptr;
use std::time::{Duration, Instant};

/// A thread that was woken longer ago has come up, and may be about to finish.
const COMING_UP: Duration = Duration::from_micros(50);

/// Far longer than a spin, and than waking a thread on another processor takes.
const QUIET: Duration = Duration::from_micros(250);

/// One running body in the chain of bodies that this thread runs inside of each other.
struct Frame {
    future: *const FutureObject,
    outer: *const Frame,
}

/// A thread's own state.
pub(crate) struct Local {
    innermost: Cell<*const Frame>,
    worker: Cell<*const Worker>,
    polls: Cell<u32>,
    /// When it last woke a sleeper.
    woke_at: Cell<Option<Instant>>,
    /// Its last act for others was that, the first for some time.
    is_first_wake_up: Cell<bool>,
    counters: Cell<Option<&'static Counters>>,
    /// Entries of queues that had been claimed elsewhere when they were found.
    stale: Cell<u32>,
    /// Task ids handed out from the block that ends at `ids_end`.
    next_id: Cell<i64>,
    ids_end: Cell<i64>,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            innermost: Cell::new(ptr::null()),
            worker: Cell::new(ptr::null()),
            polls: Cell::new(0),
            woke_at: Cell::new(None),
            is_first_wake_up: Cell::new(false),
            counters: Cell::new(None),
            stale: Cell::new(0),
            next_id: Cell::new(0),
            ids_end: Cell::new(0),
        }
    };
}

/// Runs `f` with the calling thread's state.
#[inline(always)]
pub(crate) fn with<R>(f: impl FnOnce(&Local) -> R) -> R {
    LOCAL.with(f)
}

impl Local {
    /// A word that no other live thread has.
    #[inline]
    pub(crate) fn token(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    /// Runs `f` as the body of `future`, on top of the bodies that run already.
    #[inline]
    pub(crate) fn in_frame<R>(&self, future: &FutureObject, f: impl FnOnce() -> R) -> R {
        let frame = Frame { future, outer: self.innermost.get() };
        self.innermost.set(&raw const frame);
        // `f` catches the panics of bodies; should anything else unwind, it must not leave a
        // pointer to this stack frame behind.
        struct Restore<'a>(&'a Local, *const Frame);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.innermost.set(self.1);
            }
        }
        let _restore = Restore(self, frame.outer);
        f()
    }

    /// The futures whose bodies this thread runs, innermost first.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &FutureObject> {
        let mut frame = self.innermost.get();
        std::iter::from_fn(move || {
            // SAFETY: frames live in `in_frame`, on the stack of this thread, in calls that
            // have not returned while the caller of this method runs on top of them; their
            // futures are kept alive by whoever runs them.
            let running = unsafe { frame.as_ref() }?;
            frame = running.outer;
            // SAFETY: as above.
            Some(unsafe { &*running.future })
        })
    }

    /// Whether the thread runs a body, or is polling.
    pub(crate) fn is_inside(&self) -> bool {
        !self.innermost.get().is_null() || self.polls.get() > 0
    }

    /// Runs `f` as part of a poll (or of shutdown's last run).
    pub(super) fn in_poll<R>(&self, f: impl FnOnce() -> R) -> R {
        self.polls.set(self.polls.get() + 1);
        // `f` catches the panics of tasks; should anything else unwind, the thread must not
        // count as polling for ever.
        struct Restore<'a>(&'a Local);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.polls.set(self.0.polls.get() - 1);
            }
        }
        let _restore = Restore(self);
        f()
    }

    /// Notes whether the thread's last act for others has woken a sleeper.
    #[inline]
    pub(crate) fn note_waking(&self, has_woken: bool) {
        if has_woken {
            self.note_wake_up();
        } else {
            self.is_first_wake_up.set(false);
        }
    }

    #[cold]
    fn note_wake_up(&self) {
        let now = Instant::now();
        let before = self.woke_at.replace(Some(now));
        let is_first = before.is_none_or(|before| now - before > QUIET);
        self.is_first_wake_up.set(is_first);
    }

    /// The spin before the thread sleeps: none if it has just woken a sleeper, the first for
    /// some time. What it waits for comes from that thread, which needs about as long as a spin
    /// to come up; and it may be given this very processor, which the spin would keep from it.
    /// Threads that wake each other all the time do better to stay awake.
    #[inline]
    pub(crate) fn spin(&self) -> Spin {
        let has_just_woken = self.is_first_wake_up.replace(false)
            && self.woke_at.get().is_some_and(|woke_at| woke_at.elapsed() < COMING_UP);
        if has_just_woken { Spin::none() } else { Spin::new() }
    }

    /// Makes the calling thread a worker while `f` runs.
    pub(super) fn as_worker<R>(&self, worker: &Worker, f: impl FnOnce() -> R) -> R {
        self.worker.set(worker);
        let result = f();
        self.worker.set(ptr::null());
        result
    }

    /// The worker that this thread is.
    #[inline]
    pub(super) fn worker(&self) -> Option<&Worker> {
        // SAFETY: set only while `as_worker` borrows the worker, on this very thread.
        unsafe { self.worker.get().as_ref() }
    }

    /// Takes `job` back if it is the newest of this worker's own; the reference that the job
    /// owned is the caller's then.
    #[inline]
    pub(crate) fn take_back(&self, job: Job) -> bool {
        self.worker().is_some_and(|worker| worker.take_back(job))
    }

    /// Which worker of its pool this thread is.
    pub(crate) fn worker_index(&self) -> Option<u32> {
        self.worker().map(Worker::index)
    }

    /// Whether this thread is a worker of the pool.
    pub(crate) fn is_worker(&self) -> bool {
        !self.worker.get().is_null()
    }

    /// This thread's counters.
    #[inline]
    pub(crate) fn counters(&self) -> &'static Counters {
        match self.counters.get() {
            Some(counters) => counters,
            None => self.take_counters(),
        }
    }

    #[cold]
    fn take_counters(&self) -> &'static Counters {
        let counters = stats::counters_for_this_thread();
        self.counters.set(Some(counters));
        counters
    }

    /// The thread ends: its block of counters passes to another.
    pub(super) fn forget_counters(&self) {
        self.counters.set(None);
    }

    /// An entry of a queue was no job any more.
    pub(super) fn note_stale(&self) {
        self.stale.set(self.stale.get().wrapping_add(1));
    }

    /// How many there were, modulo 2^32.
    pub(super) fn stale(&self) -> u32 {
        self.stale.get()
    }

    /// A task id, unique in the process and greater than zero. Taken from the process in
    /// blocks, so that submitting threads share no line over it.
    #[inline]
    pub(super) fn task_id(&self) -> i64 {
        if self.next_id.get() == self.ids_end.get() {
            let (start, end) = stats::reserve_task_ids();
            self.next_id.set(start);
            self.ids_end.set(end);
        }
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }
}
