//! Analysis of a run's records: workloads grouped by the axes that the records name, with
//! rankings, verdicts, noise and a census.

mod advice;
mod along;
mod census;
mod cold;
mod compare;
mod cost;
mod extras;
mod group;
mod history;
mod measured;
mod noise;
mod rates;
mod regime;
mod report;
mod verdict;

pub use along::AlongX;
pub use census::{Census, Missing};
pub use compare::{Change, CountChange, LatencyChange, RunComparison, Verdict};
pub use cost::Cost;
pub use extras::{Counted, Latencies, Observed};
pub use group::{Facet, Group, Series};
pub use history::{History, MOST_RUNS, PastRun, Point, Step, Trend};
pub use measured::{Measured, Round};
pub use noise::{Noise, NoiseLevel, RoundShift};
pub use rates::{Alternative, LEAST_ACHIEVED, Place, Tail};
pub use regime::{LeftOut, WhyLeftOut, left_out};
pub use report::Report;
pub use verdict::{Advice, Choice, DefaultStanding, OnDefault, Position, Versus};
