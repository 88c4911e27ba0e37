//! Two alternatives, compared: over all their rounds, and within each regime of the machine or
//! state of a workload.

use super::rules::{Rules, answers};
use super::strata::Regimes;
use super::{State, Timed};
use crate::stats::{FIRST_LOOK, Judgement, Ratio, median, paired_ratio};
use std::collections::{BTreeMap, BTreeSet};

/// Workloads of a comparison, with all by which two of them are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparing<'a> {
    pub(super) workloads: &'a [Timed],
    pub(super) rules: Rules,
    pub(super) regimes: &'a Regimes,
}

/// Two alternatives, compared. Numbers are indices of workloads.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The alternative in question.
    pub one: usize,
    /// The one that it is compared with.
    pub other: usize,
    /// Number of rounds in which both were measured.
    pub rounds: usize,
    /// Time of the other as a multiple of that of the one; `None` without a common round.
    pub ratio: Option<Ratio>,
    /// Judgement on it; `Faster` speaks for the one.
    pub judgement: Judgement,
    /// Typical difference of a block's ratio from the median of all: the median absolute
    /// deviation of logarithms. `None` with one round.
    pub spread: Option<f64>,
    /// Difference up to which the two are the same.
    pub tolerance: f64,
    /// The same within each condition that divides the rounds; empty if none does.
    pub within: Vec<Within>,
}

/// Two alternatives, compared under one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Within {
    /// The condition.
    pub condition: Condition,
    /// Number of rounds under it.
    pub rounds: usize,
    /// Time of the other as a multiple of that of the one; `None` without a common round.
    pub ratio: Option<Ratio>,
    /// Judgement on them.
    pub judgement: Judgement,
}

/// A condition that divides the rounds of two alternatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// Moving a cache line between the processors cost this, in ns.
    LineMove(f64),
    /// Both were in corresponding states, in which this workload, by index, takes this time per
    /// item, in ns.
    State(usize, f64),
}

impl Pair {
    /// Returns whether the two differ, or no difference larger than the tolerance is possible:
    /// over all rounds, or under each condition.
    pub fn is_answered(&self) -> bool {
        match self.depends() {
            true => self.is_answered_within(),
            false => answers(self.judgement, self.tolerance) || self.is_answered_within(),
        }
    }

    /// Returns whether each of several conditions has its answer.
    fn is_answered_within(&self) -> bool {
        let mut within = self.within.iter();
        within.len() > 1 && within.all(|within| answers(within.judgement, self.tolerance))
    }

    /// Returns whether the answer is that of the conditions: it differs between them, or is there
    /// only within them.
    pub fn rests_on_conditions(&self) -> bool {
        self.depends() || (!answers(self.judgement, self.tolerance) && self.is_answered_within())
    }

    /// Returns whether the answer differs between conditions.
    pub fn depends(&self) -> bool {
        let sides: Vec<Side> = self.within.iter().filter_map(|within| self.side(within)).collect();
        sides.windows(2).any(|two| two[0] != two[1])
    }

    fn side(&self, within: &Within) -> Option<Side> {
        match within.judgement {
            Judgement::Faster(_) => Some(Side::One),
            Judgement::Slower(_) => Some(Side::Other),
            Judgement::NoDifference { at_most } if at_most <= self.tolerance => Some(Side::Neither),
            _ => None,
        }
    }

    /// Largest difference that is still possible, as a share; `None` before the first look.
    pub fn at_most(&self) -> Option<f64> {
        let interval = self.ratio?.interval?;
        Some(interval.high.max(interval.low.recip()) - 1.0)
    }
}

/// Side that a judgement speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    One,
    Other,
    Neither,
}

