//! Samples of stacks by any sampler, and the stacks that are made of them.
//!
//! A sampler's text is read by a module of its own, such as [`perf`](crate::perf); a sampler
//! without one gives [`Sample`]s itself. From there on all are treated alike.
//!
//! # Stacks
//!
//! The outermost frame is the thread, by the last name it had. Of threads with the same name the
//! second is `name #2`; more than 16 of them are one frame, `name (20 threads)`. Then:
//!
//! * the callers of the function that marks the measured part are cut off ([`Cut`]); in threads
//!   without it, the functions that start a thread are cut off;
//! * a stack that does not begin where threads begin has lost its outer callers: a frame
//!   `[truncated]` takes their place;
//! * a function that calls itself directly is one frame, as in [`callgrind`](crate::callgrind),
//!   so that deep recursion stays readable;
//! * functions of the kernel have the suffix `_[k]`.

mod cut;
mod on_cpu;
mod stack;
mod threads;
mod windows;

pub use cut::{Begin, Cut};
pub use on_cpu::{Collector, OnCpu};
pub use windows::Windows;

pub(crate) use stack::{Stack, stack};
pub(crate) use threads::{Threads, without_numbers};

use std::sync::Arc;

/// A stack of a thread at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The name that the thread had.
    pub thread: Arc<str>,
    /// The thread. Perf does not always know it: -1.
    pub tid: i32,
    /// The time, by the clock of the recording; `None` if the sampler does not say.
    pub time_ns: Option<u64>,
    /// The event that it was taken at: `cpu-clock`, `sched:sched_switch`.
    pub event: Arc<str>,
    /// The stack, innermost function first. Empty if the sampler has none.
    pub frames: Vec<Frame>,
}

/// One frame of a stack. Functions that were inlined have none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The function, if the sampler knows it.
    pub function: Option<Arc<str>>,
    /// The place of the instruction.
    pub place: Place,
}

/// The place of an instruction. In callers, it is the call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the kernel.
    Kernel,
    /// In a file that was executed, or in a part of the process that has a name in brackets.
    File {
        /// Path of the file, or the name.
        path: Arc<str>,
        /// Bytes from the beginning of the file. In perf 6.1, an address if it is no file.
        offset: u64,
    },
    /// In the program; the sampler looked its function up.
    Program,
    /// Unknown.
    Unknown,
}

#[cfg(test)]
mod tests;
