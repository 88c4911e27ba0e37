//! Judgements on two alternatives.

use super::Ratio;

/// Differences below this share are not worth a choice: 0.03 is 3%.
pub const NEGLIGIBLE_DIFFERENCE: f64 = 0.03;

/// Minimum coverage for a decision: it takes five rounds.
pub const LEAST_DECIDING_COVERAGE: f64 = 0.9;

/// Judgement on a [`Ratio`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement {
    /// The denominator is faster: the interval lies above 1 and the median is not negligible.
    Faster(Ratio),
    /// The denominator is slower: the interval lies below 1 and the median is not negligible.
    Slower(Ratio),
    /// Neither: the interval covers 1, or the difference is negligible.
    NoDifference {
        /// Upper bound of the difference as a share (0.06: one may be up to 6% slower).
        at_most: f64,
    },
    /// There are too few rounds to decide.
    TooFewRounds {
        /// Number of rounds that both have.
        rounds: usize,
    },
}

/// Judges the ratio of an alternative's time to that of the alternative in question.
pub fn judge(ratio: Ratio) -> Judgement {
    judge_beyond(ratio, NEGLIGIBLE_DIFFERENCE)
}

/// The same, with another share up to which differences are not worth a choice.
pub fn judge_beyond(ratio: Ratio, negligible: f64) -> Judgement {
    let interval = match ratio.interval {
        Some(interval) if interval.coverage >= LEAST_DECIDING_COVERAGE => interval,
        _ => return Judgement::TooFewRounds { rounds: ratio.rounds },
    };
    let times = ratio.median.max(ratio.median.recip());
    if interval.covers(1.0) || times < 1.0 + negligible {
        return Judgement::NoDifference { at_most: interval.high.max(interval.low.recip()) - 1.0 };
    }
    if ratio.median > 1.0 { Judgement::Faster(ratio) } else { Judgement::Slower(ratio) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Interval;

    fn ratio(median: f64, low: f64, high: f64) -> Ratio {
        Ratio { median, interval: Some(Interval { low, high, coverage: 0.9375 }), rounds: 5 }
    }

    #[test]
    fn clear_differences_are_said_with_their_side() {
        assert!(matches!(judge(ratio(1.8, 1.7, 1.9)), Judgement::Faster(_)));
        assert!(matches!(judge(ratio(0.5, 0.4, 0.6)), Judgement::Slower(_)));
    }

    #[test]
    fn an_interval_over_one_says_how_much_it_leaves_open() {
        let Judgement::NoDifference { at_most } = judge(ratio(1.1, 0.8, 1.2)) else { panic!() };
        assert!((at_most - 0.25).abs() < 1e-12, "0.8 is 25% seen from the other side");
    }

    #[test]
    fn a_certain_but_tiny_difference_is_none() {
        let Judgement::NoDifference { at_most } = judge(ratio(1.02, 1.01, 1.025)) else { panic!() };
        assert!((at_most - 0.025).abs() < 1e-12);
    }

    #[test]
    fn whoever_asks_for_smaller_differences_is_told_of_them() {
        let small = ratio(1.025, 1.02, 1.03);
        assert!(matches!(judge(small), Judgement::NoDifference { .. }));
        assert_eq!(judge_beyond(small, 0.01), Judgement::Faster(small));
    }

    #[test]
    fn four_rounds_decide_nothing() {
        let mut few = ratio(5.0, 4.0, 6.0);
        few.interval = few.interval.map(|interval| Interval { coverage: 0.875, ..interval });
        few.rounds = 4;
        assert_eq!(judge(few), Judgement::TooFewRounds { rounds: 4 });
        few.interval = None;
        assert_eq!(judge(few), Judgement::TooFewRounds { rounds: 4 });
    }
}
