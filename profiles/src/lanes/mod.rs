//! Activity of threads over time, as a picture: one lane for each thread.
//!
//! Read from a trace in Chrome's format. The viewers of Chrome and Perfetto show all of it; the
//! picture shows at a glance which threads worked, waited for each other, or had no work.

mod draw;
mod totals;

pub use draw::{Options, render};
pub use totals::{Totals, span_ns, totals};

use serde::Deserialize;
use std::collections::BTreeMap;

/// One thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Activities that took time, sorted by their begin.
    pub spans: Vec<Span>,
    /// Events that took none, sorted by time.
    pub marks: Vec<Mark>,
}

/// An activity that took time. All times are in microseconds of the trace's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its kind: `run`, `park`, `blocked`.
    pub name: String,
    /// Its begin.
    pub begin_us: f64,
    /// Its end.
    pub end_us: f64,
    /// Jobs that it ran; 0 if it is of another kind.
    pub jobs: u64,
}

/// An event that took no time.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its kind: `steal`, `wake`, `dropped`.
    pub name: String,
    /// Number of older events that it replaces, which did not fit; 0 if it is of another kind.
    pub dropped: u64,
    /// Its time, in microseconds of the trace's clock.
    pub at_us: f64,
}

/// Reason why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is something else, or damaged.
    #[error("this is no trace in Chrome's format: {0}")]
    NotTrace(#[from] serde_json::Error),
    /// Nothing takes time in it.
    #[error("there is nothing to draw: no thread did anything that takes time")]
    Empty,
}

#[derive(Debug, Deserialize)]
struct Trace {
    #[serde(rename = "traceEvents")]
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(default)]
    name: String,
    ph: String,
    #[serde(default)]
    tid: u64,
    #[serde(default)]
    ts: f64,
    #[serde(default)]
    dur: f64,
    #[serde(default)]
    args: Arguments,
}

#[derive(Debug, Default, Deserialize)]
struct Arguments {
    name: Option<String>,
    sort_index: Option<i64>,
    #[serde(default)]
    jobs: u64,
    #[serde(default)]
    events: u64,
}

/// Reads the lanes of a trace, in the order of threads in it, without threads that did nothing.
///
/// # Errors
///
/// The text is no trace.
pub fn parse(trace: &str) -> Result<Vec<Lane>, Error> {
    let trace: Trace = serde_json::from_str(trace)?;
    let mut lanes: BTreeMap<u64, (i64, Lane)> = BTreeMap::new();
    for event in trace.events {
        let (order, lane) = lanes.entry(event.tid).or_insert_with(|| {
            let name = format!("thread {}", event.tid);
            (i64::MAX, Lane { name, spans: Vec::new(), marks: Vec::new() })
        });
        match event.ph.as_str() {
            "X" => lane.spans.push(Span {
                name: event.name,
                begin_us: event.ts,
                end_us: event.ts + event.dur.max(0.0),
                jobs: event.args.jobs,
            }),
            "i" => lane.marks.push(Mark {
                name: event.name,
                dropped: event.args.events,
                at_us: event.ts,
            }),
            "M" if event.name == "thread_name" => {
                lane.name = event.args.name.unwrap_or_default();
            }
            "M" if event.name == "thread_sort_index" => {
                *order = event.args.sort_index.unwrap_or(i64::MAX);
            }
            _ => {}
        }
    }
    let mut lanes: Vec<(i64, Lane)> = lanes.into_values().collect();
    lanes.retain(|(_, lane)| !lane.spans.is_empty() || !lane.marks.is_empty());
    // Stable: threads without an order stay sorted by number.
    lanes.sort_by_key(|(order, _)| *order);
    for (_, lane) in &mut lanes {
        lane.spans.sort_by(|a, b| a.begin_us.total_cmp(&b.begin_us));
        lane.marks.sort_by(|a, b| a.at_us.total_cmp(&b.at_us));
    }
    Ok(lanes.into_iter().map(|(_, lane)| lane).collect())
}

#[cfg(test)]
mod tests;
