//! From a run's records to what a report says: measured workloads, grouped by the axes that
//! the records name, with rankings, verdicts, noise and a census.

mod census;
mod compare;
mod extras;
mod group;
mod history;
mod intake;
mod measured;
mod noise;
mod report;
mod verdict;

pub use census::{Census, Missing};
pub use compare::{Change, CountChange, LatencyChange, RunComparison, Verdict};
pub use extras::{Counted, Latencies};
pub use group::{Facet, Group, Series};
pub use history::{History, MOST_RUNS, PastRun, Point, Step, Trend};
pub use intake::clean_text;
pub use measured::{Measured, Round};
pub use noise::{Noise, NoiseLevel, RoundShift};
pub use report::Report;
pub use verdict::{Choice, Position, Versus};
