//! The blocks to measure next: time goes to questions that are open, first to those that will be
//! answered soonest.
//!
//! Everything follows from the report, so a run that was interrupted goes on as if nothing had
//! happened.

use super::{Pair, Report};
use crate::stats::{FIRST_LOOK, next_look};
use std::collections::BTreeSet;

/// Alternatives that take turns in the next block.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The id of their comparison.
    pub comparison: String,
    /// Their names.
    pub workloads: BTreeSet<String>,
    /// Rough number of blocks after which they are told apart.
    pub blocks: f64,
    /// Blocks that they have in common.
    pub measured: usize,
}

/// The next block of each group of alternatives that is open, as far as they can be told apart in
/// `left_s` seconds, and of one that cannot: the one with the fewest blocks, because what is
/// predicted from few blocks is often wrong. `cost_s` is what a workload takes in a block; nothing
/// for one that cannot be measured, or is not to be.
pub fn plan(report: &Report, left_s: f64, cost_s: impl Fn(&str) -> Option<f64>) -> Vec<Planned> {
    let is_measured = |name: &str| cost_s(name).is_some();
    let mut groups: Vec<(f64, Planned)> = open(report, is_measured)
        .into_iter()
        .map(|planned| {
            let block_s: f64 = planned.workloads.iter().filter_map(|name| cost_s(name)).sum();
            (planned.blocks * block_s, planned)
        })
        .collect();
    groups.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut needed_s = 0.0;
    let within = groups.iter().take_while(|(group_s, _)| {
        needed_s += group_s;
        needed_s <= left_s
    });
    let fitting = within.count();
    let fewest = groups.iter().skip(fitting).min_by_key(|(_, planned)| planned.measured).cloned();
    let next = groups.into_iter().take(fitting).chain(fewest);
    next.map(|(_, planned)| planned).collect()
}

/// Groups of alternatives that no open pair of measured workloads connects.
fn open(report: &Report, is_measured: impl Fn(&str) -> bool) -> Vec<Planned> {
    let mut groups: Vec<Planned> = Vec::new();
    for question in report.questions() {
        for pair in question.open_pairs() {
            let name = |index: usize| question.compared.workloads[index].subject.workload.clone();
            if !(is_measured(&name(pair.one)) && is_measured(&name(pair.other))) {
                continue;
            }
            let mut group = Planned {
                comparison: question.compared.comparison.id.clone(),
                workloads: [name(pair.one), name(pair.other)].into(),
                blocks: blocks_left(pair),
                measured: pair.rounds,
            };
            groups.retain(|other| {
                let is_apart = other.comparison != group.comparison
                    || other.workloads.is_disjoint(&group.workloads);
                if !is_apart {
                    group.workloads.extend(other.workloads.iter().cloned());
                    group.blocks = group.blocks.max(other.blocks);
                    group.measured = group.measured.min(other.measured);
                }
                is_apart
            });
            groups.push(group);
        }
    }
    groups
}

/// Half-width of an interval for a median at a usual look, as a multiple of the median absolute
/// deviation over the root of the number of blocks: 1.48 makes it a standard deviation, 1.25 is
/// the price of a median, and 3.3 that of its certainty.
const HALF_WIDTH: f64 = 1.48 * 1.25 * 3.3;

/// Rough number of blocks until a pair is told apart, or found to be the same: the width of an
/// interval shrinks by the square root of their number. The spread of the blocks says more than
/// their interval, which one outlier among a few widens.
fn blocks_left(pair: &Pair) -> f64 {
    let rounds = pair.rounds as f64;
    let (Some(ratio), Some(spread)) = (pair.ratio, pair.spread) else {
        return (FIRST_LOOK as f64 - rounds).max(1.0);
    };
    let apart = ratio.median.ln().abs();
    let same = pair.tolerance.ln_1p() - apart;
    let goal = apart.max(same).max(1e-3);
    let all = (HALF_WIDTH * spread / goal).powi(2);
    all.max(next_look(pair.rounds) as f64) - rounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Judgement, Ratio};

    fn pair(rounds: usize, spread: Option<f64>) -> Pair {
        Pair {
            one: 0,
            other: 1,
            rounds,
            ratio: Some(Ratio { median: 1.0, interval: None, rounds }),
            judgement: Judgement::TooFewRounds { rounds },
            spread,
            tolerance: 0.05,
            within: Vec::new(),
        }
    }

    #[test]
    fn twice_the_spread_takes_four_times_the_blocks() {
        let [one, two] = [0.05, 0.1].map(|spread| blocks_left(&pair(0, Some(spread))));
        assert!((two / one - 4.0).abs() < 1e-9 && one > 20.0, "{one} {two}");
        assert_eq!(blocks_left(&pair(4, None)), 6.0);
        assert_eq!(blocks_left(&pair(10, Some(0.001))), 3.0, "until the next look");
    }
}
