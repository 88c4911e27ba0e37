//! The axis of times: from the least to the most with some room, logarithmic where they are far apart.

use crate::plot::scale::log_ticks;
use crate::text::time_ns;

/// From this ratio of most to least on, the axis is logarithmic.
const LOG_FROM_RATIO: f64 = 3.0;

/// Least ratio of the ends, lest noise looks like a mountain range.
const LEAST_RATIO: f64 = 1.08;

/// Largest number of labels.
const MOST_TICKS: usize = 6;

/// An axis in coordinates that are drawn linearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TimeAxis {
    /// From one time to another, in nanoseconds.
    Linear([f64; 2]),
    /// From one decimal logarithm to another.
    Log([f64; 2]),
}

impl TimeAxis {
    /// An axis for these times; `None` unless all are positive and finite, and there is one.
    pub(super) fn new(times_ns: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let least = times_ns.clone().fold(f64::INFINITY, f64::min);
        let most = times_ns.fold(0.0, f64::max);
        if !(least.is_finite() && most.is_finite() && least > 0.0) {
            return None;
        }
        if most / least > LOG_FROM_RATIO {
            let room = 0.04 * (most / least).log10();
            return Some(Self::Log([least.log10() - room, most.log10() + room]));
        }
        let middle = f64::midpoint(least, most);
        let half = (most - least).max((LEAST_RATIO - 1.0) * middle) * 0.54;
        Some(Self::Linear([middle - half, middle + half]))
    }

    pub(super) fn is_log(&self) -> bool {
        matches!(self, Self::Log(_))
    }

    /// Place of a time between the ends: 0 is the low one, 1 the high one.
    pub(super) fn place(&self, time_ns: f64) -> f64 {
        match self {
            Self::Linear([low, high]) => (time_ns - low) / (high - low),
            Self::Log([low, high]) => (time_ns.log10() - low) / (high - low),
        }
    }

    /// Places with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let ticks = match *self {
            Self::Linear([low, high]) => linear_ticks(low, high),
            Self::Log([low, high]) => {
                let ticks = log_ticks(low, high, MOST_TICKS);
                let ends = [low, high].map(|end| 10_f64.powf(end));
                // Within a power of ten there may be too few.
                if ticks.len() < 3 { linear_ticks(ends[0], ends[1]) } else { ticks }
            }
        };
        ticks.into_iter().map(|tick| (self.place(tick), time_ns(tick))).collect()
    }
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn linear_ticks(low: f64, high: f64) -> Vec<f64> {
    let power = 10_f64.powf(((high - low) / MOST_TICKS as f64).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    let fits = |step: &f64| (high - low) / step < MOST_TICKS as f64;
    let step = steps.into_iter().find(fits).unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    (0..).map(|n| (first + f64::from(n)) * step).take_while(|tick| *tick <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_near_times_differ() {
        for least in [1.0, 9.3, 97.5, 1003.0, 5e6] {
            for ratio in [1.0, 1.02, 1.3, 2.9] {
                let axis = TimeAxis::new([least, least * ratio].into_iter()).unwrap();
                let mut labels: Vec<String> = axis.ticks().into_iter().map(|(_, l)| l).collect();
                assert!((2..=6).contains(&labels.len()), "{least} {ratio}: {labels:?}");
                let all = labels.len();
                labels.dedup();
                assert_eq!(labels.len(), all, "{least} {ratio}");
            }
        }
    }

    #[test]
    fn far_times_are_logarithmic_and_inside() {
        let axis = TimeAxis::new([20.0, 900.0].into_iter()).unwrap();
        assert!(axis.is_log());
        assert!([20.0, 100.0, 900.0].iter().all(|time| (0.0..=1.0).contains(&axis.place(*time))));
        let near = TimeAxis::new([1000.0, 3100.0].into_iter()).unwrap();
        assert!(near.is_log() && near.ticks().len() >= 3, "{:?}", near.ticks());
        assert_eq!(TimeAxis::new(std::iter::empty()), None);
        assert_eq!(TimeAxis::new([0.0, 1.0].into_iter()), None);
    }
}
