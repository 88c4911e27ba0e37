//! The profiler, from its command line.

#[path = "../common/c.rs"]
mod c;
mod cli;
mod common;
mod diff;
#[path = "../common/harness.rs"]
mod harness;
mod killed;
mod odd;
mod perf;
mod programs;
mod refused;
mod spinner;
mod split;
