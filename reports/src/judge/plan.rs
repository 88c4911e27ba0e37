//! What to measure next: time goes to what is undecided.
//!
//! Where a workload stands depends on its own blocks only, and those are in the record. So a
//! comparison that was interrupted goes on as if it had not been.

use super::effect::{Effects, effects, flag_threshold};
use simple_records::{Candidate, Gate, GateLimits, Stage, Witness};

/// Blocks between two looks at a workload that is open.
const STEP: u32 = 3;

/// One block to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Of which workload.
    pub workload: String,
    /// What for.
    pub stage: Stage,
    /// Number within the stage.
    pub block: u32,
}

/// How far the screening of a workload is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    /// It needs more blocks.
    Unfinished,
    /// No slow-down of the size that is looked for.
    Clear(Effects),
    /// It looks different, or its null control does.
    Suspect(Effects),
    /// All blocks are used up, and its interval still allows a slow-down of that size.
    Open(Effects),
}

/// Where a workload stands after its screening blocks.
pub fn standing(gate: &Gate, workload: &str) -> Standing {
    let limits = &gate.start.limits;
    let blocks = count(gate, workload, Stage::Screen);
    let is_look = blocks >= limits.screen_blocks
        && ((blocks - limits.screen_blocks).is_multiple_of(STEP)
            || blocks >= limits.most_screen_blocks);
    match effects(gate, workload, Stage::Screen) {
        Some(effects) if is_look => look(effects, blocks, limits),
        _ => Standing::Unfinished,
    }
}

fn look(effects: Effects, blocks: u32, limits: &GateLimits) -> Standing {
    let Effects { head, null, .. } = &effects;
    if head.is_suspect(limits) || null.is_suspect(limits) {
        return Standing::Suspect(effects);
    }
    let is_small = head.test.estimate < flag_threshold(limits);
    if is_small && head.test.interval.high < limits.min_effect.ln_1p() {
        return Standing::Clear(effects);
    }
    if blocks >= limits.most_screen_blocks {
        return Standing::Open(effects);
    }
    Standing::Unfinished
}

/// The next blocks to measure, at most one of each workload; none when all is decided. Those
/// that have the fewest come first, so that the blocks of a workload are spread over time.
pub fn next(gate: &Gate) -> Vec<Task> {
    let mut tasks: Vec<Task> = timed(gate).filter_map(|one| task(gate, one)).collect();
    // A pass that was interrupted is finished first.
    let least = tasks.iter().map(|task| (task.stage, task.block)).min();
    tasks.retain(|task| Some((task.stage, task.block)) == least);
    tasks
}

/// Workloads that are judged by time and can still be measured.
pub(super) fn timed(gate: &Gate) -> impl Iterator<Item = &str> {
    gate.candidates
        .iter()
        .filter(|candidate| candidate.instruments.contains(&Witness::Time))
        .map(|candidate: &Candidate| candidate.subject.workload.as_str())
        .filter(|workload| {
            let mut retired = gate.retired.iter();
            !retired.any(|one| one.workload == *workload && one.instrument == Witness::Time)
        })
}

fn task(gate: &Gate, workload: &str) -> Option<Task> {
    let (stage, block) = match standing(gate, workload) {
        Standing::Unfinished => (Stage::Screen, count(gate, workload, Stage::Screen)),
        Standing::Suspect(_) => (Stage::Confirm, count(gate, workload, Stage::Confirm)),
        Standing::Clear(_) | Standing::Open(_) => return None,
    };
    let limits = &gate.start.limits;
    // Also where blocks lack a side, so that nothing can be said: more may lack it as well.
    let most = match stage {
        Stage::Screen => limits.most_screen_blocks.max(limits.screen_blocks),
        Stage::Confirm => limits.confirm_blocks,
    };
    (block < most).then(|| Task { workload: workload.to_owned(), stage, block })
}

/// Blocks of a workload in a stage.
pub(super) fn count(gate: &Gate, workload: &str, stage: Stage) -> u32 {
    let blocks = gate.blocks.iter();
    blocks.filter(|block| block.stage == stage && block.workload == workload).count() as u32
}
