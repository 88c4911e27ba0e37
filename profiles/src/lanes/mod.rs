//! What threads did over time, as a picture: a lane a thread.
//!
//! Read from a trace in Chrome's format. The viewers of Chrome and Perfetto show all of it; a
//! picture shows at a glance who worked, who waited for whom, and who had nothing to do.

mod draw;

pub use draw::{Options, render};

use serde::Deserialize;
use std::collections::BTreeMap;

/// One thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// What took time, by when it began.
    pub spans: Vec<Span>,
    /// What took none, by when it was.
    pub marks: Vec<Mark>,
}

/// Something that took time. All times are in microseconds of the trace's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What: `run`, `park`, `blocked`.
    pub name: String,
    /// From when.
    pub begin_us: f64,
    /// Until when.
    pub end_us: f64,
}

/// Something that took no time.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What: `steal`, `wake`.
    pub name: String,
    /// When, in microseconds of the trace's clock.
    pub at_us: f64,
}

/// Why there is no picture.
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
}

/// The lanes of a trace, in the order that it gives to threads, without those that did nothing.
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
            }),
            "i" => lane.marks.push(Mark { name: event.name, at_us: event.ts }),
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
