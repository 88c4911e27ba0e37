//! The beginning and the end of a recording, and the logs of the threads that took part.
//!
//! A generation counts beginnings and ends: it is odd while a recording is on. A thread compares it
//! with the generation of its own log, and takes a new log, under a lock, when there is a new
//! recording. A thread that sleeps or is busy while one recording ends and the next begins
//! continues to write to a log that nobody will read, until its next check.
//!
//! A log's ring starts small and grows within a budget. When its thread ends the ring is given back
//! (`ended.rs`). So a recording takes no more memory than two budgets.
//!
//! A recording belongs to its process. In a forked child it is over: the generation is even there
//! before the child's code continues, and the child has a session of its own.

use super::clock::{Anchor, Clock, Scale};
use super::ended::Ended;
use super::event::{ThreadTimeline, Timeline};
use super::log::{Log, Told};
use super::ring::Ring;
use super::segments::Budget;
use crate::executor::{local, note_recording};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::fork::PerProcess;
use crate::sync::{Lock, Locked};
use std::cell::RefCell;
use std::sync::Once;
use thiserror::Error;

/// Maximum number of events per thread. A larger number is an error of the caller.
pub const MAX_EVENTS_PER_THREAD: usize = 1 << 26;

/// Maximum number of events kept of running threads together, and of ended ones together: 256 MiB
/// each. (More if one thread alone may have more.)
const MAX_EVENTS: usize = 1 << 23;

/// Odd while a recording is on.
static GENERATION: AtomicU64 = AtomicU64::new(0);
static SESSION: PerProcess<Lock<Option<Session>>> =
    PerProcess::new(Lock::new(None), || Lock::new(None));

struct Session {
    generation: u64,
    events_per_thread: usize,
    clock: Clock,
    ticks_per_us: u64,
    began: Anchor,
    budget: Arc<Budget>,
    /// The logs of threads that have not ended.
    logs: Vec<Arc<Log>>,
    ended: Ended,
}

fn session() -> Locked<'static, Option<Session>> {
    SESSION.get().lock()
}

/// The settings of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The number of events kept of each thread, from 1 to [`MAX_EVENTS_PER_THREAD`]: the newest.
    /// An event takes 32 bytes. A thread begins with 2 KiB, which double as events come; when it
    /// ends, only its events are kept. At most 8,388,608 events (256 MiB) are kept of all running
    /// threads together, and the same number of ended ones, unless one thread alone may have more.
    /// Beyond that a thread's older events are dropped, or the threads that ended first.
    pub events_per_thread: usize,
}

impl Default for Settings {
    /// 65,536 events, which are 2 MiB: a quarter of a second or more of a busy thread.
    fn default() -> Self {
        Self { events_per_thread: 1 << 16 }
    }
}

/// The reason why a recording was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Another recording is on.
    #[error("a timeline is being recorded already")]
    AlreadyRecording,
    /// The number of events is out of range.
    #[error("{0} events for each thread: use a number from 1 to {MAX_EVENTS_PER_THREAD}")]
    BadEventCount(usize),
}

/// A recording that is on; dropping it ends it.
///
/// Thread safety: it may be ended by any thread, also while tasks run.
#[derive(Debug)]
#[must_use = "dropping a recording ends it"]
pub struct Recording {
    generation: u64,
}

/// Begins a recording; any thread may call it.
///
/// It contains every job that is queued from now on, if the workers are idle. A worker that has
/// jobs in its own queues may run up to 64 of them before it notices. A poll in progress is not
/// recorded. Refused while another recording is on.
pub fn start(settings: Settings) -> Result<Recording, Error> {
    let Settings { events_per_thread } = settings;
    if !(1..=MAX_EVENTS_PER_THREAD).contains(&events_per_thread) {
        return Err(Error::BadEventCount(events_per_thread));
    }
    let mut session = session();
    if session.is_some() {
        return Err(Error::AlreadyRecording);
    }
    end_in_children();
    let clock = Clock::best();
    let ticks_per_us = clock.ticks_per_us();
    let generation = GENERATION.load(Ordering::Relaxed) + 1;
    let most = MAX_EVENTS.max(events_per_thread + 1);
    *session = Some(Session {
        generation,
        events_per_thread,
        clock,
        ticks_per_us,
        began: clock.anchor(),
        budget: Arc::new(Budget::new(most as u64)),
        logs: Vec::new(),
        ended: Ended::new(most),
    });
    GENERATION.store(generation, Ordering::Release);
    note_recording(true);
    Ok(Recording { generation })
}