impl Comparing<'_> {
    /// Compares `one` with `other`, both indices of workloads.
    pub(super) fn pair(&self, one: usize, other: usize) -> Pair {
        let is_threaded =
            [one, other].iter().any(|index| self.workloads[*index].has_several_threads());
        let [ones, others] = [one, other].map(|index| self.workloads[index].by_round());
        let (ratio, judgement) = self.rules.judged(&others, &ones);
        let tolerance = if is_threaded { self.rules.same_threaded } else { self.rules.same };
        let under = |conditions: Vec<(Condition, BTreeSet<u32>)>| -> Vec<Within> {
            let of = |times: &BTreeMap<u32, f64>, rounds: &BTreeSet<u32>| -> BTreeMap<u32, f64> {
                let here = times.iter().filter(|(round, _)| rounds.contains(round));
                here.map(|(round, ns)| (*round, *ns)).collect()
            };
            let within = conditions.into_iter().map(|(condition, rounds)| {
                let (ratio, judgement) =
                    self.rules.judged(&of(&others, &rounds), &of(&ones, &rounds));
                let rounds = ratio.map_or(0, |ratio| ratio.rounds);
                Within { condition, rounds, ratio, judgement }
            });
            // A condition that hardly ever held decides nothing.
            within.filter(|within| within.rounds >= FIRST_LOOK).collect()
        };
        let by_regime = match is_threaded {
            true => under(self.regimes.by_cost()),
            false => Vec::new(),
        };
        let is_answered =
            by_regime.len() > 1 && by_regime.iter().all(|one| answers(one.judgement, tolerance));
        let within = match is_answered {
            true => by_regime,
            // Times may be divided by something else than the cost of moving a line.
            false => {
                let by_state = under(self.states_of(one, other));
                if by_state.len() > 1 { by_state } else { by_regime }
            }
        };
        Pair {
            one,
            other,
            rounds: ratio.map_or(0, |ratio| ratio.rounds),
            ratio,
            judgement,
            spread: spread(&others, &ones),
            tolerance,
            within,
        }
    }

    /// Rounds in which both are in corresponding states; none if they have not as many states.
    ///
    /// Rounds that are chosen by the time of one alone would favour it while it is fast, and the
    /// other while it is slow, even if the two are the same.
    fn states_of(&self, one: usize, other: usize) -> Vec<(Condition, BTreeSet<u32>)> {
        let [ones, others] = [one, other].map(|index| &self.workloads[index].states);
        if ones.len() != others.len() {
            return Vec::new();
        }
        let both = |(state, corresponding): (&State, &State)| {
            let rounds = state.rounds.intersection(&corresponding.rounds).copied().collect();
            (Condition::State(one, state.time_ns), rounds)
        };
        ones.iter().zip(others).map(both).collect()
    }

    /// The fastest first, by the median ratio of common rounds: alternatives need not have been
    /// measured in the same rounds.
    pub(super) fn fastest_first(&self, indices: &[usize]) -> Vec<usize> {
        let time_ns = |index: &usize| self.workloads[*index].time_ns;
        let mut ranking = indices.to_vec();
        ranking.sort_by(|a, b| time_ns(a).total_cmp(&time_ns(b)));
        let ratio = |other: usize, one: usize| {
            let times = |index: usize| self.workloads[index].by_round();
            paired_ratio(&times(other), &times(one), self.rules.rounds).map(|ratio| ratio.median)
        };
        let Some(first) = ranking.first().copied() else { return ranking };
        let best = ranking.iter().fold(first, |best, next| match ratio(*next, best) {
            Some(median) if median < 1.0 => *next,
            _ => best,
        });
        let to_best = |index: &usize| match *index == best {
            true => 0.0,
            false => ratio(*index, best).unwrap_or(f64::MAX),
        };
        ranking.sort_by_cached_key(|index| to_best(index).to_bits());
        ranking
    }
}

/// Median absolute deviation of the logarithms of ratios in common rounds.
fn spread(others: &BTreeMap<u32, f64>, ones: &BTreeMap<u32, f64>) -> Option<f64> {
    let logs = others.iter().filter_map(|(round, ns)| Some((ns / ones.get(round)?).ln()));
    let logs: Vec<f64> = logs.collect();
    let centre = median(&logs).filter(|_| logs.len() > 1)?;
    median(&logs.iter().map(|log| (log - centre).abs()).collect::<Vec<_>>())
}
