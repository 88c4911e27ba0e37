//! A thread's own state: whether it is a worker, whether it is inside a poll, what runs on its
//! stack, and its counters.
//!
//! One thread-local without a destructor, so reading it is a plain offset and works until the
//! thread's last moment. `thread_end.rs` cleans up what needs it.

use super::job::Job;
use super::stats::{self, Counters};
use super::thread_end;
use super::worker::Worker;
use crate::future::FutureObject;
use crate::stack::{Cache, OwnStack, Running, Stack};
use crate::sync::Spin;
use std::cell::Cell;
use std::ptr;
use std::time::{Duration, Instant};

/// A thread that was woken longer ago than this has come up, and may be about to finish.
const COMING_UP: Duration = Duration::from_micros(50);

/// Far longer than a spin, and than it takes to wake a thread on another processor.
const QUIET: Duration = Duration::from_micros(250);

/// A thread's own state.
pub(crate) struct Local {
    own_stack: OwnStack,
    /// Runs on the thread's own stack.
    running: Running,
    pieces: Cache,
    is_end_watched: Cell<bool>,
    /// Times the thread has been notified of its end.
    ends: Cell<u32>,
    worker: Cell<*const Worker>,
    /// True if it was a worker until its pool ended: the thread is ending.
    is_ended_worker: Cell<bool>,
    polls: Cell<u32>,
    /// Time of its last wake-up of a sleeper.
    woke_at: Cell<Option<Instant>>,
    /// True if its last act for others was that wake-up, the first for some time.
    is_first_wake_up: Cell<bool>,
    counters: Cell<Option<&'static Counters>>,
    /// Queue entries that were found already claimed elsewhere.
    stale: Cell<u32>,
    /// Task ids are handed out from the block that ends at `ids_end`.
    next_id: Cell<i64>,
    ids_end: Cell<i64>,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            own_stack: OwnStack::new(),
            running: Running::new(),
            pieces: Cache::new(),
            is_end_watched: Cell::new(false),
            ends: Cell::new(0),
            worker: Cell::new(ptr::null()),
            is_ended_worker: Cell::new(false),
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

/// Runs `f` as part of a poll (or of shutdown's last run).
pub(super) fn in_poll<R>(f: impl FnOnce() -> R) -> R {
    with(|local| local.polls.set(local.polls.get() + 1));
    // `f` catches the panics of tasks. If anything else unwinds, the thread must not count as
    // polling for ever.
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            // This may be another thread, if a coroutine has moved the poll there.
            with_anew(|local| local.polls.set(local.polls.get().saturating_sub(1)));
        }
    }
    let _restore = Restore;
    f()
}

/// Runs `f` with the calling thread's state.
#[inline(always)]
pub(crate) fn with<R>(f: impl FnOnce(&Local) -> R) -> R {
    // Not `LOCAL.with(f)`, which costs a call and its frame where `f` is large.
    let local = LOCAL.with(ptr::from_ref);
    // SAFETY: a thread-local without a destructor lasts as long as its thread, on which `f` runs.
    f(unsafe { &*local })
}

/// As [`with`], for code that has run a body since its last access: the body may have returned on
/// another thread. Compilers do not expect that, and keep a thread-local's address.
#[inline(never)]
pub(crate) fn with_anew<R>(f: impl FnOnce(&Local) -> R) -> R {
    LOCAL.with(f)
}

impl Local {
    #[inline(always)]
    pub(crate) fn own_stack(&self) -> &OwnStack {
        &self.own_stack
    }

    /// Returns what runs on the thread's own stack.
    #[inline(always)]
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// Returns the thread's idle pieces of stack.
    #[inline(always)]
    pub(crate) fn pieces(&self) -> &Cache {
        &self.pieces
    }

    /// Arranges for `thread_end.rs` to be called when the thread ends. False if that is impossible:
    /// then nothing that needs cleaning up may be kept for the thread.
    #[inline]
    pub(crate) fn watch_end(&self) -> bool {
        self.is_end_watched.get() || thread_end::watch(self.ends.get(), &self.is_end_watched)
    }

