//! Comparing two alternatives by ratios within rounds.

use super::interval::median_interval_of;
use super::{Interval, last_look, median, median_interval};
use std::collections::BTreeMap;

/// Rule by which the number of rounds was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rounds {
    /// It was fixed beforehand: one look, at all of them.
    Fixed,
    /// They grow until a look decides, or time is up.
    Growing {
        /// Chance of an error over all looks.
        error: f64,
    },
}

/// Time of one alternative as a multiple of another's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Median over rounds: exp of the median of the logarithms.
    pub median: f64,
    /// Its interval; `None` with one round only, and before the first look.
    pub interval: Option<Interval>,
    /// Number of rounds in which both were measured.
    pub rounds: usize,
}

impl Ratio {
    /// The inverse ratio.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self {
            median: self.median.recip(),
            interval: self.interval.map(|interval| interval.map(f64::recip)),
            rounds: self.rounds,
        }
    }
}

/// `numerator / denominator`, paired by round. Times are positive, in any common unit; rounds
/// that only one side has are left out. `None` if there is no common round.
///
/// Of rounds that grow, those of the last look count, because looks are what the chance of an
/// error is spent on.
///
/// Because of logarithms, swapping the arguments inverts the ratio exactly, which arithmetic means of ratios do not (Fleming and Wallace 1986).
pub fn paired_ratio(
    numerator: &BTreeMap<u32, f64>,
    denominator: &BTreeMap<u32, f64>,
    rule: Rounds,
) -> Option<Ratio> {
    let logs: Vec<f64> = numerator
        .iter()
        .filter_map(|(round, time)| Some(time.ln() - denominator.get(round)?.ln()))
        .collect();
    let rounds = logs.len();
    let (looked_at, interval) = match rule {
        Rounds::Fixed => (&logs[..], median_interval(&logs)),
        Rounds::Growing { error } => match last_look(rounds) {
            Some(look) => {
                let looked_at = &logs[..look.blocks];
                let coverage = 1.0 - error * look.share;
                let interval = median_interval_of(looked_at, coverage);
                (looked_at, interval.filter(|interval| interval.coverage >= coverage))
            }
            None => (&logs[..], None),
        },
    };
    let interval = interval.map(|interval| interval.map(f64::exp));
    Some(Ratio { median: median(looked_at)?.exp(), interval, rounds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rounds(times: &[f64]) -> BTreeMap<u32, f64> {
        (0..).zip(times.iter().copied()).collect()
    }

    fn close(one: f64, other: f64) -> bool {
        (one / other - 1.0).abs() < 1e-9
    }

    /// Ratios are 2, 2, 3, 1.5, 2.5: median 2, from 1.5 to 3. The second round was twice as
    /// slow for both; unpaired medians (26 against 12) would say 2.17.
    #[test]
    fn by_hand() {
        let slow = rounds(&[20.0, 40.0, 36.0, 15.0, 26.0]);
        let fast = rounds(&[10.0, 20.0, 12.0, 10.0, 10.4]);
        let ratio = paired_ratio(&slow, &fast, Rounds::Fixed).unwrap();
        let interval = ratio.interval.unwrap();
        assert!(close(ratio.median, 2.0), "{ratio:?}");
        assert!(close(interval.low, 1.5) && close(interval.high, 3.0), "{ratio:?}");
        assert_eq!((interval.coverage, ratio.rounds), (0.9375, 5));
    }

    #[test]
    fn only_common_rounds_count() {
        let one = BTreeMap::from([(0, 2.0), (1, 8.0), (5, 1.0)]);
        let other = BTreeMap::from([(1, 4.0), (2, 1.0)]);
        let ratio = paired_ratio(&one, &other, Rounds::Fixed).unwrap();
        assert!(close(ratio.median, 2.0));
        assert_eq!((ratio.interval, ratio.rounds), (None, 1));
        assert_eq!(paired_ratio(&one, &BTreeMap::new(), Rounds::Fixed), None);
    }

    /// Ten alike and three others: at thirteen, the look at all of them counts; at twelve, that at
    /// the first ten.
    #[test]
    fn of_rounds_that_grow_those_of_the_last_look_count() {
        let rule = Rounds::Growing { error: 0.01 };
        let times: Vec<f64> = [vec![2.0; 10], vec![8.0; 3]].concat();
        let ratio =
            |n: usize| paired_ratio(&rounds(&times[..n]), &rounds(&vec![1.0; n]), rule).unwrap();
        assert_eq!((ratio(9).interval, ratio(9).rounds), (None, 9));
        for n in 10..13 {
            let Ratio { interval, rounds, .. } = ratio(n);
            let interval = interval.unwrap();
            assert!(close(interval.high, 2.0) && interval.coverage >= 0.998, "{n}: {interval:?}");
            assert_eq!(rounds, n);
        }
        assert!(close(ratio(13).interval.unwrap().high, 8.0));
    }

    /// Two alternatives without a difference, looked at again and again up to 200 blocks: no more
    /// often than promised, some look finds one. Noise is skewed and depends on the round.
    #[test]
    fn looking_often_errs_no_more_than_promised() {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = || {
            // xorshift64, Marsaglia 2003: the test repeats itself exactly.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ((random >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let error = 0.05;
        let mut wrong = 0;
        for _ in 0..2000 {
            let mut side = || rounds(&(0..200).map(|_| 1.0 - uniform().ln()).collect::<Vec<_>>());
            let (one, other) = (side(), side());
            let is_wrong =
                crate::stats::looks().take_while(|look| look.blocks <= 200).any(|look| {
                    let first = |all: &BTreeMap<u32, f64>| {
                        all.iter().take(look.blocks).map(|(round, time)| (*round, *time)).collect()
                    };
                    let rule = Rounds::Growing { error };
                    let ratio = paired_ratio(&first(&one), &first(&other), rule).unwrap();
                    ratio.interval.is_some_and(|interval| !interval.covers(1.0))
                });
            wrong += u32::from(is_wrong);
        }
        // Three standard deviations of 100 above it; looks overlap, so it is fewer.
        assert!((1..=130).contains(&wrong), "{wrong} of 2000");
    }

    proptest! {
        #[test]
        fn swapping_inverts(
            times in prop::collection::vec((1.0..1e6f64, 1.0..1e6f64), 2..20)
        ) {
            let (one, other): (Vec<f64>, Vec<f64>) = times.into_iter().unzip();
            let there = paired_ratio(&rounds(&one), &rounds(&other), Rounds::Fixed).unwrap().inverse();
            let back = paired_ratio(&rounds(&other), &rounds(&one), Rounds::Fixed).unwrap();
            prop_assert!(close(there.median, back.median));
            let (there, back) = (there.interval.unwrap(), back.interval.unwrap());
            prop_assert!(close(there.low, back.low) && close(there.high, back.high));
        }

        #[test]
        fn what_slows_down_a_round_cancels(
            times in prop::collection::vec((1.0..1e6f64, 1.0..1e6f64, 0.1..10f64), 2..20)
        ) {
            let side = |f: fn(&(f64, f64, f64)) -> f64| {
                rounds(&times.iter().map(f).collect::<Vec<_>>())
            };
            let calm = paired_ratio(&side(|t| t.0), &side(|t| t.1), Rounds::Fixed).unwrap();
            let disturbed = paired_ratio(&side(|t| t.0 * t.2), &side(|t| t.1 * t.2), Rounds::Fixed).unwrap();
            prop_assert!(close(calm.median, disturbed.median));
        }
    }
}
