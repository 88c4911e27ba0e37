//! A gate's verdict for other programs.

use crate::judge::{GateReport, OperatingCurve};
use crate::text::GateView;
use serde::Serialize;

/// The object that is written.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a GateReport,
    exit_code: u8,
    /// `reasons` as sentences.
    why: Vec<String>,
    operating_curve: Option<&'a OperatingCurve>,
}

/// The verdict as JSON, indented, with a line break at its end. A growth from nothing is `null`,
/// and so is a missing limit: JSON has no number for infinity.
pub fn gate_json(view: &GateView) -> String {
    let answer = Answer {
        report: view.report,
        exit_code: view.report.verdict.exit_code(),
        why: view.why.iter().map(ToString::to_string).collect(),
        operating_curve: view.curve,
    };
    let json = serde_json::to_string_pretty(&answer);
    json.expect("a report has only text keys, which is all that can fail") + "\n"
}
