//! The reliability of a gate on its page.

use crate::judge::{Level, OperatingCurve, Share};
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
    /// Workloads that were wrongly called slower.
    pub(super) alarms: Vec<String>,
}

/// The plots and the table of a calibration.
pub(super) fn curve(curve: &OperatingCurve) -> Curve {
    let alarms = [curve.null.as_ref(), curve.null_under_load.as_ref()];
    let names = ["none: a build with itself", "none, beside a busy program"];
    let row = |change: String, says: &Share, unsure: &Share, found: Option<f64>| {
        let found = found.map(text::shift).unwrap_or_default();
        [change, text::share(says), unsure.count.to_string(), found]
    };
    let of_level = |level: &Level, what: &str| {
        let what = format!("{} more {what}", text::percent(level.by));
        row(what, &level.detected, &level.inconclusive, level.found)
    };
    let nothing = alarms.into_iter().zip(names).filter_map(|(alarms, name)| {
        let alarms = alarms?;
        Some(row(name.to_owned(), &alarms.false_alarms, &alarms.inconclusive, None))
    });
    let kinds = [("time", &curve.time), ("instructions", &curve.instructions)];
    let slowed = kinds
        .into_iter()
        .flat_map(|(what, levels)| levels.iter().map(move |level| of_level(level, what)));
    let plots = kinds
        .into_iter()
        .filter_map(|(what, levels)| Some((what, detection(alarms, levels, what)?)));
    let mut wrong: Vec<String> =
        alarms.into_iter().flatten().flat_map(|alarms| alarms.workloads.clone()).collect();
    wrong.sort_unstable();
    wrong.dedup();
    Curve {
        setting: curve.setting.clone(),
        rows: nothing.chain(slowed).collect(),
        plots: plots.collect(),
        alarms: wrong,
    }
}
