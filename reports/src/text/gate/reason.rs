//! Reasons of a verdict, in sentences.

use super::steps::command;
use crate::judge::{GateReport, Reason, Resume};
use crate::text::sentence::Sentence;
use std::collections::HashSet;

/// Maximum number of workloads that a sentence names.
const MOST_NAMES: usize = 5;

/// A sentence about a reason, with what to do next.
pub(super) fn reason(report: &GateReport, reason: &Reason) -> Sentence {
    let names = || worst(report, reason.workloads());
    let count = reason.workloads().len();
    match reason {
        Reason::Slower(_) => format!("slower: {}", names()).into(),
        Reason::Broken(_) => format!("cannot be run by the judged build: {}", names()).into(),
        Reason::NullDiffers(_) => format!(
            "the same build, measured twice, differs ({}): something else changed on the machine, \
             so times prove nothing; run the gate again",
            names()
        )
        .into(),
        Reason::Undecided(_) => format!(
            "perhaps slower, but not clearly enough given the number of workloads: {}; compare \
             these alone",
            names()
        )
        .into(),
        Reason::TooNoisy(_) => format!(
            "the machine is too noisy: {} too much to exclude a slow-down \
             ({}); run the gate again with nothing else running",
            if count == 1 {
                "1 workload varies".to_owned()
            } else {
                format!("{count} workloads vary")
            },
            names()
        )
        .into(),
        Reason::OutOfTime(_) => format!(
            "the budget ended before {count} workload{} had the blocks that a verdict needs ({}); \
             name fewer workloads, or give more time by --budget",
            if count == 1 { "" } else { "s" },
            names()
        )
        .into(),
        Reason::LeftOut(_) => format!(
            "too much could not be measured to exclude a slow-down: {count} workload{} ({}); \
             \"Not measured\" says why",
            if count == 1 { "" } else { "s" },
            names()
        )
        .into(),
        Reason::Interrupted if report.resume == Resume::Possible => {
            Sentence::from("the comparison was interrupted; resume it: ")
                .code(format!("{} --resume", command(report)))
        }
        Reason::Interrupted => "the comparison was interrupted, and cannot be resumed".into(),
        Reason::NothingMeasured => "nothing was measured; \"Not measured\" says why".into(),
    }
}

/// The first names in the order of rows, which begins with the worst: `a, b and 3 more`.
fn worst(report: &GateReport, names: &[String]) -> String {
    let wanted: HashSet<&String> = names.iter().collect();
    let sorted = report.rows.iter().map(|row| &row.workload).filter(|name| wanted.contains(name));
    let shown: Vec<&str> = sorted.take(MOST_NAMES).map(String::as_str).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
