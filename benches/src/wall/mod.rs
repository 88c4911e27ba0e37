//! Wall time: runs the catalogue under criterion and writes records.
//!
//! A run goes in rounds. In each round, the workloads of a comparison are measured one after
//! the other in random order, so that what drifts (the clock of the processor, the host of
//! a virtual machine) hits all alternatives alike; and again in the next round, minutes
//! later, so that it shows as a difference between rounds.
//!
//! Each measurement is a process of its own (this program, started again): executor, page
//! tables, allocator and thread-locals are new, and a crash loses one measurement. In there
//! criterion warms up and takes samples; its own analysis is not used, the raw samples
//! become the record.

mod child;
mod cli;
mod criterion_format;
mod driver;
mod progress;
mod settings;

pub use cli::main;
pub use criterion_format::parse_samples;
