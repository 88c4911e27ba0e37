//! Reads the text of Linux's perf: samples of stacks, and events.
//!
//! # How to record
//!
//! For processor time ([`on_cpu`]):
//!
//! ```sh
//! perf record -k CLOCK_MONOTONIC -F 1499 -e cycles --call-graph dwarf,16384 -o FILE PROGRAM
//! perf script -i FILE --ns --no-inline --max-stack 1024 --show-lost-events \
//!     -F comm,tid,time,event,ip,sym,dso
//! ```
//!
//! For waits ([`waiting`](crate::waiting)):
//!
//! ```sh
//! perf record -k CLOCK_MONOTONIC -e sched:sched_switch -e sched:sched_waking --switch-events \
//!     --call-graph dwarf,8192 -o FILE PROGRAM
//! perf script -i FILE --ns --no-inline --max-stack 1024 --show-switch-events \
//!     --show-lost-events -F comm,tid,cpu,time,event,ip,sym,dso,trace
//! ```
//!
//! * `-k CLOCK_MONOTONIC` lets the program say when its measured part ran:
//!   [`Windows`](crate::sample::Windows).
//! * `--call-graph dwarf,BYTES` copies this much of the stack with each sample, in which the
//!   callers are found afterwards. Where the stack is larger, the outer callers are missing.
//! * `--max-stack`: without it perf prints the 127 innermost frames.
//! * Newer versions of perf need `dsoff` in `-F`, which 6.1 refuses: it is the offset of an
//!   instruction in its file. Older ones print that in place of the address. Without it, functions
//!   that were inlined are missing.
//! * `--no-inline`: perf starts a process for each address to find inlined functions, or has
//!   none; [`symbols`](crate::symbols) finds them.
//! * Warnings are printed to standard error, and must not be mixed in.

mod event;
mod line;
mod on_cpu;
pub mod script;

pub use event::is_of_user_only;
pub use on_cpu::on_cpu;

#[cfg(test)]
mod tests;
