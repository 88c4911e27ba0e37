//! Decides whether a build is slower than another, from the record of their comparison. Measures
//! nothing.
//!
//! # How a workload is judged
//!
//! The unit of inference is the *block*: fresh processes of the base, the head, and the base
//! once more take turns in an order that is the same forwards and backwards, so that even drift
//! cancels. A block yields one difference of logarithms (`effect`).
//!
//! 1. **Screen.** Every workload gets a few blocks. A workload is done when its interval excludes
//!    the slow-down that is looked for; the others get more blocks (`plan`), and then what is
//!    left of the time, those first that need least (`promise`). If the time does not even suffice
//!    for the first blocks of all, as many workloads as possible get theirs (`overtime`).
//! 2. **Confirm.** A workload that looks slower (or faster, or whose null control looks
//!    different) is measured in fresh blocks, and only these count: blocks that raised a
//!    suspicion cannot confirm it (`confirm`).
//! 3. **Verdict.** A workload is slower if the exact test of the fresh blocks is rejected, with
//!    the false discovery rate controlled over all judged workloads, and if the effect is large
//!    enough (`verdict`). A build that executes more instructions than the limit allows is
//!    slower without statistics.
//!
//! The null control goes through the same steps. If it shows a difference, something in the
//! machine looks like a difference, and times prove nothing.

mod bench_curve;
mod confirm;
mod curve;
mod day;
mod dosed;
mod effect;
mod judging;
mod outlook;
mod overtime;
mod plan;
mod power;
mod promise;
mod verdict;
mod waiver;

pub use bench_curve::{BenchCurve, BenchLevel, Outcome, outcome};
pub use curve::{Alarms, Level, OperatingCurve, Share};
pub use day::{Day, NoDay};
pub use dosed::{Beside, Dosed, besides, dosed};
pub use effect::{BlockTimes, Effect, Effects, block_times, difference, effects, flag_threshold};
pub use judging::Judging;
pub use outlook::{Outlook, outlook};
pub use plan::{Standing, Task, next, out_of_time, spent_s, standing};
pub use power::{Power, RESAMPLES, Rules, powers};
pub use verdict::{
    CountFinding, GateReport, Reason, Resume, Row, Status, TimeFinding, Verdict, recount,
};
pub use waiver::{GateFile, Waiver, WaiverError};
