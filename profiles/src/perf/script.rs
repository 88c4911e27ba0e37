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

use super::line::{self, Event, Header};
use std::collections::HashSet;
use std::io::{self, BufRead};
use std::sync::Arc;

/// One thing that perf recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An event happened.
    Sample(Sample),
    /// A thread was put on a processor, or taken from it.
    Switch(Switch),
    /// So many events were not recorded, since perf did not keep up.
    Lost(u64),
}

/// An event, and where in the program it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The name that the thread had.
    pub thread: Arc<str>,
    /// The thread. Perf does not always know it: -1.
    pub tid: i32,
    /// When, by the clock that was recorded with.
    pub time_ns: u64,
    /// `cpu-clock`, `sched:sched_switch`.
    pub event: Arc<str>,
    /// What the event says, such as the fields of a tracepoint.
    pub payload: String,
    /// The stack, innermost function first. Empty if perf has none.
    pub frames: Vec<Frame>,
}

/// One frame of a stack. Functions that were inlined have none. In callers, perf takes one from
/// the address, so that it is inside of the call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    /// An address. In perf 6.1, if it is not one of the kernel, as `offset`.
    pub ip: u64,
    /// Where the instruction stands in the file, in bytes from its beginning, if perf was asked
    /// for it.
    pub offset: Option<u64>,
    /// The function, if perf knows it, without the offset in it.
    pub symbol: Option<Arc<str>>,
    /// The file that the function is in, or a name in brackets, if perf knows it.
    pub dso: Option<Arc<str>>,
}

impl Frame {
    /// Whether it is a frame of the kernel: of the upper half of addresses.
    pub fn is_kernel(&self) -> bool {
        self.ip >= 0xffff_8000_0000_0000
    }
}

/// A thread was put on a processor, or taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The name that the thread had.
    pub thread: Arc<str>,
    /// The thread.
    pub tid: i32,
    /// When, by the clock that was recorded with.
    pub time_ns: u64,
    /// In which direction.
    pub direction: Direction,
}

/// Whether a thread was put on a processor.
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

/// Why a text is not what `perf script` prints.
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
        /// Which line, from one.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// The records in what `perf script` prints, one after the other. After an error there are none.
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    names: Names,
    line: Vec<u8>,
    number: usize,
    sample: Option<Sample>,
    is_done: bool,
}

/// Reads what `perf script` prints.
pub fn read<R: BufRead>(input: R) -> Records<R> {
    let (names, line) = Default::default();
    Records { input, names, line, number: 0, sample: None, is_done: false }
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
                return Ok(self.sample.take().map(Record::Sample));
            }
            self.number += 1;
            if let Some(record) = self.take_line()? {
                return Ok(Some(record));
            }
        }
    }

    /// Takes one line; a record is whole when the line after it was read.
    fn take_line(&mut self) -> Result<Option<Record>, Error> {
        let error = |reason| Error::Line { line: self.number, reason };
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(self.sample.take().map(Record::Sample));
        }
        if text.starts_with('#') {
            return Ok(None);
        }
        // A thread's name can begin with a space, but a header has a time.
        if let Some(header) = line::header(text) {
            let begun = begin(header, &mut self.names).map_err(error)?;
            // Not every version of perf puts an empty line behind a sample without a stack.
            return Ok(match begun {
                Begun::Sample(sample) => self.sample.replace(sample).map(Record::Sample),
                Begun::Whole(record) => Some(record),
                Begun::Other => None,
            });
        }
        let frame = line::frame(text).ok_or(error("it is neither a header nor a frame"))?;
        let sample = self.sample.as_mut().ok_or(error("it is a frame without a sample"))?;
        sample.frames.push(self.names.frame(&frame));
        Ok(None)
    }
}

/// What a header begins.
enum Begun {
    Sample(Sample),
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
            // Without a stack, the frame stands in the same line.
            let only = line::frame(payload).filter(|frame| frame.dso.is_some());
            let payload = if only.is_some() { "" } else { payload };
            let frames = only.iter().map(|frame| names.frame(frame)).collect();
            let payload = payload.to_owned();
            Begun::Sample(Sample { thread, tid, time_ns, event, payload, frames })
        }
    })
}

/// The same names occur again and again: each is kept once.
#[derive(Debug, Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }

    fn frame(&mut self, frame: &line::Frame<'_>) -> Frame {
        let mut known = |name: Option<&str>| {
            name.filter(|name| *name != crate::folded::UNKNOWN).map(|name| self.name(name))
        };
        let (symbol, dso) = (known(frame.symbol), known(frame.dso));
        Frame { ip: frame.ip, offset: frame.offset, symbol, dso }
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
