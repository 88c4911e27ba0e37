//! Whether a build is slower than another, judged from the record of their comparison. Nothing
//! is measured here.
//!
//! # How a workload is judged
//!
//! The unit of inference is the *block*: fresh processes of the base, the head, and the base
//! once more take turns in an order that is the same forwards and backwards, so that whatever
//! drifts evenly cancels. A block yields one difference of logarithms (`effect`).
//!
//! 1. **Screen.** Every workload gets a few blocks. Those whose interval excludes the slow-down
//!    that is looked for are done; the others get more, up to a limit (`plan`).
//! 2. **Confirm.** A workload that looks slower (or faster, or whose null control looks
//!    different) is measured in fresh blocks, and only these count: what made it a suspect
//!    cannot convict it.
//! 3. **Verdict.** Slower is what the exact test of the fresh blocks rejects with the false
//!    discovery rate controlled over all judged workloads, and what is slower by an effect worth
//!    the name (`verdict`). A build that executes more instructions than the limit allows is
//!    slower without statistics.
//!
//! The null control goes through the same steps. If it shows a difference, there was something
//! in the machine that looks like a difference, and nothing can be concluded from time.

mod curve;
mod effect;
mod plan;
mod verdict;
mod waiver;

pub use curve::{Alarms, Level, OperatingCurve, Share};
pub use effect::{Effect, Effects, difference, effects, flag_threshold};
pub use plan::{Standing, Task, next, standing};
pub use verdict::{
    CountFinding, GateReport, Reason, Row, Status, TimeFinding, Verdict, judge_gate, recount,
};
pub use waiver::{GateFile, Waiver, WaiverError};
