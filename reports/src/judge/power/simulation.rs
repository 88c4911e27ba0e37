//! Comparisons that are simulated with a workload's own blocks.

use super::Rules;
use super::walsh::Walsh;
use crate::judge::confirm::FIRST_SHARE;
use crate::judge::effect::{BlockTimes, flag_threshold};
use crate::judge::plan::{EVEN_BLOCKS, is_check};
use crate::judge::promise::{blocks_until_decided, is_hopeless};
use crate::stats::{estimate, inward, least_rejected, pseudomedian, standardized};
use fastrand::Rng;

/// Marks that differences are compared with: the threshold on both sides of zero, and the slow-down
/// that is looked for.
const DOWN: usize = 0;
const ZERO: usize = 1;
const UP: usize = 2;
const LIMIT: usize = 3;

/// Blocks up to which a workload may be given up. The gate looks at every check, but a look sorts, and what is
/// not given up early seldom is later.
const GIVEN_UP_UNTIL: usize = 64;

/// Most screening blocks that are simulated: time grows with their square. What needs more is found less often
/// in the simulation than by the gate.
const MOST_BLOCKS: usize = 240;

/// Logarithms of the times of head, base and null in a block.
type Logarithms = [f64; 3];

/// Everything that simulated comparisons of all workloads share.
#[derive(Debug)]
pub(super) struct Simulation<'a> {
    rules: &'a Rules,
    /// The slow-down, as a difference of logarithms.
    added: f64,
    marks: [f64; 4],
    /// Averages beyond the interval, by number of blocks; computed when first needed.
    inward: Vec<Option<usize>>,
}

/// The blocks of one workload, to draw from.
#[derive(Debug)]
struct Drawn {
    residuals: Vec<Logarithms>,
    random: Rng,
    added: f64,
    most_blocks: usize,
    /// Least place that each of both judgements rejects.
    rejected_from: [Option<f64>; 2],
}

impl<'a> Simulation<'a> {
    /// For slow-downs by the share `by`.
    pub(super) fn new(rules: &'a Rules, by: f64) -> Self {
        let threshold = flag_threshold(&rules.limits);
        let marks = [-threshold, 0.0, threshold, rules.limits.min_effect.ln_1p()];
        Self { rules, added: by.ln_1p(), marks, inward: Vec::new() }
    }

    /// Number of comparisons that find the slow-down, of `all`.
    pub(super) fn count_found(&mut self, workload: &str, blocks: &[BlockTimes], all: u32) -> u32 {
        let screened = blocks.iter().filter(|block| block.is_screen()).count();
        let mut drawn = Drawn {
            residuals: residuals(blocks),
            random: Rng::with_seed(seed(self.rules.seed, workload)),
            added: self.added,
            most_blocks: self.rules.most_blocks.max(screened).min(MOST_BLOCKS),
            rejected_from: [None; 2],
        };
        let found = |_: &u32| self.is_suspected(&mut drawn) && self.is_convicted(&mut drawn);
        (0..all).filter(found).count() as u32
    }

    fn inward(&mut self, blocks: usize) -> usize {
        if self.inward.len() <= blocks {
            self.inward.resize(blocks + 1, None);
        }
        *self.inward[blocks].get_or_insert_with(|| inward(blocks).0)
    }

    /// Screens until a check finds a suspect, clears the workload, or gives up.
    fn is_suspected(&mut self, drawn: &mut Drawn) -> bool {
        let (mut head, mut null) = (Walsh::new(self.marks), Walsh::new(self.marks));
        for blocks in 1..=drawn.most_blocks {
            let block = drawn.block();
            head.add(head_difference(&block));
            null.add(block[2] - block[1]);
            let is_last = blocks == drawn.most_blocks;
            if blocks < 2 || !(is_last || is_check(&self.rules.limits, blocks as u32)) {
                continue;
            }
            let inward = self.inward(blocks);
            if is_suspect(&head, inward) || is_suspect(&null, inward) {
                return true;
            }
            if !head.estimate_reaches(UP) && head.high_is_below(LIMIT, inward) {
                return false;
            }
            let is_looked_at = (EVEN_BLOCKS as usize..=GIVEN_UP_UNTIL).contains(&blocks);
            if is_looked_at && self.is_given_up(&head, inward) {
                return false;
            }
        }
        false
    }

