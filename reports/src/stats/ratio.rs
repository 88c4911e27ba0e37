//! Comparing two alternatives by ratios within rounds.

use super::{Interval, median, median_interval};
use std::collections::BTreeMap;

/// Time of one alternative as a multiple of another's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Median over rounds: exp of the median of the logarithms.
    pub median: f64,
    /// Its interval; `None` with one round only.
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
/// Because of logarithms, swapping the arguments inverts the ratio exactly, which arithmetic means of ratios do not (Fleming and Wallace 1986).
pub fn paired_ratio(
    numerator: &BTreeMap<u32, f64>,
    denominator: &BTreeMap<u32, f64>,
) -> Option<Ratio> {
    let logs: Vec<f64> = numerator
        .iter()
        .filter_map(|(round, time)| Some(time.ln() - denominator.get(round)?.ln()))
        .collect();
    Some(Ratio {
        median: median(&logs)?.exp(),
        interval: median_interval(&logs).map(|interval| interval.map(f64::exp)),
        rounds: logs.len(),
    })
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
        let ratio = paired_ratio(&slow, &fast).unwrap();
        let interval = ratio.interval.unwrap();
        assert!(close(ratio.median, 2.0), "{ratio:?}");
        assert!(close(interval.low, 1.5) && close(interval.high, 3.0), "{ratio:?}");
        assert_eq!((interval.coverage, ratio.rounds), (0.9375, 5));
    }

    #[test]
    fn only_common_rounds_count() {
        let one = BTreeMap::from([(0, 2.0), (1, 8.0), (5, 1.0)]);
        let other = BTreeMap::from([(1, 4.0), (2, 1.0)]);
        let ratio = paired_ratio(&one, &other).unwrap();
        assert!(close(ratio.median, 2.0));
        assert_eq!((ratio.interval, ratio.rounds), (None, 1));
        assert_eq!(paired_ratio(&one, &BTreeMap::new()), None);
    }

    proptest! {
        #[test]
        fn swapping_inverts(
            times in prop::collection::vec((1.0..1e6f64, 1.0..1e6f64), 2..20)
        ) {
            let (one, other): (Vec<f64>, Vec<f64>) = times.into_iter().unzip();
            let there = paired_ratio(&rounds(&one), &rounds(&other)).unwrap().inverse();
            let back = paired_ratio(&rounds(&other), &rounds(&one)).unwrap();
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
            let calm = paired_ratio(&side(|t| t.0), &side(|t| t.1)).unwrap();
            let disturbed = paired_ratio(&side(|t| t.0 * t.2), &side(|t| t.1 * t.2)).unwrap();
            prop_assert!(close(calm.median, disturbed.median));
        }
    }
}
