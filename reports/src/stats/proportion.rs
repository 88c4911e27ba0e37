//! A share of successes and its interval.

use super::{Interval, TARGET_COVERAGE};
use statrs::distribution::{Beta, ContinuousCDF};

/// The interval of Clopper and Pearson (The Use of Confidence or Fiducial Limits, Biometrika
/// 26(4), 1934) for the probability of a success, given `successes` in `trials`. It covers at
/// least 95%, whatever the probability is. `None` without trials.
pub fn proportion_interval(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let tail = (1.0 - TARGET_COVERAGE) / 2.0;
    let (k, n) = (successes as f64, trials as f64);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).ok().map(|beta| beta.inverse_cdf(p));
    let low = if successes == 0 { 0.0 } else { quantile(k, n - k + 1.0, tail)? };
    let high = if successes == trials { 1.0 } else { quantile(k + 1.0, n - k, 1.0 - tail)? };
    Some(Interval { low, high, coverage: TARGET_COVERAGE })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With no success of n the upper limit is 1 − 0.025^(1/n); others from tables.
    #[test]
    fn limits_by_hand_and_from_tables() {
        let none = proportion_interval(0, 100).unwrap();
        assert!((none.high - (1.0 - 0.025_f64.powf(0.01))).abs() < 1e-6, "{none:?}");
        assert_eq!(none.low, 0.0);
        let all = proportion_interval(100, 100).unwrap();
        assert!((all.low - 0.025_f64.powf(0.01)).abs() < 1e-6 && all.high == 1.0, "{all:?}");
        let half = proportion_interval(5, 10).unwrap();
        assert!((half.low - 0.1871).abs() < 1e-4 && (half.high - 0.8129).abs() < 1e-4, "{half:?}");
        assert_eq!(proportion_interval(0, 0), None);
        assert_eq!(proportion_interval(2, 1), None);
    }
}
