//! The text that `perf script` prints, as records.
//!
//! A sample is a line that says when and where, and a line for each frame, innermost first; an
//! empty line ends it. Everything else is one line:
//!
//! ```text
//! my thread 4711 [001]  377.628981809: sched:sched_waking: comm=other pid=4712 prio=120
//!         ffffffff813aa9c4 try_to_wake_up ([kernel.kallsyms])
//!                    16f67 tiny::main (/tmp/tiny)
//!
//! my thread 4711 [001]  377.628994808: PERF_RECORD_SWITCH OUT preempt
//! ```
//!
//! Names of threads are those of all programs on the machine, and may contain line breaks, or
//! text that looks like any of this. Parts that a name makes unreadable are left out and counted; a
//! text of which more is left out than read is something else.

use super::line::{self, Event, Header};
use crate::sample::{Frame, Place, Sample};
use std::collections::HashSet;
use std::io::{self, BufRead};
use std::sync::Arc;

/// One thing that perf recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An event happened.
    Sample(EventSample),
    /// A thread was put on a processor, or taken from it.
    Switch(Switch),
    /// Number of events that were not recorded, because perf did not keep up.
    Lost(u64),
    /// A part of the text was left out, because it cannot be read.
    Unread,
}

/// An event, and where in the program it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSample {
    /// The thread and its stack.
    pub sample: Sample,
    /// The text of the event, such as the fields of a tracepoint.
    pub payload: String,
}

/// A thread was put on a processor, or taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The name that the thread had.
    pub thread: Arc<str>,
    /// The thread.
    pub tid: i32,
    /// The time, by the clock of the recording.
    pub time_ns: u64,
    /// The direction.
    pub direction: Direction,
}

/// Direction of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It runs from now on.
    In,
    /// It does not run from now on.
    Out {
        /// It could have gone on.
        preempt: bool,
    },
}

/// Reason why a text is not one of `perf script`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text cannot be read.
    #[error("what perf script prints cannot be read")]
    Read(#[from] io::Error),
    /// A line that is none of those that are known.
    #[error(
        "line {line} is nothing that perf script prints for the fields asked for: {reason}; \
         see the documentation of `perf` for how to call it"
    )]
    Line {
        /// Number of the line, from one.
        line: usize,
        /// The fault.
        reason: &'static str,
    },
}

/// The records in the text of `perf script`, one after the other. After an error there are none.
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    names: Names,
    line: Vec<u8>,
    number: usize,
    sample: Option<EventSample>,
    /// Perhaps the beginning of a thread's name with a line break in it.
    name: Option<String>,
    /// Number of parts that were left out, and of those that were read.
    left_out: LeftOut,
    is_done: bool,
}

