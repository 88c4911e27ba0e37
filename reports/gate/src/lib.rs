//! The regression gate: is this checkout slower than another revision?
//!
//! It measures nothing itself. It builds both revisions with the same harness (`builds`), has
//! processes of both take turns (`block`, `worker`) or run under callgrind (`count`),
//! writes down what they say, asks `simple_reports::gate` what to measure next and what all of
//! it means, and presents that (`output`). `calibrate` finds out how often it is right.

mod block;
pub mod builds;
mod calibrate;
mod cli;
mod count;
pub mod git;
mod order;
mod output;
mod session;
mod worker;

pub use cli::{default_target, main};
