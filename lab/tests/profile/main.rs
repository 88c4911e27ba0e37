//! The profiler, from its command line.

mod cli;
mod common;
mod diff;
#[path = "../common/harness.rs"]
mod harness;
mod perf;
mod split;
