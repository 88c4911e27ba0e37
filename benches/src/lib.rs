//! The workload catalogue and the instruments that run it.
//!
//! A [`Workload`] is written once, in [`catalogue`]; every instrument runs that same code.
//! The one instrument so far is [`wall`]: wall time, sampled by criterion. It is reached as
//! the bench target `wall` and, for tests and scripts, as the program `simple-bench`; both
//! are the same few lines.
//!
//! Everything that is compared, also the [`peers`] by other authors, is a workload with the
//! axes of its comparison, so that a report groups records and needs to know no workload.

pub mod catalogue;
pub mod peers;
pub mod wall;

mod data;
mod team;
mod workload;

pub use data::Data;
pub use workload::{Instrument, Prepared, Workload};
