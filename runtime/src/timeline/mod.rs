//! A timeline of the executor: the actions of each thread over time, for chrome://tracing and
//! Perfetto.
//!
//! ```
//! use simple_runtime::{executor, timeline};
//!
//! let recording = timeline::start(timeline::Settings::default())?;
//! executor::submit_closure(|| println!("a job"));
//! executor::shutdown()?;
//! let timeline = recording.stop();
//! let mut json = Vec::new();
//! timeline.write_chrome_trace(&mut json)?;
//! # assert!(json.starts_with(b"{\"traceEvents\":["));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A program in any language gets one through the environment: `SIMPLE_RT_TIMELINE=FILE` records
//! from the first start of the executor until it is shut down, or the process exits, and then
//! writes FILE as a whole. `%p` in FILE is the process's number. Without it, processes that run at
//! the same time do not overwrite each other's file: only the first records. Errors are reported
//! only if `SIMPLE_RT_LOG` enables messages. See `env.rs`.
//!
//! While no recording is on, running a job takes no additional instruction. A worker checks for a
//! recording only when its own queues are empty, and every 64 jobs, and then switches to a second
//! loop that records (`executor/worker/recorded.rs`). That loop does not stamp jobs but slices of
//! some microseconds, with the jobs that fit into one (`recorder.rs`), because reading the clock
//! (`clock.rs`) takes as long as an empty task. It leaves short jobs to the first loop, whose tick
//! counter tells how many there were.
//!
//! Each thread writes to a ring of its own, which begins small at its first event (`segments.rs`),
//! keeps the newest events and counts the rest. Rings of threads that end are given back. Nobody
//! waits: the ring is read when the recording has ended, and its owner may still be writing to it.
//! The protocol is in `ring.rs` and `progress.rs`, with loom models.

mod progress;
mod ring;
mod segments;

#[cfg(not(loom))]
mod chrome;
#[cfg(not(loom))]
mod clock;
#[cfg(not(loom))]
mod ended;
#[cfg(not(loom))]
mod env;
#[cfg(not(loom))]
mod event;
#[cfg(not(loom))]
mod log;
#[cfg(not(loom))]
mod recorder;
#[cfg(not(loom))]
mod recording;

#[cfg(not(loom))]
pub use event::{Event, Kind, ThreadTimeline, Timeline};
#[cfg(not(loom))]
pub use recording::{Error, MAX_EVENTS_PER_THREAD, Recording, Settings, start};

#[cfg(not(loom))]
pub(crate) use env::{executor_ended, executor_starts};
#[cfg(not(loom))]
pub(crate) use recorder::{Off, Recorder, Slices, blocked, waking};
#[cfg(not(loom))]
pub(crate) use recording::{generation, log};

/// Models record nothing.
#[cfg(loom)]
pub(crate) fn waking(_worker: usize) {}
