//! Judging what is counted: exact, unless what is counted varies.

use serde::Serialize;
use simple_records::{Counted, Gate, Side, Stage};

/// What both builds count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CountFinding {
    /// In the base.
    pub base: u64,
    /// In the head.
    pub head: u64,
    /// Growth as a share: 0.01 is 1% more. From nothing to something is infinite.
    pub change: f64,
    /// The growth that is a regression.
    pub limit: f64,
    /// Whether every count of the head is beyond the limit of every count of the base.
    pub is_beyond: bool,
}

/// The counts of one kind on one side.
fn of(gate: &Gate, workload: &str, side: Side, count: fn(&Counted) -> u64) -> Vec<u64> {
    let counted = gate.counted.iter();
    counted.filter(|one| one.workload == workload && one.side == side).map(count).collect()
}

/// What both builds count of a workload; `None` unless both were counted. Where they were
/// counted twice, the counts that differ least are compared: a workload whose counts vary is
/// not slower because of that.
pub(super) fn compare(
    gate: &Gate,
    workload: &str,
    count: fn(&Counted) -> u64,
    limit: f64,
) -> Option<CountFinding> {
    let (base, head) =
        (of(gate, workload, Side::Base, count), of(gate, workload, Side::Head, count));
    let (least_base, most_base) = (*base.iter().min()?, *base.iter().max()?);
    let (least_head, most_head) = (*head.iter().min()?, *head.iter().max()?);
    let (base, head) = if least_head > most_base {
        (most_base, least_head)
    } else if most_head < least_base {
        (least_base, most_head)
    } else {
        // They overlap: no difference.
        (least_head.max(least_base), least_head.max(least_base))
    };
    let change = if base == head { 0.0 } else { head as f64 / base as f64 - 1.0 };
    Some(CountFinding { base, head, change, limit, is_beyond: change > limit })
}

/// Instructions of both builds.
pub(super) fn instructions(gate: &Gate, workload: &str) -> Option<CountFinding> {
    let limit = gate.start.limits.instructions_of(workload);
    compare(gate, workload, |counted| counted.instructions, limit)
}

/// Allocations of both builds; more of them alone are no regression.
pub(super) fn allocations(gate: &Gate, workload: &str) -> Option<CountFinding> {
    compare(gate, workload, |counted| counted.allocations, f64::INFINITY)
}

/// Workloads whose instructions seem to have grown beyond the limit and were counted only once:
/// to be counted again before they are reported.
pub fn recount(gate: &Gate) -> Vec<String> {
    let candidates = gate.candidates.iter().map(|candidate| &candidate.subject.workload);
    let is_confirmed = |workload: &String| {
        [Side::Base, Side::Head].into_iter().all(|side| {
            let mut counted = gate.counted.iter().filter(|one| one.side == side);
            counted.any(|one| one.workload == *workload && one.stage == Stage::Confirm)
        })
    };
    candidates
        .filter(|workload| {
            instructions(gate, workload).is_some_and(|found| found.is_beyond)
                && !is_confirmed(workload)
        })
        .cloned()
        .collect()
}
