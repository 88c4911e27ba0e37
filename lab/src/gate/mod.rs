//! The regression gate: is this checkout slower than another revision?
//!
//! It measures nothing itself. It has both revisions built with the same harness, has
//! processes of both take turns (`block`) or run under callgrind (`count`), writes down what
//! they say, asks `simple_reports::judge` what to measure next and what all of
//! it means, and presents that (`output`). `calibrate` finds out how often it is right.

mod block;
mod calibrate;
mod cli;
mod count;
mod order;
mod output;
mod session;

pub(crate) use calibrate::places as calibrations;
pub use calibrate::{Calibrate, run as calibrate};
pub use cli::{Compare, Judge};
