//! From blocks to effects.

use crate::stats::{Interval, aligned_rank, median, pseudomedian_interval, quantile, signed_rank};
use simple_records::{Block, Gate, GateLimits, Side, Stage, Turn};

/// Additional time of one side, from the blocks of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The pseudomedian of the blocks' differences of logarithms (Hodges and Lehmann).
    pub estimate: f64,
    /// Its interval, of the signed-rank test.
    pub interval: Interval,
    /// Number of blocks it is made of.
    pub blocks: usize,
}

impl Effect {
    /// The effect as a share: 0.05 is 5% longer.
    pub fn share(&self) -> f64 {
        self.estimate.exp_m1()
    }

    /// Its interval, as shares.
    pub fn interval_of_shares(&self) -> [f64; 2] {
        [self.interval.low.exp_m1(), self.interval.high.exp_m1()]
    }

    /// Returns whether it looks like a difference: the interval excludes zero, and the estimate
    /// reaches the threshold in either direction.
    pub fn is_suspect(&self, limits: &GateLimits) -> bool {
        !self.interval.covers(0.0) && self.estimate.abs() >= flag_threshold(limits)
    }
}

/// Threshold for an estimate, as a difference of logarithms: three quarters of the slow-down
/// that is to be found. Estimates of a slow-down of exactly that size are smaller half of the
/// time, so a threshold at that size would miss every second one.
pub fn flag_threshold(limits: &GateLimits) -> f64 {
    (limits.min_effect * 0.75).ln_1p()
}

/// Head against base, and the null control, of one workload in one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// Additional time of the head over both copies of the base.
    pub head: Effect,
    /// Additional time of the second copy of the base over the first.
    pub null: Effect,
    /// Time of an iteration in the base, in nanoseconds: the median over blocks.
    pub base_ns: f64,
    /// Page faults per iteration in base and head: means over blocks.
    pub page_faults: [f64; 2],
}

/// The effects of a workload, from its blocks of a stage; `None` with fewer than two.
pub fn effects(gate: &Gate, workload: &str, stage: Stage) -> Option<Effects> {
    effects_of_first(gate, workload, stage, usize::MAX)
}

/// The same from its first blocks alone, at most this many.
pub fn effects_of_first(gate: &Gate, workload: &str, stage: Stage, most: usize) -> Option<Effects> {
    let blocks: Vec<&Block> = blocks_of(gate, workload, stage).take(most).collect();
    let times: Vec<[f64; 3]> = blocks.iter().filter_map(|block| times(block)).collect();
    let effect = |difference: fn(&[f64; 3]) -> f64| {
        let differences: Vec<f64> = times.iter().map(difference).collect();
        let (estimate, interval) = pseudomedian_interval(&differences)?;
        Some(Effect { estimate, interval, blocks: differences.len() })
    };
    let mean_faults = |side| {
        let shares = blocks.iter().map(|block| page_faults(block, side));
        shares.sum::<f64>() / blocks.len() as f64
    };
    Some(Effects {
        head: effect(head_difference)?,
        null: effect(null_difference)?,
        base_ns: median(&times.iter().map(|[base, ..]| *base).collect::<Vec<_>>())?,
        page_faults: [mean_faults(Side::Base), mean_faults(Side::Head)],
    })
}

/// Probabilities of blocks if nothing differs.
#[derive(Debug, Clone, Copy)]
pub struct Probabilities {
    /// If the head is not slower.
    pub slower: f64,
    /// If the head is not faster.
    pub faster: f64,
    /// If both copies of the base are equal.
    pub null: f64,
}

/// Tests the first blocks of a stage, at most this many; `None` for fewer than two. The head is tested
/// among both copies of the base by [`aligned_rank`], because skewed noise makes its differences
/// asymmetric; those of the copies are symmetric.
pub fn tested(gate: &Gate, workload: &str, stage: Stage, most: usize) -> Option<Probabilities> {
    let blocks = blocks_of(gate, workload, stage).take(most);
    let times: Vec<[f64; 3]> = blocks.filter_map(times).collect();
    let logarithms: Vec<[f64; 3]> =
        times.iter().map(|[base, head, null]| [head.ln(), base.ln(), null.ln()]).collect();
    let head = aligned_rank(&logarithms)?;
    let null = signed_rank(&times.iter().map(null_difference).collect::<Vec<_>>())?;
    Some(Probabilities {
        slower: head.p_greater,
        faster: head.p_less,
        null: (2.0 * null.p_greater.min(null.p_less)).min(1.0),
    })
}

fn blocks_of<'g>(gate: &'g Gate, workload: &str, stage: Stage) -> impl Iterator<Item = &'g Block> {
    let is_here = move |block: &&Block| block.stage == stage && block.workload == workload;
    gate.blocks.iter().filter(is_here)
}

/// Quantile of a side's samples that represents it. Other programs only add time, so the faster
/// half says more about the program, and its middle is more robust than the fastest sample.
const QUARTILE: f64 = 0.25;

/// Times of an iteration in a block, in nanoseconds: of base, head and null.
/// `None` if a side is missing.
fn times(block: &Block) -> Option<[f64; 3]> {
    let time = |side| {
        let turns = block.turns.iter().filter(|turn| turn.side == side);
        let each = turns.flat_map(|turn| {
            turn.totals_ns.iter().map(|total| total / turn.iterations.max(1) as f64)
        });
        quantile(&each.collect::<Vec<_>>(), QUARTILE).filter(|time| *time > 0.0)
    };
    Some([time(Side::Base)?, time(Side::Head)?, time(Side::Null)?])
}

/// Time of an iteration on each side of a block, in nanoseconds: what the block contributes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockTimes {
    /// Stage that the block belongs to.
    pub stage: Stage,
    /// In the base.
    pub base_ns: f64,
    /// In the head.
    pub head_ns: f64,
    /// In the second copy of the base.
    pub null_ns: f64,
}

impl BlockTimes {
    /// Returns whether the block was measured to find suspects.
    pub fn is_screen(&self) -> bool {
        self.stage == Stage::Screen
    }
}

/// Times of all whole blocks of a workload, in the order of the record.
pub fn block_times(gate: &Gate, workload: &str) -> Vec<BlockTimes> {
    let blocks = gate.blocks.iter().filter(|block| block.workload == workload);
    let of_block = |block: &Block| {
        let [base_ns, head_ns, null_ns] = times(block)?;
        Some(BlockTimes { stage: block.stage, base_ns, head_ns, null_ns })
    };
    blocks.filter_map(of_block).collect()
}

/// Additional time of the head in a block over both copies of the base, as a difference of
/// logarithms. `None` if a side is missing.
pub fn difference(block: &Block) -> Option<f64> {
    times(block).map(|times| head_difference(&times))
}

fn null_difference([base, _, null]: &[f64; 3]) -> f64 {
    null.ln() - base.ln()
}

fn head_difference([base, head, null]: &[f64; 3]) -> f64 {
    head.ln() - (base.ln() + null.ln()) / 2.0
}

/// Page faults per iteration on one side of a block.
fn page_faults(block: &Block, side: Side) -> f64 {
    let turns = || block.turns.iter().filter(|turn| turn.side == side);
    let iterations = |turn: &Turn| turn.iterations * turn.totals_ns.len() as u64;
    let faults: u64 = turns().map(|turn| turn.page_faults_minor).sum();
    faults as f64 / turns().map(iterations).sum::<u64>().max(1) as f64
}
