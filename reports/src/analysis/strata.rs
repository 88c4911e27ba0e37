//! Conditions that divide the rounds of a comparison: regimes of the machine, and states of a
//! workload.
//!
//! A host that moves a guest's processors (to two threads of one core, to two cores, to two
//! sockets) multiplies the cost of moving a cache line between them. Each such regime is another
//! machine, and a user of such a host lives on all of them: alternatives are compared within
//! rounds, which share the regime, and apart for each regime where that makes a difference.
//!
//! A workload may have several times in one regime, such as those of a file in large or in small
//! pieces of the page cache. Rounds that fall into clusters far apart are such states.

use super::Condition;
use crate::stats::{median, quantile};
use simple_records::{Instrument, Noise, is_same_regime};
use std::collections::{BTreeMap, BTreeSet};

/// Cost of moving a cache line above which two threads did not run at the same time: other
/// programs ran, and the regime is unknown.
const LONGEST_MOVE_NS: f64 = 1000.0;

/// Fewest rounds among which states are looked for.
const LEAST_ROUNDS: usize = 8;
/// Fewest rounds of a state.
const LEAST_OF_STATE: usize = 3;
/// Least ratio of the times of two states.
const LEAST_GAP: f64 = 1.25;
/// The gap between two states is at least this many times the spread within each of them.
const GAP_TO_SPREAD: f64 = 3.0;

/// Rounds of a comparison in which moving a cache line between the processors cost the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Regime {
    /// Cost of moving a cache line in ns: the median over its rounds.
    pub line_move_ns: f64,
    /// Its rounds.
    pub rounds: BTreeSet<u32>,
}

/// Regimes of the rounds of one comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Regimes {
    /// By cost, the smallest first. A round in which the regime changed is of none.
    pub regimes: Vec<Regime>,
}

impl Regimes {
    /// The regimes of the wall times of a comparison.
    pub(super) fn of(noise: &[Noise], comparison: &str) -> Self {
        let is_known = |moves: &[f64; 2]| {
            moves.iter().all(|ns| ns.is_normal() && (0.0..LONGEST_MOVE_NS).contains(ns))
        };
        let mut levels: Vec<(f64, u32)> = Vec::new();
        let of_wall = noise.iter().filter(|record| {
            record.comparison == comparison && record.instrument == Some(Instrument::Wall)
        });
        for record in of_wall {
            let moves = record.line_move_ns.filter(is_known);
            if let Some([before, after]) = moves.filter(|moves| is_same_regime(*moves)) {
                levels.push((before.sqrt() * after.sqrt(), record.round));
            }
        }
        levels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut regimes: Vec<Vec<(f64, u32)>> = Vec::new();
        for level in levels {
            match regimes.last_mut().filter(|regime| is_same_regime([regime[0].0, level.0])) {
                Some(regime) => regime.push(level),
                None => regimes.push(vec![level]),
            }
        }
        let regime = |levels: Vec<(f64, u32)>| {
            let costs: Vec<f64> = levels.iter().map(|(ns, _)| *ns).collect();
            let rounds = levels.into_iter().map(|(_, round)| round).collect();
            Some(Regime { line_move_ns: median(&costs)?, rounds })
        };
        Self { regimes: regimes.into_iter().filter_map(regime).collect() }
    }
}

impl Regimes {
    /// Its regimes as conditions.
    pub(super) fn by_cost(&self) -> Vec<(Condition, BTreeSet<u32>)> {
        let regimes = self.regimes.iter();
        regimes.map(|it| (Condition::LineMove(it.line_move_ns), it.rounds.clone())).collect()
    }
}

/// A time that a workload takes again and again, beside others that it takes as well.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Time per item in ns: the median of its rounds.
    pub time_ns: f64,
    /// Its rounds.
    pub rounds: BTreeSet<u32>,
}

