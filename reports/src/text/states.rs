//! Figures of a workload that may have several states.

use super::number::{time_ns, time_with_interval};
use crate::analysis::Timed;

/// The time of a workload with its interval; `24.0 ns or 1.18 µs` if it has several states.
pub fn times_of(workload: &Timed) -> String {
    match workload.states.len() {
        0 | 1 => time_with_interval(workload.time_ns, workload.interval_ns),
        _ => by_state(workload, time_ns),
    }
}

/// A figure that follows from a workload's time in ns, for each of its states: their median is a
/// time that it hardly ever takes.
pub fn by_state(workload: &Timed, figure: impl Fn(f64) -> String) -> String {
    match &workload.states[..] {
        [] | [_] => figure(workload.time_ns),
        states => {
            let each: Vec<String> = states.iter().map(|state| figure(state.time_ns)).collect();
            each.join(" or ")
        }
    }
}
