//! The profiler, from its command line.

mod cli;
mod common;
mod diff;
mod perf;
mod split;
