//! What to do after a gate's verdict.

use super::command::{pattern, quoted};
use super::gate::{is_waived, times_hold};
use crate::judge::{GateReport, Reason, Row, Status, Verdict};

/// With more workloads than this, all are measured again rather than named.
const MOST_NAMED: usize = 6;

/// Compares again what was found slower, or what could not be decided; everything if that is
/// nothing or a lot.
pub fn reproduce_gate(report: &GateReport) -> String {
    let named: Vec<&Row> = report.rows.iter().filter(|row| is_in_question(report, row)).collect();
    let mut command = format!("just gate {}", quoted(&base(report)));
    if named.len() <= MOST_NAMED {
        for row in named {
            command += &format!(" {}", quoted(&pattern(&row.workload)));
        }
    }
    command
}

/// A commit stays what it is; a branch moves on.
fn base(report: &GateReport) -> String {
    let base = &report.base;
    match &base.commit {
        Some(commit) if !base.modified => commit.chars().take(12).collect(),
        _ => base.name.clone(),
    }
}

fn is_in_question(report: &GateReport, row: &Row) -> bool {
    match row.status {
        Status::Slower | Status::Broken => !is_waived(row),
        Status::Open => !times_hold(report) || report.verdict == Verdict::Pass,
        Status::NullDiffers => !times_hold(report),
        Status::Faster | Status::Same | Status::NotMeasured => false,
    }
}

/// The workload that is slower and stands first: the one to look at.
fn worst(report: &GateReport) -> Option<&Row> {
    report.rows.iter().find(|row| row.status == Status::Slower && !is_waived(row))
}

/// What to do next, a sentence each; nothing after a pass that leaves nothing open.
pub fn next_steps(report: &GateReport) -> Vec<String> {
    let mut steps = Vec::new();
    let has = |wanted: fn(&Reason) -> bool| report.reasons.iter().any(wanted);
    if has(|reason| matches!(reason, Reason::Broken(_))) {
        steps.push("See why workloads broke under \"Not measured\".".to_owned());
    }
    if has(|reason| matches!(reason, Reason::Slower(_))) {
        if report.rows.iter().any(|row| row.profiled.is_some() && !is_waived(row)) {
            steps.push("Look at the functions that grew and at the flame graphs.".to_owned());
        }
        steps.push(format!("Compare these again: `{}`", reproduce_gate(report)));
        if let Some(row) = worst(report) {
            let (base, workload) = (quoted(&base(report)), quoted(&row.workload));
            steps.push(format!("See where its time went: `just profile-diff {base} {workload}`"));
        }
        steps.push(
            "If it is worth its price, add a waiver with a reason and a last day to the file of \
             the gate, and have it reviewed with the change."
                .to_owned(),
        );
    }
    if report.verdict == Verdict::Inconclusive && !has(|r| matches!(r, Reason::Interrupted)) {
        steps.push(format!("On a quiet machine, compare again: `{}`", reproduce_gate(report)));
    }
    let is_open = |row: &Row| row.status == Status::Open;
    if report.verdict == Verdict::Pass && report.rows.iter().any(is_open) {
        let again = reproduce_gate(report);
        steps.push(format!("What stayed open tells more when compared alone: `{again}`"));
    }
    steps
}
