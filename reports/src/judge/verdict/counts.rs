//! Judging counts. They are exact, except for workloads that vary.

use serde::Serialize;
use simple_records::{Counted, Gate, Side, Stage};

/// The finding of a count in both builds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CountFinding {
    /// Count in the base.
    pub base: u64,
    /// Count in the head.
    pub head: u64,
    /// Growth as a share: 0.01 is 1% more. From nothing to something is infinite.
    pub change: f64,
    /// The growth that is a regression.
    pub limit: f64,
    /// True if every count of the head exceeds every count of the base by more than the limit.
    pub is_beyond: bool,
}

/// Counts of one kind on one side.
fn counts_of_side(gate: &Gate, workload: &str, side: Side, count: fn(&Counted) -> u64) -> Vec<u64> {
    let counted = gate.counted.iter();
    counted.filter(|one| one.workload == workload && one.side == side).map(count).collect()
}

/// Compares the counts of a workload in both builds; `None` unless both were counted. If they
/// were counted twice, the counts that differ least are compared: variation alone makes no
/// workload slower.
pub(super) fn compare(
    gate: &Gate,
    workload: &str,
    count: fn(&Counted) -> u64,
    limit: f64,
) -> Option<CountFinding> {
    let (base, head) = (
        counts_of_side(gate, workload, Side::Base, count),
        counts_of_side(gate, workload, Side::Head, count),
    );
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

/// Growth of whole processes, as a multiple of the difference between two counts of one side, that is
/// no variation. Their counts may vary with addresses, time and threads.
const BEYOND_VARIATION: f64 = 3.0;

/// Compares the instructions of both builds. In a suite whole processes are counted: then a growth must
/// also stand out from the variation of the counts.
pub(super) fn instructions(gate: &Gate, workload: &str) -> Option<CountFinding> {
    let limit = gate.start.limits.instructions_of(workload);
    let count = |counted: &Counted| counted.instructions;
    let limit = match gate.start.suite {
        Some(_) => limit.max(BEYOND_VARIATION * variation(gate, workload, count)),
        None => limit,
    };
    compare(gate, workload, count, limit)
}

/// The largest difference between counts of one side, as a share; 0 if each was counted once.
fn variation(gate: &Gate, workload: &str, count: fn(&Counted) -> u64) -> f64 {
    let of_side = |side| {
        let counts = counts_of_side(gate, workload, side, count);
        let (least, most) = (counts.iter().min()?, counts.iter().max()?);
        Some(*most as f64 / (*least).max(1) as f64 - 1.0)
    };
    [Side::Base, Side::Head].into_iter().filter_map(of_side).fold(0.0, f64::max)
}

/// Compares the allocations of both builds. More of them alone are no regression.
pub(super) fn allocations(gate: &Gate, workload: &str) -> Option<CountFinding> {
    compare(gate, workload, |counted| counted.allocations, f64::INFINITY)
}

/// Workloads to count once more before they are reported: their instructions seem to have grown
/// beyond the limit, and they were counted only once.
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
