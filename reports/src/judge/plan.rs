//! The blocks to measure next: time goes to undecided workloads.
//!
//! All of it depends only on the blocks in the record and the time that they took. So an interrupted
//! comparison goes on as if nothing had happened.

use super::effect::{Effects, effects, flag_threshold};
use super::overtime::affordable;
use super::promise::most_promising;
use simple_records::{Candidate, Gate, GateLimits, Stage, Witness};

/// Blocks between two checks of an open workload, or an eighth of its blocks once that is more.
const STEP: u32 = 3;

/// Blocks up to which all open workloads get the same number.
pub(super) const EVEN_BLOCKS: u32 = 24;

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
    /// All blocks or all time is used up, and its interval still allows a slow-down of that size.
    Open(Effects),
}

/// State of a workload after its screening blocks.
pub fn standing(gate: &Gate, workload: &str) -> Standing {
    let limits = &gate.start.limits;
    let blocks = count(gate, workload, Stage::Screen);
    if !is_check(limits, blocks) && (blocks < limits.screen_blocks || !is_spent(gate)) {
        return Standing::Unfinished;
    }
    effects(gate, workload, Stage::Screen)
        .map_or(Standing::Unfinished, |effects| check(effects, blocks, gate))
}

/// Numbers of blocks at which a workload is checked, besides the most that it gets.
fn checks(limits: &GateLimits) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(limits.screen_blocks), |blocks| {
        let step = if *blocks < EVEN_BLOCKS { STEP } else { STEP.max(blocks / 8) };
        blocks.checked_add(step)
    })
}

/// Returns whether a workload of this many blocks is checked.
pub(super) fn is_check(limits: &GateLimits, blocks: u32) -> bool {
    blocks >= limits.most_screen_blocks.max(limits.screen_blocks)
        || checks(limits).take_while(|check| *check <= blocks).last() == Some(blocks)
}

/// Number of blocks at the check after this many.
pub(super) fn next_check(limits: &GateLimits, blocks: u32) -> u32 {
    let next = checks(limits).find(|check| *check > blocks).unwrap_or(u32::MAX);
    next.min(limits.most_screen_blocks)
}

fn check(effects: Effects, blocks: u32, gate: &Gate) -> Standing {
    let limits = &gate.start.limits;
    let Effects { head, null, .. } = &effects;
    if head.is_suspect(limits) || null.is_suspect(limits) {
        return Standing::Suspect(effects);
    }
    let is_small = head.estimate < flag_threshold(limits);
    if is_small && head.interval.high < limits.min_effect.ln_1p() {
        return Standing::Clear(effects);
    }
    if blocks >= limits.most_screen_blocks || is_spent(gate) {
        return Standing::Open(effects);
    }
    Standing::Unfinished
}

/// The next blocks to measure: one of each of several workloads, or those of one until its next check.
/// None when everything is decided, the rest is not worth its time, or the time is over. Workloads with the
/// fewest blocks come first, so that blocks of a workload are spread over time.
pub fn next(gate: &Gate) -> Vec<Task> {
    let (mut tasks, _) = affordable(gate, due(gate).collect());
    // A pass that was interrupted is finished first.
    let least = tasks.iter().map(|task| (task.stage, task.block)).min();
    tasks.retain(|task| Some((task.stage, task.block)) == least);
    if tasks.is_empty() { most_promising(gate) } else { tasks }
}

/// Workloads that lack blocks without which there is no verdict, for which there is no time.
pub fn out_of_time(gate: &Gate) -> Vec<String> {
    affordable(gate, due(gate).collect()).1.into_iter().map(|task| task.workload).collect()
}

/// The next block of each workload that is to get one, whatever the others say.
fn due(gate: &Gate) -> impl Iterator<Item = Task> {
    timed(gate).filter_map(|workload| task(gate, workload))
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

/// The next block of a workload that gets one in any case, or whose next check has begun.
fn task(gate: &Gate, workload: &str) -> Option<Task> {
    let limits = &gate.start.limits;
    let task = |stage, block| Task { workload: workload.to_owned(), stage, block };
    match standing(gate, workload) {
        Standing::Unfinished => {
            let block = count(gate, workload, Stage::Screen);
            // The limit also holds if blocks lack a side: more blocks may lack it as well.
            let most = limits.most_screen_blocks.max(limits.screen_blocks);
            let is_due = block < limits.screen_blocks
                || (block < most
                    && !is_spent(gate)
                    && (block < EVEN_BLOCKS || !is_check(limits, block)));
            is_due.then(|| task(Stage::Screen, block))
        }
        Standing::Suspect(_) => {
            let block = count(gate, workload, Stage::Confirm);
            let (first, again) = (limits.confirm_blocks, limits.confirm_again_blocks);
            let is_due = block < first || (block > first && block < again && !is_spent(gate));
            is_due.then(|| task(Stage::Confirm, block))
        }
        Standing::Clear(_) | Standing::Open(_) => None,
    }
}

/// Times that the blocks of a workload took, or all blocks, in seconds.
pub(super) fn blocks_s<'g>(
    gate: &'g Gate,
    workload: Option<&'g str>,
) -> impl Iterator<Item = f64> + 'g {
    let is_here = move |name: &str| workload.is_none_or(|workload| workload == name);
    let blocks = gate.blocks.iter().filter(move |block| is_here(&block.workload));
    blocks.filter_map(|block| block.elapsed_s)
}

/// Time that blocks took until now, in seconds.
pub fn spent_s(gate: &Gate) -> f64 {
    blocks_s(gate, None).sum()
}

/// Returns whether the time for blocks is spent.
pub(super) fn is_spent(gate: &Gate) -> bool {
    gate.start.limits.budget_s.is_some_and(|budget_s| spent_s(gate) >= budget_s)
}

/// Number of blocks of a workload in a stage.
pub(super) fn count(gate: &Gate, workload: &str, stage: Stage) -> u32 {
    let blocks = gate.blocks.iter();
    blocks.filter(|block| block.stage == stage && block.workload == workload).count() as u32
}
