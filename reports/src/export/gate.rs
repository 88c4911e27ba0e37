//! A gate's verdict for other programs.

use crate::judge::{GateReport, OperatingCurve, Power, Share};
use crate::text::{GateView, calibrated};
use serde::Serialize;

/// The object that is written.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a GateReport,
    exit_code: u8,
    /// `reasons` as sentences.
    why: Vec<String>,
    /// Chance that a slow-down would have been found, of each workload that has enough blocks.
    power: Vec<Found<'a>>,
    operating_curve: Option<&'a OperatingCurve>,
}

/// The power of a workload, and how often a calibration found a slow-down of that size.
#[derive(Serialize)]
struct Found<'a> {
    workload: &'a str,
    #[serde(flatten)]
    power: Power,
    calibrated: Option<Share>,
}

/// The verdict as JSON, indented, with a line break at its end. A growth from nothing is `null`,
/// and so is a missing limit: JSON has no number for infinity.
pub fn gate_json(view: &GateView) -> String {
    let answer = Answer {
        report: view.report,
        exit_code: view.report.verdict.exit_code(),
        why: view.why.iter().map(ToString::to_string).collect(),
        power: power(view),
        operating_curve: view.curve,
    };
    let json = serde_json::to_string_pretty(&answer);
    json.expect("a report has only text keys, which is all that can fail") + "\n"
}

fn power<'a>(view: &'a GateView) -> Vec<Found<'a>> {
    let calibrated = calibrated(view.curve, &view.report.rules.limits).map(|level| level.detected);
    let rows = view.report.rows.iter().zip(&view.powers);
    rows.filter_map(|(row, power)| {
        Some(Found { workload: &row.workload, power: (*power)?, calibrated })
    })
    .collect()
}
