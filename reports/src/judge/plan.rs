//! The blocks to measure next: time goes to undecided workloads.
//!
//! The state of a workload depends only on its own blocks, which are in the record. So an
//! interrupted comparison goes on as if nothing had happened.

use super::effect::{Effects, effects, flag_threshold};
use simple_records::{Candidate, Gate, GateLimits, Stage, Witness};

/// Blocks between two checks of an open workload.
const STEP: u32 = 3;

/// A block to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Workload to measure.
    pub workload: String,
    /// Stage that the block belongs to.
    pub stage: Stage,
    /// Number of the block within the stage, from 0.
    pub block: u32,
}

/// State of a workload after screening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    /// It needs more blocks.
    Unfinished,
    /// It has no slow-down of the size that is looked for.
    Clear(Effects),
    /// It looks different, or its null control does.
    Suspect(Effects),
    /// All blocks are used up, and its interval still allows a slow-down of that size.
    Open(Effects),
}

/// State of a workload after its screening blocks.
pub fn standing(gate: &Gate, workload: &str) -> Standing {
    let limits = &gate.start.limits;
    let blocks = count(gate, workload, Stage::Screen);
    let is_checked = blocks >= limits.screen_blocks
        && ((blocks - limits.screen_blocks).is_multiple_of(STEP)
            || blocks >= limits.most_screen_blocks);
    match effects(gate, workload, Stage::Screen) {
        Some(effects) if is_checked => check(effects, blocks, limits),
        _ => Standing::Unfinished,
    }
}

fn check(effects: Effects, blocks: u32, limits: &GateLimits) -> Standing {
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

/// The next blocks to measure, at most one per workload; none when everything is decided.
/// Workloads with the fewest blocks come first, so that blocks of a workload are spread over time.
pub fn next(gate: &Gate) -> Vec<Task> {
    let mut tasks: Vec<Task> = timed(gate).filter_map(|workload| task(gate, workload)).collect();
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
            !retired
                .any(|retired| retired.workload == *workload && retired.instrument == Witness::Time)
        })
}

fn task(gate: &Gate, workload: &str) -> Option<Task> {
    let (stage, block) = match standing(gate, workload) {
        Standing::Unfinished => (Stage::Screen, count(gate, workload, Stage::Screen)),
        Standing::Suspect(_) => (Stage::Confirm, count(gate, workload, Stage::Confirm)),
        Standing::Clear(_) | Standing::Open(_) => return None,
    };
    let limits = &gate.start.limits;
    // The limit also holds if blocks lack a side: more blocks may lack it as well.
    let most = match stage {
        Stage::Screen => limits.most_screen_blocks.max(limits.screen_blocks),
        Stage::Confirm => limits.confirm_blocks,
    };
    (block < most).then(|| Task { workload: workload.to_owned(), stage, block })
}

/// Number of blocks of a workload in a stage.
pub(super) fn count(gate: &Gate, workload: &str, stage: Stage) -> u32 {
    let blocks = gate.blocks.iter();
    blocks.filter(|block| block.stage == stage && block.workload == workload).count() as u32
}
