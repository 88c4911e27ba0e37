//! From blocks to effects.

use crate::stats::{SignedRank, aligned_rank, median, quantile, signed_rank};
use simple_records::{Block, Gate, GateLimits, Side, Stage, Turn};

/// How much longer something takes, from the blocks of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Of differences of logarithms. The probabilities of the head's are those of
    /// [`aligned_rank`], because its differences are not symmetric where noise is skewed.
    pub test: SignedRank,
    /// Blocks it is made of.
    pub blocks: usize,
}

impl Effect {
    /// As a share: 0.05 is 5% longer.
    pub fn share(&self) -> f64 {
        self.test.estimate.exp_m1()
    }

    /// The interval as shares.
    pub fn interval(&self) -> [f64; 2] {
        [self.test.interval.low.exp_m1(), self.test.interval.high.exp_m1()]
    }

    /// Whether it looks like a difference: the interval excludes none, and the estimate reaches
    /// the threshold, in whichever direction.
    pub fn is_suspect(&self, limits: &GateLimits) -> bool {
        !self.test.interval.covers(0.0) && self.test.estimate.abs() >= flag_threshold(limits)
    }
}

/// What the estimate must reach: three quarters of the slow-down that is to be found, as a
/// difference of logarithms. The estimate of a slow-down of exactly that size lies below it half
/// of the time, so a threshold at the size itself would miss every second one.
pub fn flag_threshold(limits: &GateLimits) -> f64 {
    (limits.min_effect * 0.75).ln_1p()
}

/// Head against base, and the null control, of one workload in one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// How much longer the head takes than both copies of the base.
    pub head: Effect,
    /// How much longer the second copy of the base takes than the first.
    pub null: Effect,
    /// Time of an iteration in the base: the median over blocks.
    pub base_ns: f64,
    /// Page faults of an iteration in base and head: means over blocks.
    pub page_faults: [f64; 2],
}

/// The effects of a workload, from its blocks of a stage; `None` with fewer than two.
pub fn effects(gate: &Gate, workload: &str, stage: Stage) -> Option<Effects> {
    let blocks: Vec<&Block> = gate
        .blocks
        .iter()
        .filter(|block| block.stage == stage && block.workload == workload)
        .collect();
    let times: Vec<[f64; 3]> = blocks.iter().filter_map(|block| times(block)).collect();
    let effect = |difference: fn(&[f64; 3]) -> f64| {
        let differences: Vec<f64> = times.iter().map(difference).collect();
        Some(Effect { test: signed_rank(&differences)?, blocks: differences.len() })
    };
    let mean_faults = |side| {
        let shares = blocks.iter().map(|block| page_faults(block, side));
        shares.sum::<f64>() / blocks.len() as f64
    };
    let mut head = effect(head_difference)?;
    let logarithms: Vec<[f64; 3]> =
        times.iter().map(|[base, head, null]| [head.ln(), base.ln(), null.ln()]).collect();
    let tested = aligned_rank(&logarithms)?;
    (head.test.p_greater, head.test.p_less) = (tested.p_greater, tested.p_less);
    Some(Effects {
        head,
        null: effect(|[base, _, null]| null.ln() - base.ln())?,
        base_ns: median(&times.iter().map(|[base, ..]| *base).collect::<Vec<_>>())?,
        page_faults: [mean_faults(Side::Base), mean_faults(Side::Head)],
    })
}

/// Of the samples of a side, the quartile that stands for it: what else the machine does only
/// adds to times, so the faster half tells more of the program, and its middle is not as easily
/// led by one sample as the fastest.
const QUARTILE: f64 = 0.25;

/// The time of an iteration on each side of a block, in nanoseconds: of base, head and null.
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

/// How much longer the head takes in a block than both copies of the base, as a difference of
/// logarithms. `None` if a side is missing.
pub fn difference(block: &Block) -> Option<f64> {
    times(block).map(|times| head_difference(&times))
}

fn head_difference([base, head, null]: &[f64; 3]) -> f64 {
    head.ln() - (base.ln() + null.ln()) / 2.0
}

/// Page faults of an iteration on one side of a block.
fn page_faults(block: &Block, side: Side) -> f64 {
    let turns = || block.turns.iter().filter(|turn| turn.side == side);
    let iterations = |turn: &Turn| turn.iterations * turn.totals_ns.len() as u64;
    let faults: u64 = turns().map(|turn| turn.page_faults_minor).sum();
    faults as f64 / turns().map(iterations).sum::<u64>().max(1) as f64
}
