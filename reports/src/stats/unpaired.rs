//! Comparing two runs, whose rounds are unrelated.

use super::order::ascending;
use super::{Interval, Ratio, TARGET_COVERAGE, median};

/// `numerator / denominator` of rounds that are not paired. Times are positive, in any common
/// unit. `None` if either side has no round.
///
/// The ratio is the median of all ratios of a round of the one and a round of the other
/// (Hodges and Lehmann 1963, on logarithms). Its interval lies between two of these ratios and
/// is exact for any distribution: it holds the factors by which one side must be multiplied
/// for the rank-sum test of Mann, Whitney and Wilcoxon to see no difference (Moses's interval:
/// HWC14 §4.3, Con99 §5.4). The sides are assumed to differ by a factor and not in shape;
/// that factor is also the ratio of their medians. As with one median, the narrowest
/// interval of at least [`TARGET_COVERAGE`] is taken, otherwise the widest with its coverage: 3 rounds on each side give 90%, 4 give 97.1%, 5 give 96.8%.
///
/// [`Ratio::rounds`] is the smaller number of rounds.
pub fn unpaired_ratio(numerator: &[f64], denominator: &[f64]) -> Option<Ratio> {
    let logs: Vec<f64> = numerator
        .iter()
        .flat_map(|above| denominator.iter().map(move |below| above.ln() - below.ln()))
        .collect();
    let rounds = numerator.len().min(denominator.len());
    let (inward, coverage) = ranks(numerator.len(), denominator.len());
    let sorted = ascending(&logs);
    let interval = (rounds > 1).then(|| Interval {
        low: sorted[inward].exp(),
        high: sorted[sorted.len() - 1 - inward].exp(),
        coverage,
    });
    Some(Ratio { median: median(&logs)?.exp(), interval, rounds })
}

/// Maximum number of ratios for the exact distribution; beyond, the normal one is as good.
const MOST_EXACT: usize = 2500;

/// Number of the `n * m` ratios that are left out at each end, and coverage of the rest.
fn ranks(n: usize, m: usize) -> (usize, f64) {
    if n * m > MOST_EXACT {
        // Mean nm/2, variance nm(n+m+1)/12 (Con99 §5.1).
        let (n, m) = (n as f64, m as f64);
        let below = n * m / 2.0 - 1.96 * (n * m * (n + m + 1.0) / 12.0).sqrt();
        return (below.floor().max(0.0) as usize, TARGET_COVERAGE);
    }
    let mut tail = 0.0;
    let (mut inward, mut coverage) = (0, 0.0);
    let half = (n * m).div_ceil(2);
    for (step, probability) in rank_sum_distribution(n, m).iter().take(half).enumerate() {
        tail += probability;
        if step > 0 && 1.0 - 2.0 * tail < TARGET_COVERAGE {
            break;
        }
        (inward, coverage) = (step, 1.0 - 2.0 * tail);
    }
    (inward, coverage)
}