/// Parts of a text that were left out.
#[derive(Debug, Default)]
struct LeftOut {
    /// The first such line, and its fault.
    first: Option<(usize, &'static str)>,
    unread: u64,
    read: u64,
    /// True up to the next header or empty line: all before it is left out, too.
    goes_on: bool,
}

/// Reads the text of `perf script`.
pub fn read<R: BufRead>(input: R) -> Records<R> {
    let (names, line, left_out) = Default::default();
    Records { input, names, line, number: 0, sample: None, name: None, left_out, is_done: false }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.read_record().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: BufRead> Records<R> {
    fn read_record(&mut self) -> Result<Option<Record>, Error> {
        loop {
            self.line.clear();
            if self.input.read_until(b'\n', &mut self.line)? == 0 {
                return self.end();
            }
            self.number += 1;
            if let Some(record) = self.take_line() {
                self.left_out.read += u64::from(record != Record::Unread);
                return Ok(Some(record));
            }
        }
    }

    /// Returns the rest at the end of the text, one record after the other.
    fn end(&mut self) -> Result<Option<Record>, Error> {
        if self.name.take().is_some() {
            return Ok(Some(self.leave_out(NOTHING)));
        }
        if let Some(sample) = self.sample.take() {
            self.left_out.read += 1;
            return Ok(Some(Record::Sample(sample)));
        }
        match self.left_out {
            LeftOut { first: Some((line, reason)), unread, read, .. } if unread > read => {
                Err(Error::Line { line, reason })
            }
            _ => Ok(None),
        }
    }

    /// Takes one line; a record is complete when the line after it was read.
    fn take_line(&mut self) -> Option<Record> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let record = self.take_text(text.trim_end());
        drop(text);
        self.line = line;
        record
    }

    fn take_text(&mut self, text: &str) -> Option<Record> {
        if text.is_empty() {
            self.left_out.goes_on = false;
            if self.name.take().is_some() {
                return Some(self.leave_out(NOTHING));
            }
            return self.sample.take().map(Record::Sample);
        }
        // A header never begins with a tab, but for a name with a line break before the tab.
        let frame = text.starts_with('\t').then(|| line::frame(text)).flatten();
        if let (Some(frame), Some(event)) = (&frame, &mut self.sample) {
            event.sample.frames.push(self.names.frame(frame));
            return None;
        }
        if let Some(header) = line::header(text, |event| self.names.is_event(event)) {
            if let (Event::Sample { name, .. }, false) = (&header.event, line::is_ambiguous(text)) {
                self.names.is_event_from_now_on(name);
            }
            return self.take_header(header);
        }
        if text.starts_with('#') || self.left_out.goes_on {
            return None;
        }
        match &mut self.sample {
            // The name of another thread, with a line break in it.
            Some(event) if event.sample.frames.is_empty() && !event.payload.is_empty() => {
                event.payload += " ";
                event.payload += text;
                None
            }
            None if frame.is_some() => Some(self.leave_out("it is a frame without a sample")),
            _ => self.begin_name(text),
        }
    }

    fn take_header(&mut self, header: Header<'_>) -> Option<Record> {
        let name = self.name.take().map(|name| format!("{name} {}", header.thread));
        let header = Header { thread: name.as_deref().unwrap_or(header.thread), ..header };
        self.left_out.goes_on = false;
        match begin(header, &mut self.names) {
            // Not every version of perf puts an empty line behind a sample without a stack.
            Ok(Begun::Sample(sample)) => self.sample.replace(sample).map(Record::Sample),
            Ok(Begun::Whole(record)) => Some(record),
            Ok(Begun::Other) => None,
            Err(reason) => Some(self.leave_out(reason)),
        }
    }

    /// A line that is not recognized may begin the name of a thread that goes on in the next line.
    fn begin_name(&mut self, text: &str) -> Option<Record> {
        let name = match self.name.take() {
            Some(name) => format!("{name} {}", text.trim()),
            None => text.trim().to_owned(),
        };
        if name.len() > LONGEST_NAME {
            return Some(self.leave_out(NOTHING));
        }
        self.name = Some(name);
        None
    }

    fn leave_out(&mut self, reason: &'static str) -> Record {
        self.left_out.unread += 1;
        self.left_out.goes_on = true;
        self.left_out.first.get_or_insert((self.number, reason));
        Record::Unread
    }
}

/// The fault of a line that is not recognized.
const NOTHING: &str = "it is neither a header nor a frame";

/// The kernel keeps names of threads to 15 bytes.
const LONGEST_NAME: usize = 15;

/// The record that a header begins.
enum Begun {
    Sample(EventSample),
    Whole(Record),
    Other,
}

fn begin(header: Header, names: &mut Names) -> Result<Begun, &'static str> {
    let Header { thread, tid, time_ns, event } = header;
    let thread = names.name(thread);
    Ok(match event {
        Event::Lost(count) => Begun::Whole(Record::Lost(count)),
        Event::Switch(direction) => {
            Begun::Whole(Record::Switch(Switch { thread, tid, time_ns, direction }))
        }
        Event::OtherRecord => Begun::Other,
        Event::Bad(reason) => return Err(reason),
        Event::Sample { name, payload } => {
            let event = names.name(name);
            // Without a stack, the frame is in the same line.
            let only = line::frame(payload).filter(|frame| frame.dso.is_some());
            let payload = if only.is_some() { "" } else { payload };
            let frames = only.iter().map(|frame| names.frame(frame)).collect();
            let payload = payload.to_owned();
            let sample = Sample { thread, tid, time_ns: Some(time_ns), event, frames };
            Begun::Sample(EventSample { sample, payload })
        }
    })
}

/// The same names occur again and again: each is kept once.
#[derive(Debug, Default)]
struct Names {
    all: HashSet<Arc<str>>,
    events: HashSet<Arc<str>>,
}

impl Names {
    fn is_event_from_now_on(&mut self, name: &str) {
        let event = self.name(name);
        self.events.insert(event);
    }

    fn is_event(&self, name: &str) -> bool {
        self.events.contains(name)
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.all.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.all.insert(Arc::clone(&name));
        name
    }

    fn frame(&mut self, frame: &line::Frame<'_>) -> Frame {
        let mut known = |name: Option<&str>| {
            name.filter(|name| *name != crate::folded::UNKNOWN).map(|name| self.name(name))
        };
        let (function, file) = (known(frame.symbol), known(frame.dso));
        let place = match file {
            _ if frame.is_kernel() => Place::Kernel,
            // Older versions of perf print the offset in place of the address.
            Some(path) => Place::File { path, offset: frame.offset.unwrap_or(frame.ip) },
            None => Place::Unknown,
        };
        Frame { function, place }
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
