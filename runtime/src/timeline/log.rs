//! The log of one thread in one recording.

use super::clock::{Clock, Scale};
use super::event::{Event, Kind, ThreadTimeline};
use super::progress::Progress;
use super::ring::{Record, Ring, Snapshot};
use crate::sync::thread;
use std::cmp::Reverse;

/// A thread's events; only that thread writes them.
pub(crate) struct Log {
    thread: Thread,
    clock: Clock,
    /// Approximate number of ticks in a microsecond.
    pub(super) ticks_per_us: u64,
    ring: Ring,
    /// The slice or the sleep in progress.
    pub(super) doing: Progress,
    /// The wait in progress within that slice.
    pub(super) blocked: Progress,
}

/// The identification of a log's thread.
#[derive(Clone)]
struct Thread {
    name: String,
    tid: u64,
    worker: Option<u32>,
}

/// The content taken out of a log; its memory is proportional to the number of events.
pub(super) struct Told {
    thread: Thread,
    pub(super) records: Vec<Record>,
    dropped: u64,
}

impl Log {
    /// Creates the calling thread's log.
    pub(super) fn new(worker: Option<u32>, clock: Clock, ticks_per_us: u64, ring: Ring) -> Self {
        Self {
            thread: Thread { name: name(worker), tid: tid(), worker },
            clock,
            ticks_per_us,
            ring,
            doing: Progress::default(),
            blocked: Progress::default(),
        }
    }

    /// Returns the time, in the clock's ticks.
    #[inline(always)]
    pub(super) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Owner: adds an event.
    pub(super) fn push(&self, kind: Kind, began: u64, ended: u64) {
        let (what, more) = kind.words();
        self.ring.push(Record { began, ended, what, more });
    }

    /// Returns the content after the recording has ended; the owner may still write.
    pub(super) fn told(&self) -> Told {
        // In this order: an event that ends meanwhile is seen twice rather than never.
        let in_progress = [self.doing.read(), self.blocked.read()];
        let mut told = self.told_at_end();
        for record in in_progress.into_iter().flatten() {
            let is_known = |other: &Record| {
                other.began == record.began && Kind::is_alike(other.what, record.what)
            };
            if !told.records.iter().any(is_known) {
                told.records.push(Record { ended: u64::MAX, ..record });
            }
        }
        told
    }

    /// Owner, which will write no more: returns the content.
    pub(super) fn told_at_end(&self) -> Told {
        let Snapshot { mut records, dropped } = self.ring.snapshot();
        records.shrink_to_fit();
        Told { thread: self.thread.clone(), records, dropped }
    }
}

impl Told {
    pub(super) fn is_nothing(&self) -> bool {
        self.records.is_empty() && self.dropped == 0
    }

    /// Converts it to events, in nanoseconds.
    pub(super) fn timeline(self, scale: Scale) -> ThreadTimeline {
        let Self { thread: Thread { name, tid, worker }, records, dropped } = self;
        let in_time = records.iter().filter(|record| record.began <= scale.ended.ticks);
        let mut events: Vec<_> = in_time.filter_map(|record| event(record, scale)).collect();
        events.sort_by_key(|event| (event.at_ns, Reverse(event.duration_ns)));
        ThreadTimeline { name, tid, worker, events, dropped }
    }
}

fn event(record: &Record, scale: Scale) -> Option<Event> {
    let at_ns = scale.ns(record.began);
    let duration_ns = scale.ns(record.ended).saturating_sub(at_ns);
    Kind::of(record).map(|kind| Event { at_ns, duration_ns, kind })
}

/// Returns the calling thread's name; empty if the standard library knows none. Workers are the
/// runtime's threads, which the standard library does not know.
fn name(worker: Option<u32>) -> String {
    if let Some(index) = worker {
        return format!("simple-worker-{index}");
    }
    let name = || thread::current().name().unwrap_or_default().to_owned();
    // It panics where the thread is about to end and its handle is gone.
    crate::unwind::catch(name).unwrap_or_default()
}

/// Returns the system's number for the calling thread.
fn tid() -> u64 {
    #[cfg(target_os = "linux")]
    // SAFETY: it takes nothing and cannot fail.
    return unsafe { libc::gettid() }.unsigned_abs().into();
    #[cfg(not(target_os = "linux"))]
    // SAFETY: it takes nothing and cannot fail.
    return unsafe { libc::pthread_self() } as u64;
}
