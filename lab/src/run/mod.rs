//! Runs: which workloads are measured, by which instruments, in which order, each in a process of
//! its own, and the records of it.
//!
//! | file | idea |
//! |---|---|
//! | `cli` | the verbs `run`, `list` and `check` |
//! | `asked` | what a run is asked for, also when it goes on after an interrupt |
//! | `plan` | alternatives that take turns, and the order of rounds |
//! | `session` | steps are made, records written as they come |
//! | `iai` | the bench target that counts instructions, from the outside |
//! | `noise` | what else the machine does meanwhile |

mod asked;
mod check;
mod cli;
mod iai;
mod iai_format;
mod noise;
mod plan;
mod record;
mod session;
mod settings;

pub use cli::{Check, List, Run};
pub(crate) use iai::{RUNNER, installed as runner};
pub(crate) use iai_format::RUNNER_VERSION;
pub(crate) use noise::{Meter, line_move_ns};
pub(crate) use settings::{ERROR, limits, settings, usual_time};
