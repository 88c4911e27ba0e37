//! The workload catalogue and the instruments that run it.
//!
//! A [`Workload`] is written once, in [`catalogue`]; every one of the [`instruments`] runs
//! that same code. The program `simple-bench` [`serve`]s whoever measures.
//!
//! Everything that is compared, also the [`peers`] by other authors, is a workload with the
//! axes of its comparison, so that a report groups records and needs to know no workload.

pub mod catalogue;
pub mod instruments;
pub mod peers;
pub mod serve;

mod clock;
mod data;
mod prepared;
mod service;
mod team;
mod timing;
mod watch;
mod workload;

pub use data::{Data, Pages};
pub use prepared::{Condition, Iteration, Prepared, Stage};
pub use service::Operation;
pub use simple_records::harness::Gating;
pub use simple_records::{Effort, Instrument};
pub use timing::Timing;
pub use workload::Workload;
