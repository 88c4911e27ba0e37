//! Test whether paired differences are centred on zero: the signed-rank test, with its estimate
//! and interval.

use super::{Interval, TARGET_COVERAGE};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Result of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The pseudomedian: the median of the means of all pairs of differences, each with itself
    /// included (Hodges and Lehmann 1963).
    pub estimate: f64,
    /// All centres that the two-sided test does not reject (Tukey 1949; HWC14 §3.3).
    pub interval: Interval,
    /// Probability of ranks at least as far above zero, if the differences are symmetric around
    /// zero.
    pub p_greater: f64,
    /// Probability of ranks at least as far below zero, under the same assumption.
    pub p_less: f64,
}

/// Wilcoxon's signed-rank test (1945), exact also with ties: every sign of every difference is
/// as likely, so the distribution is that of the sum of a random half of the ranks. Differences
/// of exactly zero are left out of the test, as Wilcoxon did, but not of the estimate.
/// `None` for fewer than two differences.
///
/// Differences are assumed to be independent and, without an effect, symmetric. Differences of
/// logarithms of times of two identical processes are.
pub fn signed_rank(differences: &[f64]) -> Option<SignedRank> {
    if differences.len() < 2 {
        return None;
    }
    let nonzero: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let ranks = doubled_ranks(&nonzero);
    let positive: usize =
        nonzero.iter().zip(&ranks).filter(|(d, _)| **d > 0.0).map(|(_, rank)| rank).sum();
    let distribution = sums(&ranks);
    let (estimate, interval) = pseudomedian_interval(differences)?;
    Some(SignedRank {
        estimate,
        interval,
        p_greater: distribution[positive..].iter().sum::<f64>().min(1.0),
        p_less: distribution[..=positive].iter().sum::<f64>().min(1.0),
    })
}

/// Ranks of absolute values, ties sharing the mean of theirs; doubled, so that they are whole.
fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| other.abs() < value.abs()).count();
        let alike = values.iter().filter(|other| other.abs() == value.abs()).count();
        2 * below + alike + 1
    };
    values.iter().map(rank).collect()
}

/// Probability of each sum of a random subset of `parts`.
fn sums(parts: &[usize]) -> Vec<f64> {
    let mut probabilities = vec![1.0];
    for &part in parts {
        let mut next = vec![0.0; probabilities.len() + part];
        for (sum, probability) in probabilities.iter().enumerate() {
            next[sum] += probability / 2.0;
            next[sum + part] += probability / 2.0;
        }
        probabilities = next;
    }
    probabilities
}

/// Means of all pairs, each value with itself included (Walsh averages).
fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let pairs = values.iter().enumerate();
    pairs.flat_map(|(i, one)| values[i..].iter().map(move |other| (one + other) / 2.0)).collect()
}

/// Number of Walsh averages of `n` differences that lie beyond either end of the interval, and the
/// coverage of the interval. It depends on nothing else, so it is computed once for each number.
pub(crate) fn inward(n: usize) -> (usize, f64) {
    static KNOWN: Mutex<BTreeMap<usize, (usize, f64)>> = Mutex::new(BTreeMap::new());
    // A panic leaves what is known as it was.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    *known.entry(n).or_insert_with(|| inward_of(n))
}

fn inward_of(n: usize) -> (usize, f64) {
    let distribution = sums(&(1..=n).collect::<Vec<_>>());
    let averages = n * (n + 1) / 2;
    let mut tail = distribution[0];
    let (mut inward, mut coverage) = (0, 1.0 - 2.0 * tail);
    for (step, probability) in distribution.iter().enumerate().take(averages / 2).skip(1) {
        tail += probability;
        if 1.0 - 2.0 * tail < TARGET_COVERAGE {
            break;
        }
        (inward, coverage) = (step, 1.0 - 2.0 * tail);
    }
    (inward, coverage)
}

/// Estimate and ends of the interval of [`signed_rank`], without its probabilities, which take longest.
/// `inward` is [`inward`] of the number of differences; `None` without differences.
pub(crate) fn estimate(differences: &[f64], inward: usize) -> Option<(f64, [f64; 2])> {
    let mut walsh = walsh_averages(differences);
    let (last, middle) = (walsh.len().checked_sub(1)?, walsh.len() / 2);
    // Selection takes linear time; sorting a long list takes most of a judgement.
    let (below, &mut upper, above) = walsh.select_nth_unstable_by(middle, f64::total_cmp);
    let nth =
        |part: &mut [f64], index: usize| *part.select_nth_unstable_by(index, f64::total_cmp).1;
    let largest_below = below.iter().copied().max_by(f64::total_cmp);
    let estimate = match largest_below {
        Some(lower) if last % 2 == 1 => f64::midpoint(lower, upper),
        _ => upper,
    };
    let low = if inward < middle { nth(below, inward) } else { upper };
    let high = match (last - inward).checked_sub(middle + 1) {
        Some(index) => nth(above, index),
        None => upper,
    };
    Some((estimate, [low, high]))
}

