//! A gate's report for other programs.

use crate::judge::{GateReport, OperatingCurve};
use serde::Serialize;

/// What is written: the report's own fields, what the process exits with, and how often the
/// gate is right.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a GateReport,
    exit_code: u8,
    /// The sentences of `reasons`.
    why: Vec<String>,
    operating_curve: Option<&'a OperatingCurve>,
}

/// The report as JSON, indented, with a line break at its end. A growth from nothing is `null`,
/// and so is a limit that there is not: JSON has no number for infinity.
pub fn gate_json(report: &GateReport, curve: Option<&OperatingCurve>) -> String {
    let answer = Answer {
        report,
        exit_code: report.verdict.exit_code(),
        why: report.reasons.iter().map(crate::text::reason).collect(),
        operating_curve: curve,
    };
    let json = serde_json::to_string_pretty(&answer);
    json.expect("a report has only text keys, which is all that can fail") + "\n"
}
