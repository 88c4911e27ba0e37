//! A gate's verdict as annotations of GitHub: workflow commands, a line each.
//!
//! Their form, and what must be escaped, is in GitHub's reference of workflow commands.

use super::row::{RowKind, RowText};
use super::view::GateView;
use crate::judge::Verdict;

/// GitHub shows ten errors and ten warnings of a step; one is the verdict.
const MOST_WORKLOADS: usize = 9;

/// The verdict, and the workloads that it rests on, as lines to print.
pub fn gate_annotations(view: &GateView) -> String {
    let (command, kind) = match view.report.verdict {
        Verdict::Pass => ("notice", None),
        Verdict::Regression => ("error", Some(RowKind::Slower)),
        Verdict::Inconclusive => ("warning", Some(RowKind::Undecided)),
    };
    let why: Vec<String> = view.why.iter().map(ToString::to_string).collect();
    let message = if why.is_empty() { view.outcomes.clone() } else { why.join("\n") };
    let mut lines = line(command, &format!("{}: {}", view.word, view.builds), &message);
    let named = view.rows.iter().filter(|row| Some(row.kind) == kind);
    for row in named.take(MOST_WORKLOADS) {
        lines += &line(command, &format!("{}: {}", row.workload, row.outcome), &figures(row));
    }
    lines
}

/// The figures of a workload in a sentence.
fn figures(row: &RowText) -> String {
    let time = row.time.as_ref().map(|time| format!("time {}", time.change));
    let count = row.instructions.as_ref().map(|count| format!("instructions {}", count.growth));
    let grown = row.grown.as_ref().and_then(|grown| grown.functions.first());
    let grown = grown.map(|[function, ..]| format!("grew most: {function}"));
    let known: Vec<String> = [time, count, grown].into_iter().flatten().collect();
    if known.is_empty() { row.outcome.clone() } else { known.join("; ") }
}

fn line(command: &str, title: &str, message: &str) -> String {
    let (title, message) = (property(title), data(message));
    format!("::{command} title={title}::{message}\n")
}

/// Text after the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_place_or_begins_another_command() {
        let line = line("error", "a,b: 5%\n::error::x", "one\r\ntwo ::error:: 5%");
        assert_eq!(
            line,
            "::error title=a%2Cb%3A 5%25%0A%3A%3Aerror%3A%3Ax::one%0D%0Atwo ::error:: 5%25\n"
        );
    }
}
