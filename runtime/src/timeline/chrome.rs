//! A timeline as Chrome's trace event format, which chrome://tracing and Perfetto show.
//!
//! Times are microseconds of CLOCK_MONOTONIC, with the nanoseconds as decimals, so that traces of
//! other programs on the same machine can be compared.

use super::event::{Event, Kind, ThreadTimeline, Timeline};
use crate::json::Quoted;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::io::{self, Write};

/// The sleeping thread at the end of an arrow that began at a wake-up.
struct Woken {
    tid: u64,
    /// The sleep's last nanosecond: at its end there is no slice for the arrow.
    at_ns: u64,
}

impl Timeline {
    /// Writes the timeline as a JSON object in Chrome's trace event format, to be opened in
    /// chrome://tracing or <https://ui.perfetto.dev>: slices for `Run`, `Park` and `Blocked`,
    /// instants for `Steal` and `Wake`, and an arrow from each wake-up to the end of the sleep that
    /// it ended. Dropped events are reported by an instant at the thread's first event.
    ///
    /// Makes many small writes: use a buffered writer. Errors come from the writer.
    pub fn write_chrome_trace(&self, out: impl Write) -> io::Result<()> {
        let mut trace = Trace { out, pid: std::process::id(), is_first: true, arrows: 0 };
        write!(trace.out, "{{\"traceEvents\":[")?;
        let sleeps = Sleeps::of(self);
        for (place, thread) in self.threads.iter().enumerate() {
            trace.thread(place, thread)?;
            for event in &thread.events {
                trace.event(thread.tid, event, &sleeps)?;
            }
        }
        write!(trace.out, "\n],\"displayTimeUnit\":\"ns\"")?;
        if self.dropped_threads > 0 {
            let dropped = self.dropped_threads;
            write!(trace.out, ",\"otherData\":{{\"dropped_threads\":{dropped}}}")?;
        }
        write!(trace.out, "}}")?;
        trace.out.flush()
    }
}

/// The sleeps of each worker, by start time. Several threads may have been the worker of an index,
/// one after the other.
struct Sleeps(HashMap<u32, Vec<(Event, u64)>>);

impl Sleeps {
    fn of(timeline: &Timeline) -> Self {
        let mut sleeps = HashMap::<u32, Vec<_>>::new();
        for thread in &timeline.threads {
            let Some(worker) = thread.worker else { continue };
            let parks = thread.events.iter().filter(|event| event.kind == Kind::Park);
            sleeps.entry(worker).or_default().extend(parks.map(|park| (*park, thread.tid)));
        }
        for sleeps in sleeps.values_mut() {
            sleeps.sort_by_key(|(park, _)| park.at_ns);
        }
        Self(sleeps)
    }

    /// Returns the sleep of `worker` that a wake-up at that time has ended.
    fn ended_by(&self, worker: u32, at_ns: u64) -> Option<Woken> {
        let sleeps = self.0.get(&worker)?;
        let after = sleeps.partition_point(|(park, _)| park.at_ns <= at_ns);
        let (park, tid) = *sleeps.get(after.checked_sub(1)?)?;
        (at_ns < park.end_ns()).then(|| Woken { tid, at_ns: park.end_ns() - 1 })
    }
}

struct Trace<W> {
    out: W,
    pid: u32,
    is_first: bool,
    arrows: u64,
}

impl<W: Write> Trace<W> {
    /// Begins an entry of the list, with the fields that every entry has.
    fn entry(&mut self, name: &str, phase: &str, tid: u64) -> io::Result<()> {
        let comma = if std::mem::take(&mut self.is_first) { "" } else { "," };
        let pid = self.pid;
        write!(
            self.out,
            "{comma}\n{{\"name\":\"{name}\",\"ph\":\"{phase}\",\"pid\":{pid},\"tid\":{tid}"
        )
    }

    /// Writes the data of a thread: its name, and its place among the others.
    fn thread(&mut self, place: usize, thread: &ThreadTimeline) -> io::Result<()> {
        self.entry("thread_name", "M", thread.tid)?;
        write!(self.out, ",\"args\":{{\"name\":{}}}}}", Quoted(&thread.name))?;
        self.entry("thread_sort_index", "M", thread.tid)?;
        write!(self.out, ",\"args\":{{\"sort_index\":{place}}}}}")?;
        let (true, Some(first)) = (thread.dropped > 0, thread.events.first()) else {
            return Ok(());
        };
        self.instant("dropped", thread.tid, first.at_ns)?;
        write!(self.out, ",\"args\":{{\"events\":{}}}}}", thread.dropped)
    }

    fn event(&mut self, tid: u64, event: &Event, sleeps: &Sleeps) -> io::Result<()> {
        match event.kind {
            Kind::Run { jobs, inline_run } => {
                self.slice("run", tid, event)?;
                write!(self.out, ",\"args\":{{\"jobs\":{jobs},\"inline_run\":{inline_run}}}}}")
            }
            Kind::Park => {
                self.slice("park", tid, event)?;
                write!(self.out, "}}")
            }
            Kind::Blocked => {
                self.slice("blocked", tid, event)?;
                write!(self.out, "}}")
            }
            Kind::Steal { victim, jobs } => {
                self.instant("steal", tid, event.at_ns)?;
                write!(self.out, ",\"args\":{{\"victim\":{victim},\"jobs\":{jobs}}}}}")
            }
            Kind::Wake { worker } => {
                self.instant("wake", tid, event.at_ns)?;
                write!(self.out, ",\"args\":{{\"worker\":{worker}}}}}")?;
                match sleeps.ended_by(worker, event.at_ns) {
                    Some(woken) => self.arrow(tid, event.at_ns, &woken),
                    None => Ok(()),
                }
            }
        }
    }

    fn slice(&mut self, name: &str, tid: u64, event: &Event) -> io::Result<()> {
        self.entry(name, "X", tid)?;
        let (at, duration) = (Microseconds(event.at_ns), Microseconds(event.duration_ns));
        write!(self.out, ",\"cat\":\"executor\",\"ts\":{at},\"dur\":{duration}")
    }

    /// Writes a mark on the thread's own track.
    fn instant(&mut self, name: &str, tid: u64, at_ns: u64) -> io::Result<()> {
        self.entry(name, "i", tid)?;
        write!(self.out, ",\"cat\":\"executor\",\"s\":\"t\",\"ts\":{}", Microseconds(at_ns))
    }

    fn arrow(&mut self, tid: u64, at_ns: u64, woken: &Woken) -> io::Result<()> {
        self.arrows += 1;
        let id = self.arrows;
        self.entry("wake", "s", tid)?;
        write!(self.out, ",\"cat\":\"wake\",\"id\":{id},\"ts\":{}}}", Microseconds(at_ns))?;
        self.entry("wake", "f", woken.tid)?;
        let at = Microseconds(woken.at_ns);
        write!(self.out, ",\"cat\":\"wake\",\"id\":{id},\"bp\":\"e\",\"ts\":{at}}}")
    }
}

/// Nanoseconds, written as microseconds.
struct Microseconds(u64);

impl Display for Microseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

#[cfg(test)]
mod tests;