/// Probabilities of U = 0, 1, ..., n·m if both sides have one distribution. U is the number of
/// pairs of a value of one side and a value of the other that are in order. The largest of all
/// values belongs to the first side with probability n/(n+m), and then exceeds all m of the other (Mann and
/// Whitney 1947).
fn rank_sum_distribution(n: usize, m: usize) -> Vec<f64> {
    // Of j values of the second side and as many of the first as the loop has reached.
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
    for i in 1..=n {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=m {
            let mut here = vec![0.0; i * j + 1];
            let of_first = i as f64 / (i + j) as f64;
            for (u, p) in row[j].iter().enumerate() {
                here[u + j] += of_first * p;
            }
            for (u, p) in next[j - 1].iter().enumerate() {
                here[u] += (1.0 - of_first) * p;
            }
            next.push(here);
        }
        row = next;
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(one: f64, other: f64) -> bool {
        (one / other - 1.0).abs() < 1e-9
    }

    /// Of the C(6,3) = 20 orders of three and three, 1, 1, 2, 3, 3, 3, 3, 2, 1, 1 have U = 0
    /// to 9.
    #[test]
    fn the_distribution_by_hand() {
        let twentieths: Vec<f64> = rank_sum_distribution(3, 3).iter().map(|p| p * 20.0).collect();
        let expected = [1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 2.0, 1.0, 1.0];
        assert_eq!(twentieths.len(), expected.len());
        assert!(twentieths.iter().zip(expected).all(|(is, should)| close(*is, should)));
    }

    /// Of C(10,5) = 252 orders, 1 + 1 + 2 have U ≤ 2 and 7 have U ≤ 3; of C(8,4) = 70, one
    /// has U = 0 and two have U ≤ 1. Critical values as in tables of the test at 5%.
    #[test]
    fn ranks_and_coverage_as_in_the_tables() {
        for (n, m, inward, coverage) in [
            (2, 2, 0, 1.0 - 2.0 / 6.0),
            (3, 3, 0, 0.9),
            (4, 4, 0, 1.0 - 2.0 / 70.0),
            (5, 5, 2, 1.0 - 8.0 / 252.0),
            (10, 10, 23, 0.957),
        ] {
            let (is, covers) = ranks(n, m);
            assert_eq!(is, inward, "{n} and {m}");
            assert!((covers - coverage).abs() < 1e-3, "{n} and {m}: {covers}");
        }
    }

    #[test]
    fn the_normal_distribution_takes_over_where_it_is_as_good() {
        let exact = ranks(50, 50);
        let mut ratios = vec![1.0; 60];
        ratios.extend([2.0; 60]);
        let interval = unpaired_ratio(&ratios, &ratios).unwrap().interval.unwrap();
        assert!(interval.covers(1.0) && interval.coverage == TARGET_COVERAGE);
        let shares = [(exact.0, 50.0 * 50.0), (ranks(51, 51).0, 51.0 * 51.0)];
        let [one, other] = shares.map(|(inward, of)| inward as f64 / of);
        assert!((one - other).abs() < 0.003, "{one} {other}");
        assert!((0.95..0.952).contains(&exact.1), "{}", exact.1);
    }

    /// Ratios are 2, 4, 1, 2: median 2, from 1 to 4.
    #[test]
    fn by_hand() {
        let ratio = unpaired_ratio(&[20.0, 40.0], &[10.0, 20.0]).unwrap();
        let interval = ratio.interval.unwrap();
        assert!(close(ratio.median, 2.0) && ratio.rounds == 2);
        assert!(close(interval.low, 1.0) && close(interval.high, 4.0), "{ratio:?}");
        assert_eq!(unpaired_ratio(&[1.0], &[]), None);
        assert_eq!(unpaired_ratio(&[3.0], &[1.0, 1.0]).unwrap().interval, None);
    }

    /// In 20,000 trials, the interval covers the true factor between two skewed distributions as
    /// often as it says.
    #[test]
    fn the_coverage_is_the_one_promised() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut exponential = || {
            // xorshift64*, Vigna 2016: the test repeats itself exactly.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let bits = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
            -(1.0 - bits as f64 / (1_u64 << 53) as f64).ln()
        };
        for (n, m) in [(5, 5), (3, 3), (5, 15)] {
            let mut covered = 0;
            for _ in 0..20_000 {
                let above: Vec<f64> = (0..n).map(|_| 3.0 * (1.0 + exponential())).collect();
                let below: Vec<f64> = (0..m).map(|_| 1.0 + exponential()).collect();
                let interval = unpaired_ratio(&above, &below).unwrap().interval.unwrap();
                covered += u32::from(interval.covers(3.0));
            }
            let (seen, promised) = (f64::from(covered) / 20_000.0, ranks(n, m).1);
            assert!((seen - promised).abs() < 0.006, "{n}, {m}: {seen} not {promised}");
        }
    }

    proptest! {
        #[test]
        fn swapping_inverts(
            one in prop::collection::vec(1.0..1e6f64, 2..12),
            other in prop::collection::vec(1.0..1e6f64, 2..12),
        ) {
            let there = unpaired_ratio(&one, &other).unwrap().inverse();
            let back = unpaired_ratio(&other, &one).unwrap();
            prop_assert!(close(there.median, back.median));
            let median = back.median;
            let (there, back) = (there.interval.unwrap(), back.interval.unwrap());
            prop_assert!(close(there.low, back.low) && close(there.high, back.high));
            prop_assert!(back.covers(median));
        }
    }
}
