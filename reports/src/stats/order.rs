//! Medians, quantiles and deviations.

/// The values in ascending order; NaN would come last, but callers pass none.
pub(super) fn ascending(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The middle value, or the mean of the two middle ones; `None` without values.
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = ascending(values);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted[sorted.len() / 2 - 1];
    // Not (lower + upper) / 2, which overflows.
    Some(lower + (upper - lower) / 2.0)
}

/// The value below which a share `q` (0 to 1) of the values lies, linearly between
/// neighbours: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages,
/// The American Statistician 50(4), 1996. `None` without values.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let sorted = ascending(values);
    let place = q.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    Some(below + (above - below) * place.fract())
}

/// The median absolute deviation from the median, as a share of the median (0.02 is 2%).
/// It is not scaled to estimate a standard deviation. `None` for fewer than two values or a
/// median that is not positive.
pub fn relative_mad(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let centre = median(values).filter(|centre| *centre > 0.0)?;
    let deviations: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    Some(median(&deviations)? / centre)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn medians_by_hand() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    #[test]
    fn quantiles_by_hand() {
        let values = [10.0, 20.0, 30.0, 40.0, 50.0];
        assert_eq!(quantile(&values, 0.0), Some(10.0));
        assert_eq!(quantile(&values, 0.25), Some(20.0));
        assert_eq!(quantile(&values, 0.9), Some(46.0));
        assert_eq!(quantile(&values, 1.0), Some(50.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn dispersion_by_hand() {
        // Deviations from 100 are 10, 0, 2, 40, 1; their median is 2.
        assert_eq!(relative_mad(&[90.0, 100.0, 102.0, 140.0, 99.0]), Some(0.02));
        assert_eq!(relative_mad(&[5.0]), None);
        assert_eq!(relative_mad(&[0.0, 0.0]), None);
        assert_eq!(relative_mad(&[3.0, 3.0, 3.0]), Some(0.0));
    }

    proptest! {
        #[test]
        fn a_median_has_as_many_below_as_above(
            values in prop::collection::vec(1e-3..1e9f64, 1..40)
        ) {
            let centre = median(&values).unwrap();
            let below = values.iter().filter(|value| **value < centre).count();
            let above = values.iter().filter(|value| **value > centre).count();
            prop_assert!(below <= values.len() / 2 && above <= values.len() / 2);
            prop_assert_eq!(quantile(&values, 0.5).map(f32_of), Some(f32_of(centre)));
        }

        #[test]
        fn dispersion_does_not_depend_on_units(
            values in prop::collection::vec(1.0..1e6f64, 2..20), factor in 1e-3..1e3f64
        ) {
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let (one, other) = (relative_mad(&values).unwrap(), relative_mad(&scaled).unwrap());
            prop_assert!((one - other).abs() <= 1e-9);
        }
    }

    fn f32_of(value: f64) -> f32 {
        value as f32
    }
}
