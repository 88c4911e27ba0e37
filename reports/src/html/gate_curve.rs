//! The reliability of a gate on its page.

use crate::judge::{Alarms, Level, OperatingCurve, Share};
use crate::plot::{Plot, detection};
use crate::text;

/// Reliability of the gate.
pub(super) struct Curve {
    pub(super) setting: String,
    /// A kind of slow-down, and how often it was detected.
    pub(super) plots: Vec<(&'static str, Plot)>,
    /// Change of the head, verdicts `regression`, verdicts `inconclusive`, and mean of the
    /// measured slow-downs.
    pub(super) rows: Vec<[String; 4]>,
    /// Titles and rows of detections by form of slow-down; no rows in older calibrations.
    pub(super) dose_header: Vec<String>,
    pub(super) dose_rows: Vec<Vec<String>>,
    /// Workloads that were wrongly called slower.
    pub(super) alarms: Vec<String>,
}

/// The plots and the table of a calibration.
pub(super) fn curve(curve: &OperatingCurve) -> Curve {
    let quiet = curve.null.iter().map(|alarms| ("no change", alarms));
    let noisy = curve.besides.iter().map(|one| (one.noise.as_str(), &one.alarms));
    let alarms: Vec<(&str, &Alarms)> = quiet.chain(noisy).collect();
    let row = |change: String, says: &Share, unsure: &Share, found: Option<f64>| {
        let found = found.map(text::shift).unwrap_or_default();
        [change, text::share(says), unsure.count.to_string(), found]
    };
    let of_level = |level: &Level, what: &str| {
        let what = format!("{} more {what}", text::percent(level.by));
        row(what, &level.detected, &level.inconclusive, level.found)
    };
    let nothing = alarms.iter().map(|(noise, alarms)| {
        let name = match *noise {
            "no change" => "none: a build with itself".to_owned(),
            noise => format!("none, beside noise ({noise})"),
        };
        row(name, &alarms.false_alarms, &alarms.inconclusive, None)
    });
    let kinds = [("time", &curve.time), ("instructions", &curve.instructions)];
    let slowed = kinds
        .into_iter()
        .flat_map(|(what, levels)| levels.iter().map(move |level| of_level(level, what)));
    let plots = kinds
        .into_iter()
        .filter_map(|(what, levels)| Some((what, detection(&alarms, levels, what)?)));
    let mut wrong: Vec<String> =
        alarms.iter().flat_map(|(_, alarms)| alarms.workloads.clone()).collect();
    wrong.sort_unstable();
    wrong.dedup();
    // Older trials all have one form and no set size: their rows would repeat those above.
    let has_doses = curve.dosed.iter().any(|one| one.set.is_some());
    let doses = if has_doses { text::dose_table(curve) } else { Default::default() };
    Curve {
        dose_header: doses.header,
        dose_rows: doses.rows,
        setting: curve.setting.clone(),
        rows: nothing.chain(slowed).collect(),
        plots: plots.collect(),
        alarms: wrong,
    }
}
