//! Phrases that several sentences share: never more than the data says.

use super::number::times;
use crate::analysis::ComparisonReport;
use crate::stats::{Interval, Ratio};

/// `slab (default)`, `dashmap (peer)`.
pub(super) fn series_label(compared: &ComparisonReport, name: &str, peer: bool) -> String {
    match peer {
        true => format!("{name} (peer)"),
        // A default may be called that.
        false if name != "default" && compared.default_series().as_deref() == Some(name) => {
            format!("{name} (default)")
        }
        false => name.to_owned(),
    }
}

/// `no difference larger than 6% found`, rounded up; `at_most` is a share.
pub fn no_difference(at_most: f64) -> String {
    match at_most {
        _ if at_most < 0.15 => {
            let percent = (at_most * 100.0).ceil().max(1.0);
            format!("no difference larger than {percent:.0}% found")
        }
        _ if at_most < 1.0 => {
            let percent = (at_most * 100.0).ceil();
            format!("too noisy: no difference larger than {percent:.0}% found")
        }
        _ => format!("too noisy: no difference larger than {} found", times(1.0 + at_most)),
    }
}

/// `1.80x [1.70, 1.90]`; without brackets if there is no interval.
pub fn ratio(ratio: &Ratio) -> String {
    let Some(interval) = ratio.interval else { return times(ratio.median) };
    let ends = [interval.low, interval.high].map(times);
    let [low, high] = ends.map(|end| end.trim_end_matches('x').to_owned());
    format!("{} [{low}, {high}]", times(ratio.median))
}

/// `1.80x [1.70, 1.90]`, or `1.80x [1.70, 1.90] to 3.4x [3.2, 3.6]` for several places.
pub(super) fn ratio_range(ratios: &[Ratio]) -> String {
    let least = ratios.iter().min_by(|a, b| a.median.total_cmp(&b.median));
    let most = ratios.iter().max_by(|a, b| a.median.total_cmp(&b.median));
    match (least, most) {
        (Some(least), Some(most)) if times(least.median) != times(most.median) => {
            format!("{} to {}", ratio(least), ratio(most))
        }
        (Some(typical), Some(_)) if ratios.len() > 1 => {
            let intervals = || ratios.iter().filter_map(|ratio| ratio.interval);
            let low = intervals().map(|interval| interval.low).fold(typical.median, f64::min);
            let high = intervals().map(|interval| interval.high).fold(typical.median, f64::max);
            let coverage = intervals().map(|interval| interval.coverage).fold(1.0, f64::min);
            ratio(&Ratio { interval: Some(Interval { low, high, coverage }), ..*typical })
        }
        (Some(only), _) => ratio(only),
        (None, _) => String::new(),
    }
}

/// `a, b or c`.
pub(super) fn list_of(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}
