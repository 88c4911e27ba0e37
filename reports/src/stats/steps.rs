//! Change points of a series of figures.

use super::median;

/// Neighbouring values of a series that share a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Index of its first value.
    pub start: usize,
    /// Index after its last value.
    pub end: usize,
    /// The median of its values.
    pub level: f64,
}

/// Minimum number of values of a level: a single deviating value is an outlier, not a step.
const LEAST_VALUES: usize = 2;

/// Divides a series of positive values into segments of constant level: one segment if it has
/// no step, none if it is empty.
///
/// The model is that of airspeed velocity (asv, `step_detect.py`), after Friedrich et al.,
/// Complexity Penalized M-Estimation, JCGS 17(1), 2008: the fit with k segments minimises the
/// sum of absolute deviations S(k), found by dynamic programming in O(k·n²), and k minimises
/// an information criterion after Yao (Statistics & Probability Letters 6, 1988) with asv's
/// weight, β·k + ln(σ₀ + S(k)) with β = 4·ln(n)/n. As there, σ₀ keeps perfect fits from
/// winning: a tenth of the smallest step, or a thousandth of the level if there is none.
///
/// Two things differ: every k is tried, as the series are short, where asv tries penalties;
/// and a level has two values or more, so that a step differs from an outlier by the value that
/// follows it.
///
/// Deviations count with their size, so an outlier many times larger than a step of the same
/// series can hide it.
pub fn segments(values: &[f64]) -> Vec<Segment> {
    let n = values.len();
    if n == 0 {
        return Vec::new();
    }
    let deviations = deviations(values);
    let beta = 4.0 * (n as f64).ln() / n as f64;
    let mut best: Option<(f64, Vec<Segment>)> = None;
    // cost[end]: the least sum of deviations of values[..end], in the segments so far.
    let mut cost: Vec<f64> =
        (0..=n).map(|end| if end == 0 { 0.0 } else { f64::INFINITY }).collect();
    let mut starts: Vec<Vec<usize>> = Vec::new();
    for k in 1..=(n / LEAST_VALUES).max(1) {
        let mut next = vec![f64::INFINITY; n + 1];
        let mut from = vec![0; n + 1];
        for end in 1..=n {
            for start in (0..end).filter(|start| end - start >= LEAST_VALUES.min(n)) {
                let total = cost[start] + deviations[start][end - start - 1];
                if total < next[end] {
                    (next[end], from[end]) = (total, start);
                }
            }
        }
        cost = next;
        starts.push(from);
        let fit = fit(values, &starts);
        // A step of nothing is none: the fit is one of fewer segments.
        if fit.windows(2).any(|pair| pair[0].level == pair[1].level) {
            continue;
        }
        let objective = beta * k as f64 + (floor(&fit) + cost[n]).ln();
        if best.as_ref().is_none_or(|(least, _)| objective < *least) {
            best = Some((objective, fit));
        }
    }
    best.map(|(_, fit)| fit).unwrap_or_default()
}

/// `[start][length - 1]`: the sum of absolute deviations of values from their median.
fn deviations(values: &[f64]) -> Vec<Vec<f64>> {
    let of = |part: &[f64]| {
        let centre = median(part).unwrap_or(0.0);
        part.iter().map(|value| (value - centre).abs()).sum()
    };
    (0..values.len())
        .map(|start| (start + 1..=values.len()).map(|end| of(&values[start..end])).collect())
        .collect()
}

/// Follows the starts of the last segments back to the beginning.
fn fit(values: &[f64], starts: &[Vec<usize>]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut end = values.len();
    for from in starts.iter().rev() {
        let start = from[end];
        let level = median(&values[start..end]).unwrap_or(0.0);
        segments.push(Segment { start, end, level });
        end = start;
    }
    segments.reverse();
    segments
}

/// The noise that is always assumed.
fn floor(segments: &[Segment]) -> f64 {
    let steps = segments.windows(2).map(|pair| (pair[1].level - pair[0].level).abs());
    let least = match steps.reduce(f64::min) {
        Some(step) => 0.1 * step,
        None => 0.001 * segments.first().map_or(0.0, |segment| segment.level.abs()),
    };
    // Zeros would make a logarithm of zero.
    least.max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 100 with a noise of up to 1%, always the same.
    fn noise(n: usize) -> f64 {
        [0.3, -0.8, 0.9, -0.2, 0.0, 0.6, -1.0, 0.4, -0.5, 0.7][n % 10]
    }

    fn bounds(values: &[f64]) -> Vec<(usize, usize)> {
        segments(values).iter().map(|segment| (segment.start, segment.end)).collect()
    }

    fn series(levels: &[(usize, f64)]) -> Vec<f64> {
        let levels = levels.iter().flat_map(|(count, level)| std::iter::repeat_n(*level, *count));
        levels.enumerate().map(|(n, level)| level * (1.0 + noise(n) / 100.0)).collect()
    }

    #[test]
    fn noise_is_no_step() {
        assert_eq!(segments(&[]), []);
        for n in 1..50 {
            assert_eq!(bounds(&series(&[(n, 100.0)])), [(0, n)], "{n} values");
        }
        assert_eq!(bounds(&[5.0; 20]), [(0, 20)]);
    }

    #[test]
    fn one_step_is_found_where_it_is() {
        let found = segments(&series(&[(8, 100.0), (6, 112.0)]));
        assert_eq!((found[0].end, found.len()), (8, 2));
        assert!((found[0].level - 100.0).abs() < 1.0 && (found[1].level - 112.0).abs() < 1.0);
        assert_eq!(bounds(&[10.0, 10.0, 10.0, 10.0, 20.0, 20.0]), [(0, 4), (4, 6)]);
    }

    #[test]
    fn two_steps_up_and_back() {
        let values = series(&[(10, 100.0), (8, 120.0), (12, 100.0)]);
        assert_eq!(bounds(&values), [(0, 10), (10, 18), (18, 30)]);
    }

    #[test]
    fn an_outlier_is_no_step_wherever_it_stands() {
        for at in 0..12 {
            let mut values = series(&[(12, 100.0)]);
            values[at] = 180.0;
            assert_eq!(bounds(&values), [(0, 12)], "outlier at {at}");
        }
        let mut values = series(&[(8, 100.0), (8, 115.0)]);
        values[3] = 130.0;
        assert_eq!(bounds(&values), [(0, 8), (8, 16)], "nor does it hide one");
        values[3] = 200.0;
        assert_eq!(bounds(&values), [(0, 16)], "unless it is far larger: a known limit");
    }

    proptest! {
        #[test]
        fn segments_are_whole_and_do_not_depend_on_the_unit(
            values in prop::collection::vec(1.0..1e3f64, 1..30), power in -8..8i32
        ) {
            let found = segments(&values);
            prop_assert_eq!((found[0].start, found[found.len() - 1].end), (0, values.len()));
            prop_assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start));
            // A power of two loses no digit.
            let scaled: Vec<f64> = values.iter().map(|v| v * 2_f64.powi(power)).collect();
            prop_assert_eq!(bounds(&scaled), bounds(&values));
        }
    }
}