/// Makes sure that a recording is over in a forked child, before anything there checks for it.
fn end_in_children() {
    static ONCE: Once = Once::new();
    extern "C" fn in_child() {
        let generation = GENERATION.load(Ordering::Relaxed);
        if generation % 2 == 1 {
            GENERATION.store(generation + 1, Ordering::Relaxed);
            note_recording(false);
        }
    }
    ONCE.call_once(|| {
        // SAFETY: a function of the required type, which changes two words.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

impl Recording {
    /// Ends the recording and returns the recorded data. Tasks may still run: an event in progress
    /// is cut off, with the jobs counted so far (short ones are counted some hundred at a time). To
    /// get every job, shut the executor down first.
    ///
    /// In a forked child the recordings of its parent are over, and empty.
    pub fn stop(self) -> Timeline {
        let Some(session) = self.end() else {
            return Timeline { threads: vec![], dropped_threads: 0, began_ns: 0, ended_ns: 0 };
        };
        let Session { began, clock, logs, ended, .. } = session;
        let scale = Scale { began, ended: clock.anchor() };
        let (ended, dropped_threads) = ended.into_parts();
        let running = logs.iter().map(|log| log.told()).filter(|told| !told.is_nothing());
        let timeline = |told: Told| told.timeline(scale);
        let mut threads: Vec<_> = ended.into_iter().chain(running).map(timeline).collect();
        threads.sort_by_key(ThreadTimeline::place);
        Timeline { threads, dropped_threads, began_ns: began.ns, ended_ns: scale.ended.ns }
    }

    /// Returns the session, unless it has ended before.
    fn end(&self) -> Option<Session> {
        let mut session = session();
        let ended = session.take_if(|session| session.generation == self.generation)?;
        GENERATION.store(self.generation + 1, Ordering::Release);
        note_recording(false);
        Some(ended)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // `stop` also comes here, after the recording has ended.
        self.end();
    }
}

/// Returns a number that changes whenever a recording begins or ends.
#[inline(always)]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// A thread's log of the last recording that it took part in.
struct Own {
    generation: u64,
    /// `None` if there was no memory for it.
    log: Option<Arc<Log>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(log) = self.log.take()
            && self.generation == generation()
        {
            thread_ends(self.generation, &log);
        }
    }
}

thread_local! {
    static OWN: RefCell<Own> = const { RefCell::new(Own { generation: 0, log: None }) };
}

/// Returns the calling thread's log, if a recording is on (and the thread is not about to end, and
/// there is memory).
#[inline]
pub(crate) fn log() -> Option<Arc<Log>> {
    let generation = generation();
    if generation.is_multiple_of(2) { None } else { log_of(generation) }
}

#[cold]
fn log_of(generation: u64) -> Option<Arc<Log>> {
    let own = |own: &RefCell<Own>| {
        let mut own = own.borrow_mut();
        if own.generation != generation {
            *own = Own { generation, log: new_log(generation) };
        }
        own.log.clone()
    };
    OWN.try_with(own).ok().flatten()
}

fn new_log(generation: u64) -> Option<Arc<Log>> {
    let worker = local::with(|local| local.worker_index());
    let mut session = session();
    let session = session.as_mut().filter(|session| session.generation == generation)?;
    let ring = Ring::new(session.events_per_thread, session.budget.clone())?;
    let log = Arc::new(Log::new(worker, session.clock, session.ticks_per_us, ring));
    session.logs.push(log.clone());
    Some(log)
}

/// Ends the log of the calling thread, which is about to end.
fn thread_ends(generation: u64, log: &Arc<Log>) {
    let told = log.told_at_end();
    let mut session = session();
    let Some(session) = session.as_mut().filter(|session| session.generation == generation) else {
        return;
    };
    // Otherwise it is the log of a forked child's parent.
    if let Some(place) = session.logs.iter().position(|other| Arc::ptr_eq(other, log)) {
        session.logs.swap_remove(place);
        session.ended.add(told);
    }
}
