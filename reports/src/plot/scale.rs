//! Axes of values: linear from zero, or logarithmic where values are far apart.

use super::figure;
use super::ticked::Ticked;
use simple_records::Display;

/// Beyond this ratio of largest to smallest a linear axis hides the small ones.
const LOG_FROM_RATIO: f64 = 12.0;

/// An axis of values in coordinates that are drawn linearly.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ValueScale {
    /// True if coordinates are logarithms.
    pub(super) is_log: bool,
    /// The smallest coordinate.
    pub(super) low: f64,
    /// The largest coordinate.
    pub(super) high: f64,
    /// Values that get a line and a label.
    pub(super) ticks: Vec<f64>,
}

impl ValueScale {
    /// For values that are all positive and finite.
    pub(super) fn new(values: impl Iterator<Item = f64> + Clone, most_ticks: usize) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max);
        if !(least.is_finite() && most > 0.0) {
            return Self { is_log: false, low: 0.0, high: 1.0, ticks: vec![0.0, 1.0] };
        }
        if most / least > LOG_FROM_RATIO {
            let (low, high) = (least.log10() - 0.08, most.log10() + 0.08);
            return Self { is_log: true, low, high, ticks: log_ticks(low, high, most_ticks) };
        }
        let high = most * 1.08;
        Self { is_log: false, low: 0.0, high, ticks: linear_ticks(high, most_ticks) }
    }

    /// The coordinate of a value.
    pub(super) fn coordinate(&self, value: f64) -> f64 {
        if self.is_log { value.log10() } else { value }
    }

    /// For plotters.
    pub(super) fn ticked(&self, display: Display) -> Ticked {
        let ticks = self.ticks.iter().map(|tick| (self.coordinate(*tick), label(*tick, display)));
        Ticked { low: self.low, high: self.high, ticks: ticks.collect() }
    }
}

/// The label of a tick: no more digits than it needs.
fn label(value: f64, display: Display) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let shown = figure::shown(value, display);
    let end = shown.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(shown.len());
    let (number, unit) = shown.split_at(end);
    if !number.contains('.') {
        return shown;
    }
    format!("{}{unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

/// From zero, in steps of 1, 2 or 5 times a power of ten.
fn linear_ticks(high: f64, most: usize) -> Vec<f64> {
    let power = 10_f64.powf((high / most as f64).log10().floor());
    let fits = |step: &f64| high / step < most as f64;
    let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(fits);
    let step = step.unwrap_or(10.0 * power);
    (0..).map(|n| f64::from(n) * step).take_while(|tick| *tick <= high).collect()
}

/// 1, 2 and 5 times powers of ten if there is room, else powers of ten, else every second,
/// third, ... of them.
pub(super) fn log_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let powers = || (low.floor() as i32)..=(high.ceil() as i32);
    let inside = |value: &f64| (low..=high).contains(&value.log10());
    let of = |digits: &[f64]| -> Vec<f64> {
        let ticks = powers().flat_map(|p| digits.iter().map(move |d| d * 10_f64.powi(p)));
        ticks.filter(inside).collect()
    };
    let choices = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]].map(of);
    if let Some(ticks) = choices.iter().find(|ticks| ticks.len() <= most) {
        return ticks.clone();
    }
    let every = choices[2].len().div_ceil(most.max(1));
    choices[2].iter().copied().step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_values_are_linear_from_zero() {
        let scale = ValueScale::new([30.0, 95.0].into_iter(), 6);
        assert_eq!((scale.is_log, scale.low), (false, 0.0));
        assert_eq!(scale.ticks, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }

    #[test]
    fn far_values_are_logarithmic_with_few_ticks() {
        let scale = ValueScale::new([2.0, 90.0].into_iter(), 6);
        assert_eq!(scale.ticks, [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        let wide = ValueScale::new([1e-3, 1e20].into_iter(), 6);
        assert!(wide.is_log && wide.ticks.len() <= 6, "{:?}", wide.ticks);
    }

    #[test]
    fn nothing_to_show_is_still_an_axis() {
        assert_eq!(ValueScale::new(std::iter::empty(), 5).ticks.len(), 2);
    }
}
