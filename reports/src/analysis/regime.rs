//! Rounds in which the machine was in another regime.
//!
//! A host that moves a guest's processors (to another core, to the other thread of the same
//! core, to another socket) multiplies the cost of moving a cache line between them, and with
//! it every contended figure. Runs therefore measure that cost before and after each round of a
//! comparison; this file decides which rounds may be compared:
//!
//! * A round does not count if the costs before and after it are of different regimes: its own
//!   alternatives were measured on different machines.
//! * Of the other rounds, the largest set in one regime with its own median counts; of two sets
//!   of the same size, the earlier one.
//! * A round without known costs counts.

use crate::stats::median;
use simple_records::{Instrument, Noise, is_same_regime};
use std::collections::BTreeMap;

/// Reason why a round does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WhyLeftOut {
    /// The regime changed while the round was measured.
    Changed,
    /// The machine was in another regime than in most rounds.
    Another {
        /// Cost of moving a cache line in the rounds that count: their median, in ns.
        usual_ns: f64,
    },
}

/// A round whose figures are not used.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// The id of the comparison that was measured.
    pub comparison: String,
    /// The round's number, from 0.
    pub round: u32,
    /// Cost of moving a cache line before and after the round, in ns.
    pub line_move_ns: [f64; 2],
    /// The reason.
    pub why: WhyLeftOut,
}

/// The rounds of wall times that must not be compared with the others of their comparison, by
/// comparison in the order of the records, then by round.
pub fn left_out(noise: &[Noise]) -> Vec<LeftOut> {
    let mut comparisons: Vec<(&str, BTreeMap<u32, [f64; 2]>)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for record in noise.iter().filter(|record| is_of_wall(record)) {
        // Records that do not name their instrument: wall times were always the first.
        if !seen.insert((record.comparison.as_str(), record.round)) {
            continue;
        }
        let Some(moves) = record.line_move_ns.filter(|moves| is_known(*moves)) else { continue };
        match comparisons.iter_mut().find(|(id, _)| *id == record.comparison) {
            Some((_, rounds)) => _ = rounds.insert(record.round, moves),
            None => {
                comparisons.push((&record.comparison, BTreeMap::from([(record.round, moves)])));
            }
        }
    }
    comparisons.iter().flat_map(|(id, rounds)| of_comparison(id, rounds)).collect()
}

fn is_of_wall(record: &Noise) -> bool {
    record.instrument.is_none_or(|instrument| instrument == Instrument::Wall)
}

fn is_known(moves: [f64; 2]) -> bool {
    moves.iter().all(|ns| ns.is_normal() && *ns > 0.0)
}

fn of_comparison(comparison: &str, rounds: &BTreeMap<u32, [f64; 2]>) -> Vec<LeftOut> {
    let steady: Vec<f64> = rounds
        .values()
        .filter(|moves| is_same_regime(**moves))
        .map(|moves| level_ns(*moves))
        .collect();
    let usual_ns = usual_ns(&steady);
    let why = |moves: [f64; 2]| match usual_ns {
        _ if !is_same_regime(moves) => Some(WhyLeftOut::Changed),
        Some(usual_ns) if !is_same_regime([level_ns(moves), usual_ns]) => {
            Some(WhyLeftOut::Another { usual_ns })
        }
        _ => None,
    };
    let judged = rounds.iter().filter_map(|(round, moves)| {
        let (comparison, round, line_move_ns) = (comparison.to_owned(), *round, *moves);
        Some(LeftOut { comparison, round, line_move_ns, why: why(*moves)? })
    });
    judged.collect()
}

/// The median of the largest set of levels that lie around their own median; levels are in
/// the order of rounds. `None` without values.
fn usual_ns(levels: &[f64]) -> Option<f64> {
    let around = |centre: f64| -> Vec<f64> {
        levels.iter().copied().filter(|level| is_same_regime([*level, centre])).collect()
    };
    let mut best: Option<(usize, f64)> = None;
    for level in levels {
        let Some(centre) = median(&around(*level)) else { continue };
        let members = around(centre);
        if best.is_none_or(|(most, _)| members.len() > most) {
            best = Some((members.len(), median(&members)?));
        }
    }
    best.map(|(_, centre)| centre)
}

/// The geometric mean of both costs.
fn level_ns([before, after]: [f64; 2]) -> f64 {
    before.sqrt() * after.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: Option<Instrument> = Some(Instrument::Wall);

    fn noise(
        comparison: &str,
        round: u32,
        moves: Option<[f64; 2]>,
        instrument: Option<Instrument>,
    ) -> Noise {
        Noise {
            comparison: comparison.to_owned(),
            round,
            line_move_ns: moves,
            instrument,
            ..Noise::default()
        }
    }

    fn rounds(moves: &[[f64; 2]]) -> Vec<(u32, WhyLeftOut)> {
        let records = (0..).zip(moves).map(|(round, moves)| noise("a", round, Some(*moves), WALL));
        let left = left_out(&records.collect::<Vec<_>>());
        left.into_iter().map(|round| (round.round, round.why)).collect()
    }

    #[test]
    fn what_most_rounds_agree_on_is_kept() {
        let left =
            rounds(&[[280.0, 281.0], [60.0, 58.0], [61.0, 62.0], [28.0, 29.0], [59.0, 60.0]]);
        let [(0, WhyLeftOut::Another { usual_ns }), (3, WhyLeftOut::Another { .. })] = left[..]
        else {
            panic!("{left:?}")
        };
        assert!((58.0..62.0).contains(&usual_ns), "{usual_ns}");
    }

    #[test]
    fn a_round_that_changed_counts_nowhere() {
        let left = rounds(&[[60.0, 280.0], [60.0, 60.0], [280.0, 60.0], [60.0, 95.0]]);
        assert_eq!(left, [(0, WhyLeftOut::Changed), (2, WhyLeftOut::Changed)]);
        assert_eq!(rounds(&[[60.0, 280.0]]), [(0, WhyLeftOut::Changed)]);
    }

    #[test]
    fn of_two_regimes_as_frequent_the_earlier_stays() {
        let left = rounds(&[[60.0; 2], [280.0; 2], [280.0; 2], [60.0; 2]]);
        assert_eq!(left.iter().map(|(round, _)| *round).collect::<Vec<_>>(), [1, 2]);
    }

    /// Each is near its neighbour, but the ends are far apart: the middle counts.
    #[test]
    fn a_slow_drift_is_cut_at_its_median() {
        let left = rounds(&[[40.0; 2], [60.0; 2], [61.0; 2], [62.0; 2], [94.0; 2], [99.0; 2]]);
        assert_eq!(left.iter().map(|(round, _)| *round).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let records = [
            noise("a", 0, None, WALL),
            noise("a", 1, Some([0.0, 60.0]), WALL),
            noise("a", 2, Some([60.0; 2]), WALL),
            noise("a", 3, Some([f64::NAN, 60.0]), WALL),
        ];
        assert_eq!(left_out(&records), []);
        assert_eq!(left_out(&[]), []);
    }

    #[test]
    fn other_instruments_and_comparisons_have_their_own_machine() {
        let records = [
            noise("a", 0, Some([60.0; 2]), None),
            noise("a", 0, Some([900.0; 2]), None),
            noise("a", 1, Some([60.0; 2]), WALL),
            noise("a", 2, Some([900.0; 2]), Some(Instrument::Latency)),
            noise("b", 0, Some([280.0; 2]), WALL),
        ];
        assert_eq!(left_out(&records), []);
    }
}
