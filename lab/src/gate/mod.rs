//! The regression gate: is this checkout slower than another revision?
//!
//! It has both revisions built with the same harness, or by the `lab.toml` of anybody's repository
//! (`repository`). Benchmarks of a suite are tried before anything is measured (`trial`). Processes of both
//! (`sides`) take turns (`block`), with another layout of their code in each block (`shuffle`), or run under
//! callgrind (`count`), and their figures are recorded.
//! `simple_reports::judge` decides what to measure next and gives the verdict, which `output` presents.
//! `calibrate` measures how often the verdict is right.

mod again;
mod block;
mod calibrate;
mod cli;
mod count;
mod forecast;
mod matter;
mod order;
mod output;
mod repository;
mod same;
mod session;
mod shuffle;
mod sides;
mod trial;
mod verdict;

pub use again::Judge;
pub(crate) use calibrate::places as calibrations;
pub use calibrate::{Calibrate, Generator, run as calibrate};
pub use cli::Compare;
pub(crate) use repository::target_here;
