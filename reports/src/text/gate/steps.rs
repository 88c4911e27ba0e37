//! Next steps after a verdict.

use super::row::{is_waived, times_hold};
use crate::judge::{GateReport, Reason, Resume, Row, Status, Verdict};
use crate::text::command::{pattern, quoted};
use crate::text::sentence::Sentence;

/// Maximum number of workloads that a command names; with more, all are measured again.
const MOST_NAMED: usize = 6;

/// A next step.
#[derive(Debug)]
pub(super) enum Step {
    /// Read why workloads broke.
    ReadReasons,
    /// Look at profiles.
    ReadProfiles,
    /// Compare again.
    Compare {
        /// Purpose, which ends before the command.
        purpose: &'static str,
        /// The command.
        command: String,
    },
    /// Resume it, by this command.
    Resume(String),
    /// Profile the slowest workload, by this command.
    Profile(String),
    /// Accept the regression.
    Waive {
        /// The gate's file, as a sentence calls it.
        file: &'static str,
    },
}

impl Step {
    /// The step as a sentence.
    pub(super) fn sentence(&self) -> Sentence {
        match self {
            Self::ReadReasons => "See under \"Not measured\" why workloads broke.".into(),
            Self::ReadProfiles => "Look at the functions that grew and at the flame graphs.".into(),
            Self::Compare { purpose, command } => Sentence::from(*purpose).code(command),
            Self::Resume(command) => Sentence::from("Resume it: ").code(command),
            Self::Profile(command) => Sentence::from("See where its time went: ").code(command),
            Self::Waive { file } => format!(
                "If the change is worth it, add a waiver with a reason and a last day to {file}, \
                 and have it reviewed with the change."
            )
            .into(),
        }
    }
}

/// The command of the gate: in a repository of anybody's there are no recipes.
pub(super) fn command(report: &GateReport) -> &'static str {
    if report.suite.is_some() { "lab gate" } else { "just gate" }
}

/// Command that compares again what was found slower, or what could not be decided; everything
/// if that is nothing or a lot.
pub(super) fn reproduce(report: &GateReport) -> String {
    let named: Vec<&Row> = report.rows.iter().filter(|row| is_in_question(report, row)).collect();
    let mut command = format!("{} {}", command(report), quoted(&base(report)));
    if named.len() <= MOST_NAMED {
        for row in named {
            command += &format!(" {}", quoted(&pattern(&row.workload)));
        }
    }
    command
}

/// Name of the base for a command: its commit if possible, because a branch moves on.
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

/// Returns whether a reason comes from workloads that could not be measured, which no quiet machine helps.
fn is_of_faults(reason: &Reason) -> bool {
    matches!(reason, Reason::LeftOut(_) | Reason::NothingMeasured)
}

/// Returns whether a reason comes from a budget that ended, which no quiet machine helps either.
fn is_of_time(reason: &Reason) -> bool {
    matches!(reason, Reason::OutOfTime(_))
}

/// The slowest workload.
fn worst(report: &GateReport) -> Option<&Row> {
    report.rows.iter().find(|row| row.status == Status::Slower && !is_waived(row))
}

/// The next steps; none after a pass that leaves nothing open.
pub(super) fn steps(report: &GateReport) -> Vec<Step> {
    let mut steps = Vec::new();
    let has = |wanted: fn(&Reason) -> bool| report.reasons.iter().any(wanted);
    let compare = |purpose| Step::Compare { purpose, command: reproduce(report) };
    if report.resume == Resume::Possible {
        steps.push(Step::Resume(format!("{} --resume", command(report))));
    }
    if has(|reason| matches!(reason, Reason::Broken(_))) {
        steps.push(Step::ReadReasons);
    }
    if has(|reason| matches!(reason, Reason::Slower(_))) {
        if report.rows.iter().any(|row| row.profiled.is_some() && !is_waived(row)) {
            steps.push(Step::ReadProfiles);
        }
        if report.resume == Resume::Impossible {
            steps.push(compare("Compare these again: "));
        }
        if let Some(row) = worst(report).filter(|_| report.suite.is_none()) {
            let (base, workload) = (quoted(&base(report)), quoted(&row.workload));
            steps.push(Step::Profile(format!("just profile-diff {base} {workload}")));
        }
        let is_suite = report.suite.is_some();
        let file = if is_suite { "gate.toml beside lab.toml" } else { "the gate's file" };
        steps.push(Step::Waive { file });
    }
    let is_open = |row: &Row| row.status == Status::Open;
    match report.verdict {
        _ if report.resume == Resume::Possible => {}
        Verdict::Inconclusive if report.reasons.iter().all(is_of_faults) => {
            steps.push(compare("Correct what \"Not measured\" names, then compare again: "));
        }
        Verdict::Inconclusive if report.reasons.iter().all(is_of_time) => {
            steps.push(compare("Compare fewer workloads, or with a longer --budget: "));
        }
        Verdict::Inconclusive if has(|reason| matches!(reason, Reason::Interrupted)) => {
            steps.push(compare("Compare again: "));
        }
        Verdict::Inconclusive => {
            steps.push(compare("On a quiet machine, compare again: "));
        }
        Verdict::Pass if report.rows.iter().any(is_open) => {
            steps.push(compare("To decide what stayed open, compare it alone: "));
        }
        _ => {}
    }
    steps
}
