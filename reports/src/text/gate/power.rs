//! The power of a gate in words.

use super::trust::share;
use crate::judge::{Level, OperatingCurve, Power};
use crate::text::number::percent;
use simple_records::GateLimits;

/// `97%`; `>99%` and `<1%` where all or none of the simulated comparisons found the slow-down.
pub(super) fn power_share(power: &Power) -> String {
    match power.found {
        found if found >= 0.995 => ">99%".to_owned(),
        found if found < 0.005 => "<1%".to_owned(),
        found => format!("{:.0}%", found * 100.0),
    }
}

/// Measured counterpart of a power: how often a calibration found a slow-down of the size that a gate of
/// these limits looks for. `None` unless the gate was calibrated for that size, and with its rules.
pub(crate) fn calibrated<'c>(
    curve: Option<&'c OperatingCurve>,
    limits: &GateLimits,
) -> Option<&'c Level> {
    let is_near = |one: f64| (one - limits.min_effect).abs() < 1e-9;
    let curve = curve.filter(|curve| is_near(curve.min_effect) && curve.has_rules_of(limits))?;
    curve.time.iter().find(|level| is_near(level.by))
}

/// The meaning of powers, and the calibrated rate beside them if there is one.
pub(super) fn power_sentence(curve: Option<&OperatingCurve>, limits: &GateLimits) -> String {
    let more = percent(limits.min_effect);
    let calibrated = calibrated(curve, limits).map_or(String::new(), |level| {
        format!(" Calibrated, with real slow-downs of {more}: {}.", share(&level.detected))
    });
    format!(
        "Found: the chance that {more} more time would have been found, by simulation with the \
         workload's own blocks.{calibrated}"
    )
}
