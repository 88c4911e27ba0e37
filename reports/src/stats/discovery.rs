//! Many tests at once.

/// Which of these probabilities are small enough for their hypotheses to be rejected, if at most
/// a share `rate` of the rejected ones may be so wrongly, on average (Benjamini and Hochberg,
/// Controlling the False Discovery Rate, J. R. Statist. Soc. B 57(1), 1995). In the order of the
/// arguments. Valid for independent tests and for many kinds of positive dependence.
pub fn discoveries(probabilities: &[f64], rate: f64) -> Vec<bool> {
    let mut sorted = probabilities.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let passing = (1..).zip(&sorted).filter(|(rank, p)| **p <= rate * f64::from(*rank) / n);
    let limit = passing.last().map(|(_, p)| *p);
    probabilities.iter().map(|p| limit.is_some_and(|limit| *p <= limit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the paper, §3.2: of fifteen, the first four are rejected at 5%.
    #[test]
    fn the_example_of_the_paper() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let rejected = discoveries(&p, 0.05);
        assert_eq!(rejected.iter().filter(|yes| **yes).count(), 4);
        assert!(rejected[..4].iter().all(|yes| *yes));
    }

    #[test]
    fn one_large_probability_can_be_carried_by_smaller_ones() {
        assert_eq!(discoveries(&[0.04, 0.03], 0.05), [true, true]);
        assert_eq!(discoveries(&[0.04, 0.9], 0.05), [false, false]);
        assert_eq!(discoveries(&[], 0.05), [false; 0]);
    }

    proptest! {
        #[test]
        fn never_more_than_without_correction(p in prop::collection::vec(0.0..1f64, 1..30)) {
            for (p, rejected) in p.iter().zip(discoveries(&p, 0.05)) {
                prop_assert!(!rejected || *p <= 0.05);
            }
        }
    }
}