/// The same with the interval's coverage; `None` for fewer than two differences.
///
/// The interval is between two Walsh averages: the narrowest that covers [`TARGET_COVERAGE`], otherwise
/// from the smallest to the largest with the coverage of that.
pub(crate) fn pseudomedian_interval(differences: &[f64]) -> Option<(f64, Interval)> {
    if differences.len() < 2 {
        return None;
    }
    let (inward, coverage) = inward(differences.len());
    let (middle, [low, high]) = estimate(differences, inward)?;
    Some((middle, Interval { low, high, coverage }))
}

/// The estimate of [`signed_rank`] alone; `None` without differences.
pub(crate) fn pseudomedian(differences: &[f64]) -> Option<f64> {
    estimate(differences, 0).map(|(middle, _)| middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    /// Ranks of 1, 2, 4 are positive: W = 7 of 10. Of 16 sets of {1,2,3,4}, sums of 7 and more
    /// are 7, 7, 8, 9, 10: five. Walsh averages: -3, -1, -0.5, 0.5, 1, 1.5, 2, 2.5, 3, 4.
    #[test]
    fn by_hand() {
        let test = signed_rank(&[1.0, 2.0, -3.0, 4.0]).unwrap();
        assert!(close(test.p_greater, 5.0 / 16.0), "{test:?}");
        assert!(close(test.p_less, 13.0 / 16.0), "sums up to 7: {test:?}");
        assert!(close(test.estimate, 1.25), "{test:?}");
        assert_eq!((test.interval.low, test.interval.high), (-3.0, 4.0));
        assert!(close(test.interval.coverage, 1.0 - 2.0 / 16.0));
        assert_eq!(signed_rank(&[1.0]), None);
    }

    /// Critical values of tables at 5%, two-sided (HWC14, table A.4): W ≤ 0 of 6, 3 of 8, 8
    /// of 10, 52 of 20.
    #[test]
    fn intervals_reach_as_far_inward_as_tables_say() {
        for (n, critical) in [(6, 0), (8, 3), (10, 8), (20, 52)] {
            let (beyond, coverage) = inward(n);
            assert_eq!(beyond, critical, "{n}");
            assert!(coverage >= TARGET_COVERAGE);
        }
    }

    proptest! {
        #[test]
        fn selection_finds_what_sorting_finds(
            values in proptest::collection::vec(-4_i8..5, 1..40),
            share in 0.0..0.5,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut sorted = walsh_averages(&values);
            sorted.sort_by(f64::total_cmp);
            let inward = (sorted.len() as f64 * share) as usize;
            let ends = [sorted[inward], sorted[sorted.len() - 1 - inward]];
            prop_assert_eq!(estimate(&values, inward), Some((crate::stats::median(&sorted).unwrap(), ends)));
        }
    }

    #[test]
    fn ties_and_nothings_are_allowed() {
        let test = signed_rank(&[0.0, 0.0, 0.0]).unwrap();
        assert_eq!((test.estimate, test.p_greater, test.p_less), (0.0, 1.0, 1.0));
        // Three alike: all positive is one sign of eight.
        assert!(close(signed_rank(&[1.0, 1.0, 1.0]).unwrap().p_greater, 1.0 / 8.0));
    }

    /// Of 20,000 sets of symmetric differences, the share that is rejected is the level.
    #[test]
    fn the_test_errs_as_often_as_it_says() {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        let mut uniform = || {
            // xorshift64, Marsaglia 2003: the test repeats itself exactly.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut rejected, mut covered) = (0, 0);
        for _ in 0..20_000 {
            // Centred on nothing, with heavy tails.
            let differences: Vec<f64> =
                (0..8).map(|_| (std::f64::consts::PI * (uniform() - 0.5)).tan()).collect();
            let test = signed_rank(&differences).unwrap();
            rejected += u32::from(test.p_greater <= 0.05);
            covered += u32::from(test.interval.covers(0.0));
        }
        // 10 of 256 sign sets have W ≥ 31: 3.91%.
        assert!((f64::from(rejected) / 20_000.0 - 10.0 / 256.0).abs() < 0.005, "{rejected}");
        assert!((f64::from(covered) / 20_000.0 - 0.9609).abs() < 0.005, "{covered}");
    }

    proptest! {
        #[test]
        fn negating_swaps_sides(values in prop::collection::vec(-10.0..10f64, 2..14)) {
            let there = signed_rank(&values).unwrap();
            let negated: Vec<f64> = values.iter().map(|value| -value).collect();
            let back = signed_rank(&negated).unwrap();
            prop_assert!(close(there.p_greater, back.p_less));
            prop_assert!(close(there.estimate, -back.estimate));
            prop_assert!(close(there.interval.low, -back.interval.high));
            prop_assert!(there.interval.covers(there.estimate));
        }
    }
}
