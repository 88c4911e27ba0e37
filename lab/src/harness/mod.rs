//! The program that is measured: its builds, its processes, and the tools that watch them.

pub mod block;
pub mod build;
pub mod builds;
pub mod filters;
pub mod git;
pub mod patience;
pub mod perf;
pub mod sources;
pub mod turns;
pub mod valgrind;

mod catalogue;
mod client;
mod log;

#[cfg(test)]
pub(crate) use catalogue::tests::example;
pub use catalogue::{Choice, catalogue, chosen, gated, named, subject};
pub use client::{Client, Timed};
pub use log::Log;