    /// Gives away what the thread has, because it ends or nearly so.
    pub(super) fn clear(&self) {
        self.is_end_watched.set(false);
        self.ends.set(self.ends.get() + 1);
        self.pieces.clear();
        if let Some(counters) = self.counters.take() {
            stats::give_back(counters);
        }
    }

    /// Returns a word that no other live thread has.
    #[inline]
    pub(crate) fn token(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    /// Returns the futures whose bodies the caller runs inside, innermost first.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &FutureObject> {
        Stack::here(self).layers(self).flat_map(|running| running.bodies.iter())
    }

    /// True if the caller runs inside a body, or a poll, of this process.
    pub(crate) fn is_inside(&self) -> bool {
        // Bodies that a parent process began lie beneath all others.
        let innermost = self.bodies().next();
        self.polls.get() > 0 || innermost.is_some_and(|body| !body.is_inherited())
    }

    /// Called in a forked child, whose only thread is the calling one. The bodies on its stack
    /// continue and finish, but it is no longer a worker or part of a poll.
    pub(super) fn leave_parent(&self) {
        let has_part = self.is_worker() || self.polls.get() > 0 || self.counters.get().is_some();
        if !has_part {
            // It runs no body either, and searching for one may take long.
            return;
        }
        self.bodies().for_each(FutureObject::inherit);
        if let Some(worker) = self.worker() {
            worker.leave_parent();
        }
        self.worker.set(ptr::null());
        self.polls.set(0);
        self.counters.set(None);
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

    /// Returns the spin before the thread sleeps. There is none if the thread has just woken a
    /// sleeper, the first for some time. What it waits for comes from that thread, which needs
    /// about as long as a spin to come up, and may be given this very processor, which the spin
    /// would keep from it. Threads that wake each other all the time do better to stay awake.
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

    /// Notes that this worker's pool has ended, and that the thread only has to end.
    pub(super) fn note_worker_ended(&self) {
        self.is_ended_worker.set(true);
    }

    /// True if the thread runs its last destructors, after the end of its pool.
    pub(crate) fn is_ended_worker(&self) -> bool {
        self.is_ended_worker.get()
    }

    /// Returns the worker that this thread is.
    #[inline]
    pub(super) fn worker(&self) -> Option<&Worker> {
        // SAFETY: set only while `as_worker` borrows the worker, on this very thread.
        unsafe { self.worker.get().as_ref() }
    }

    /// Takes `job` back if it is the newest in this worker's ring. The job's reference then belongs
    /// to the caller.
    #[inline]
    pub(crate) fn take_back(&self, job: Job) -> bool {
        self.worker().is_some_and(|worker| worker.take_back(job))
    }

    /// Returns this thread's index among the workers of its pool.
    pub(crate) fn worker_index(&self) -> Option<u32> {
        self.worker().map(Worker::index)
    }

    /// True if this thread is a worker of the pool.
    pub(crate) fn is_worker(&self) -> bool {
        !self.worker.get().is_null()
    }

    /// Returns this thread's counters.
    #[inline]
    pub(crate) fn counters(&self) -> &'static Counters {
        match self.counters.get() {
            Some(counters) => counters,
            None => self.take_counters(),
        }
    }

    #[cold]
    fn take_counters(&self) -> &'static Counters {
        let counters = stats::lease(self.watch_end());
        self.counters.set(Some(counters));
        counters
    }

    /// Counts an entry of a queue that was no longer a job.
    pub(super) fn note_stale(&self) {
        self.stale.set(self.stale.get().wrapping_add(1));
    }

    /// Returns the number of such entries, modulo 2^32.
    pub(super) fn stale(&self) -> u32 {
        self.stale.get()
    }

    /// Returns a task id, unique in the process and greater than zero. Ids are taken from the
    /// process in blocks, so that submitting threads share no cache line for them.
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
