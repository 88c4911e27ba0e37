//! Intervals for a median, from order statistics.

use super::order::ascending;

/// Minimum coverage of intervals, if there are enough rounds.
pub const TARGET_COVERAGE: f64 = 0.95;

/// Interval of a median, with its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Probability that such an interval covers the median of the distribution, 0 to 1.
    pub coverage: f64,
}

impl Interval {
    /// The ends mapped by a monotonic function; the coverage stays.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (one, other) = (f(self.low), f(self.high));
        Self { low: one.min(other), high: one.max(other), coverage: self.coverage }
    }

    /// Returns whether it covers `value`; its ends belong to it.
    pub fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The interval of order statistics for the median: the narrowest one that is symmetric in
/// ranks and covers [`TARGET_COVERAGE`], otherwise the smallest to the largest with the coverage of
/// that. `None` for fewer than two values. See the module for sources and a table.
pub fn median_interval(values: &[f64]) -> Option<Interval> {
    median_interval_of(values, TARGET_COVERAGE)
}

/// The same for another coverage.
pub fn median_interval_of(values: &[f64], target_coverage: f64) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let sorted = ascending(values);
    let n = sorted.len();
    // 1 − 2·P(B ≤ k−1), for k = 1, 2, ...: one step inward at a time.
    let mut ln_probability = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = ln_probability.exp();
    let mut coverage = 1.0 - 2.0 * tail;
    let mut inward = 0;
    for step in 1..n.div_ceil(2) {
        ln_probability += ((n - step + 1) as f64 / step as f64).ln();
        tail += ln_probability.exp();
        if 1.0 - 2.0 * tail < target_coverage {
            break;
        }
        coverage = 1.0 - 2.0 * tail;
        inward = step;
    }
    Some(Interval { low: sorted[inward], high: sorted[n - 1 - inward], coverage })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::median;
    use proptest::prelude::*;

    fn of_ranks(n: usize) -> Interval {
        let ranks: Vec<f64> = (1..=n).map(|rank| rank as f64).collect();
        median_interval(&ranks).unwrap()
    }

    /// Coverages from the binomial distribution, computed by hand with fractions.
    #[test]
    fn ranks_and_coverage_as_in_the_tables() {
        let expected = [
            (2, 1.0, 2.0, 1.0 / 2.0),
            (3, 1.0, 3.0, 3.0 / 4.0),
            (4, 1.0, 4.0, 7.0 / 8.0),
            (5, 1.0, 5.0, 15.0 / 16.0),
            (6, 1.0, 6.0, 31.0 / 32.0),
            (8, 1.0, 8.0, 127.0 / 128.0),
            (9, 2.0, 8.0, 1.0 - 2.0 * 10.0 / 512.0),
            (15, 4.0, 12.0, 1.0 - 2.0 * 576.0 / 32768.0),
            (20, 6.0, 15.0, 1.0 - 2.0 * 21700.0 / 1048576.0),
        ];
        for (n, low, high, coverage) in expected {
            let interval = of_ranks(n);
            assert_eq!((interval.low, interval.high), (low, high), "{n} rounds");
            assert!((interval.coverage - coverage).abs() < 1e-12, "{n}: {}", interval.coverage);
        }
        assert_eq!(median_interval(&[1.0]), None);
    }

    #[test]
    fn many_rounds_do_not_underflow() {
        let interval = of_ranks(5000);
        assert!((0.95..0.96).contains(&interval.coverage));
        // About ±0.98·√n ranks around the middle.
        assert!((interval.low - 2431.0).abs() <= 2.0, "{}", interval.low);
    }

    /// In 20,000 trials, the interval covers the true median of a skewed distribution as often as
    /// it says.
    #[test]
    fn the_coverage_is_the_one_promised() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = || {
            // xorshift64*, Vigna 2016: the test repeats itself exactly.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
        };
        for rounds in [5, 9, 15] {
            let mut covered = 0;
            for _ in 0..20_000 {
                let values: Vec<f64> = (0..rounds).map(|_| -(1.0 - uniform()).ln()).collect();
                covered +=
                    u32::from(median_interval(&values).unwrap().covers(std::f64::consts::LN_2));
            }
            let (seen, promised) = (f64::from(covered) / 20_000.0, of_ranks(rounds).coverage);
            assert!((seen - promised).abs() < 0.006, "{rounds}: {seen} not {promised}");
        }
    }

    proptest! {
        #[test]
        fn the_median_is_inside(values in prop::collection::vec(0.1..1e9f64, 2..60)) {
            let interval = median_interval(&values).unwrap();
            prop_assert!(interval.covers(median(&values).unwrap()));
            prop_assert!((0.5..1.0).contains(&interval.coverage));
            prop_assert!(values.len() < 6 || interval.coverage >= TARGET_COVERAGE);
        }

        #[test]
        fn order_does_not_matter(mut values in prop::collection::vec(0.1..1e9f64, 2..30)) {
            let interval = median_interval(&values);
            values.reverse();
            prop_assert_eq!(median_interval(&values), interval);
        }
    }
}