/// The states of a workload by its times, the fastest first; none if its times are of one kind.
pub(super) fn states(by_round: &BTreeMap<u32, f64>) -> Vec<State> {
    let mut times: Vec<(f64, u32)> = by_round.iter().map(|(round, ns)| (*ns, *round)).collect();
    if times.len() < LEAST_ROUNDS {
        return Vec::new();
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let clusters = split(&times);
    if clusters.len() < 2 {
        return Vec::new();
    }
    let state = |cluster: &[(f64, u32)]| {
        let times: Vec<f64> = cluster.iter().map(|(ns, _)| *ns).collect();
        let rounds = cluster.iter().map(|(_, round)| *round).collect();
        Some(State { time_ns: median(&times)?, rounds })
    };
    clusters.into_iter().filter_map(state).collect()
}

/// Ascending times, cut wherever a gap divides states.
fn split(times: &[(f64, u32)]) -> Vec<&[(f64, u32)]> {
    let gap = |at: usize| (times[at].0 / times[at - 1].0).ln();
    let mut cuts: Vec<usize> = (1..times.len()).filter(|at| gap(*at) >= LEAST_GAP.ln()).collect();
    // The least of the cuts that divide no states goes, until all do.
    loop {
        let part = |index: usize| {
            let from = if index == 0 { 0 } else { cuts[index - 1] };
            &times[from..cuts.get(index).copied().unwrap_or(times.len())]
        };
        let divides = |index: &usize| {
            let (below, above) = (part(*index), part(index + 1));
            below.len().min(above.len()) >= LEAST_OF_STATE
                && gap(cuts[*index]) >= GAP_TO_SPREAD * spread(below).max(spread(above))
        };
        let wrong = (0..cuts.len()).filter(|index| !divides(index));
        match wrong.min_by(|a, b| gap(cuts[*a]).total_cmp(&gap(cuts[*b]))) {
            Some(index) => _ = cuts.remove(index),
            None => return (0..=cuts.len()).map(part).collect(),
        }
    }
}

/// Distance of the quartiles, as a difference of logarithms.
fn spread(times: &[(f64, u32)]) -> f64 {
    let logs: Vec<f64> = times.iter().map(|(ns, _)| ns.ln()).collect();
    let quartiles = quantile(&logs, 0.75).zip(quantile(&logs, 0.25));
    quartiles.map_or(0.0, |(upper, lower)| upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(moves: &[[f64; 2]]) -> Vec<Noise> {
        let record = |(round, moves): (u32, &[f64; 2])| Noise {
            round,
            comparison: "a".to_owned(),
            instrument: Some(Instrument::Wall),
            line_move_ns: Some(*moves),
            ..Noise::default()
        };
        (0..).zip(moves).map(record).collect()
    }

    #[test]
    fn each_cost_of_a_line_is_a_regime_of_its_own() {
        let found = Regimes::of(
            &noise(&[[14.0; 2], [168.0, 169.0], [32.0; 2], [14.5; 2], [14.0, 32.0], [170.0; 2]]),
            "a",
        );
        let rounds: Vec<Vec<u32>> =
            found.regimes.iter().map(|regime| regime.rounds.iter().copied().collect()).collect();
        assert_eq!(rounds, [vec![0, 3], vec![2], vec![1, 5]]);
        assert!((found.regimes[2].line_move_ns - 169.2).abs() < 0.5);
        assert_eq!(Regimes::of(&noise(&[[14.0; 2]]), "b"), Regimes::default());
    }

    /// A loaded machine: the line takes as long as the scheduler lets others run.
    #[test]
    fn no_regime_where_two_threads_did_not_run_together() {
        assert_eq!(
            Regimes::of(&noise(&[[14.0, 40_000.0], [40_000.0; 2]]), "a"),
            Regimes::default()
        );
    }

    fn of(times: &[f64]) -> Vec<(f64, usize)> {
        let by_round = (0..).zip(times.iter().copied()).collect();
        states(&by_round).into_iter().map(|state| (state.time_ns, state.rounds.len())).collect()
    }

    #[test]
    fn clusters_far_apart_are_states() {
        let found = of(&[24.0, 1180.0, 24.2, 24.1, 1175.0, 1190.0, 23.9, 24.0, 1181.0, 1179.0]);
        assert_eq!(found, [(24.0, 5), (1180.0, 5)]);
        let three = [10.0, 10.1, 9.9, 100.0, 101.0, 99.0, 1000.0, 1010.0, 990.0];
        assert_eq!(of(&three).iter().map(|state| state.1).collect::<Vec<_>>(), [3, 3, 3]);
    }

    #[test]
    fn spread_and_single_outliers_are_no_states() {
        assert_eq!(of(&[10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0]), []);
        assert_eq!(of(&[10.0, 10.1, 9.9, 10.0, 10.2, 10.1, 9.8, 10.0, 500.0, 600.0]), []);
        assert_eq!(of(&[10.0, 10.1, 9.9, 1000.0, 1001.0, 1002.0]), [], "too few rounds");
        assert_eq!(of(&[10.0, 10.1, 9.9, 10.0, 11.0, 11.1, 10.9, 11.0]), [], "too near");
    }
}
