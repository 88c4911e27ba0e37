//! Beginning a recording, ending it, and the logs of the threads that took part.
//!
//! A generation counts beginnings and ends: it is odd while a recording is on. A thread
//! compares it with the one that its own log belongs to, and takes a new log, under a lock, when
//! there is a new recording. A thread that sleeps or is busy while one recording ends and the
//! next begins goes on writing to a log that nobody will read, until it looks.

use super::clock::{Anchor, Clock, Scale};
use super::event::Timeline;
use super::log::Log;
use crate::executor::{local, note_recording};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};
use std::cell::RefCell;
use thiserror::Error;

/// More events than this for each thread are a mistake of the caller.
pub const MAX_EVENTS_PER_THREAD: usize = 1 << 26;

/// Odd while a recording is on.
static GENERATION: AtomicU64 = AtomicU64::new(0);
static SESSION: Mutex<Option<Session>> = Mutex::new(None);

struct Session {
    generation: u64,
    events_per_thread: usize,
    clock: Clock,
    ticks_per_us: u64,
    began: Anchor,
    logs: Vec<Arc<Log>>,
}

/// How a recording is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many events are kept of each thread, from 1 to [`MAX_EVENTS_PER_THREAD`]: the newest.
    /// An event takes 32 bytes, and memory is used as events come.
    pub events_per_thread: usize,
}

impl Default for Settings {
    /// 65,536 events, which are 2 MiB: of a busy thread a quarter of a second or more.
    fn default() -> Self {
        Self { events_per_thread: 1 << 16 }
    }
}

/// Why a recording was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// There is one recording at a time.
    #[error("a timeline is being recorded already")]
    AlreadyRecording,
    /// Not a sensible number of events.
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

/// Begins a recording; any thread may.
///
/// It holds every job that is queued from now on, if the workers have nothing to do; a worker
/// that has jobs in its own queues may run up to 64 of them before it takes notice. A poll
/// under way is not recorded. Refused while another recording is on.
pub fn start(settings: Settings) -> Result<Recording, Error> {
    let Settings { events_per_thread } = settings;
    if !(1..=MAX_EVENTS_PER_THREAD).contains(&events_per_thread) {
        return Err(Error::BadEventCount(events_per_thread));
    }
    let mut session = SESSION.lock();
    if session.is_some() {
        return Err(Error::AlreadyRecording);
    }
    let clock = Clock::best();
    let ticks_per_us = clock.ticks_per_us();
    let generation = GENERATION.load(Ordering::Relaxed) + 1;
    let began = clock.anchor();
    let logs = Vec::new();
    *session = Some(Session { generation, events_per_thread, clock, ticks_per_us, began, logs });
    GENERATION.store(generation, Ordering::Release);
    note_recording(true);
    Ok(Recording { generation })
}

impl Recording {
    /// Ends the recording and answers what was recorded. Tasks may still run: what is in progress
    /// is cut off, with the jobs that have been counted by now (short ones are counted some
    /// hundred at a time). To have every job, shut the executor down first.
    pub fn stop(self) -> Timeline {
        self.end().expect("a recording ends only once")
    }

    fn end(&self) -> Option<Timeline> {
        let session = {
            let mut session = SESSION.lock();
            let ended = session.take_if(|session| session.generation == self.generation)?;
            GENERATION.store(self.generation + 1, Ordering::Release);
            note_recording(false);
            ended
        };
        let scale = Scale { began: session.began, ended: session.clock.anchor() };
        let mut threads: Vec<_> = session.logs.iter().map(|log| log.read(scale)).collect();
        threads.retain(|thread| !thread.events.is_empty() || thread.dropped > 0);
        threads.sort_by_key(|thread| (thread.worker.is_none(), thread.worker, thread.tid));
        Some(Timeline { threads, began_ns: scale.began.ns, ended_ns: scale.ended.ns })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // `stop` comes here too, when the recording has ended.
        let mut session = SESSION.lock();
        if session.take_if(|session| session.generation == self.generation).is_some() {
            GENERATION.store(self.generation + 1, Ordering::Release);
            note_recording(false);
        }
    }
}

/// A number that is another one as soon as a recording has begun or ended.
#[inline(always)]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// A thread's log of the last recording that it took part in.
struct Own {
    generation: u64,
    /// None if there was no memory for it.
    log: Option<Arc<Log>>,
}

thread_local! {
    static OWN: RefCell<Own> = const { RefCell::new(Own { generation: 0, log: None }) };
}

/// The calling thread's log, if a recording is on (and the thread is not about to end, and there
/// is memory).
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
    let mut session = SESSION.lock();
    let session = session.as_mut().filter(|session| session.generation == generation)?;
    let Session { clock, ticks_per_us, events_per_thread, .. } = *session;
    let log = Arc::new(Log::new(worker, clock, ticks_per_us, events_per_thread)?);
    session.logs.push(log.clone());
    Some(log)
}