    fn is_given_up(&self, head: &Walsh<4>, inward: usize) -> bool {
        let (values, limits) = (head.values(), &self.rules.limits);
        estimate(values, inward).is_none_or(|(middle, ends)| {
            is_hopeless(blocks_until_decided(values.len(), middle, ends, limits), limits)
        })
    }

    /// Judges fresh blocks, and more of them if the first leave it open and there is time.
    fn is_convicted(&mut self, drawn: &mut Drawn) -> bool {
        let limits = &self.rules.limits;
        let (first, again) = (limits.confirm_blocks as usize, limits.confirm_again_blocks as usize);
        let shares = if again > first { [FIRST_SHARE, 1.0 - FIRST_SHARE] } else { [1.0, 0.0] };
        let mut fresh: Vec<Logarithms> = Vec::new();
        let mut head = Walsh::new(self.marks);
        for (judgement, (blocks, share)) in [first, again].into_iter().zip(shares).enumerate() {
            while fresh.len() < blocks {
                let block = drawn.block();
                head.add(head_difference(&block));
                fresh.push(block);
            }
            if fresh.len() < 2 {
                return false;
            }
            if drawn.is_rejected(judgement, &fresh, share * self.rules.level) {
                return head.estimate_reaches(UP);
            }
            let is_open = !head.high_is_below(LIMIT, self.inward(fresh.len()));
            if again <= first || !is_open || !self.rules.has_time {
                return false;
            }
        }
        false
    }
}

impl Drawn {
    /// One of the workload's blocks, sides in a random order, with the slow-down added.
    fn block(&mut self) -> Logarithms {
        let mut block = self.residuals[self.random.usize(..self.residuals.len())];
        self.random.shuffle(&mut block);
        block[0] += self.added;
        block
    }

    fn is_rejected(&mut self, judgement: usize, fresh: &[Logarithms], level: f64) -> bool {
        let from =
            self.rejected_from[judgement].get_or_insert_with(|| least_rejected(fresh, level));
        standardized(fresh) >= *from
    }
}

fn is_suspect(differences: &Walsh<4>, inward: usize) -> bool {
    let slower = differences.low_is_above(ZERO, inward) && differences.estimate_reaches(UP);
    let faster = differences.high_is_below(ZERO, inward) && differences.estimate_sinks_to(DOWN);
    slower || faster
}

fn head_difference([head, base, null]: &Logarithms) -> f64 {
    head - (base + null) / 2.0
}

/// Noise of each block: logarithms without their mean and without the differences that all blocks have.
/// Both steps take some of the spread away, which a factor gives back.
fn residuals(blocks: &[BlockTimes]) -> Vec<Logarithms> {
    let logarithms: Vec<Logarithms> = blocks
        .iter()
        .map(|block| [block.head_ns.ln(), block.base_ns.ln(), block.null_ns.ln()])
        .collect();
    let centre = |difference: fn(&Logarithms) -> f64| {
        pseudomedian(&logarithms.iter().map(difference).collect::<Vec<_>>()).unwrap_or(0.0)
    };
    let head_more = centre(head_difference);
    let null_more = centre(|[_, base, null]| null - base);
    let n = logarithms.len() as f64;
    let lost = (n / (n - 1.0).max(1.0)).sqrt();
    let residual = |[head, base, null]: &Logarithms| {
        let sides = [head - head_more, base + null_more / 2.0, null - null_more / 2.0];
        let mean = sides.iter().sum::<f64>() / 3.0;
        sides.map(|side| (side - mean) * lost)
    };
    logarithms.iter().map(residual).collect()
}

/// Seed of a workload, by the hash of Fowler, Noll and Vo (FNV-1a): the standard library's may change
/// with its version.
fn seed(of_record: u64, workload: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    of_record ^ workload.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}
