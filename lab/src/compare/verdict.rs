//! The verdict on a contest: what is printed, and the exit code.

use super::contest::Contest;
use super::outputs::complaints;
use super::session::{Held, find};
use crate::console::print::text_out;
use crate::out;
use simple_reports::analysis::{ComparisonReport, Report, Slowdown};
use simple_reports::text::{self, number_of_blocks};

/// A process that takes less than this many starts of a process that does nothing is mostly start.
const STARTS: f64 = 2.0;

/// Meaning of the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing is wrong.
    Pass,
    /// The question that was asked stays open, or the null control differs.
    Inconclusive,
    /// An alternative is slower than it may be.
    Slower,
}

impl Outcome {
    /// The exit code: that of the gate.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Slower => 1,
            Self::Inconclusive => 3,
        }
    }
}

/// The outcome of a contest. `limit` is the slow-down that is allowed, if anybody asked.
pub(crate) fn outcome(report: &Report, contest: &Contest, limit: Option<f64>) -> Outcome {
    if is_untrusted(report, contest) {
        return Outcome::Inconclusive;
    }
    let Some(limit) = limit else { return Outcome::Pass };
    let Some(compared) = find(report, &contest.id) else { return Outcome::Inconclusive };
    let pairs = compared.against_default();
    let missing = pairs.len() + 1 < contest.entrants.len();
    let each = pairs.iter().map(|pair| match pair.slowdown(limit) {
        Slowdown::Within => Outcome::Pass,
        Slowdown::Open => Outcome::Inconclusive,
        Slowdown::Beyond => Outcome::Slower,
    });
    let least = if missing { Outcome::Inconclusive } else { Outcome::Pass };
    each.fold(least, Outcome::max)
}

/// Returns whether the default seems to differ from itself.
pub(crate) fn is_untrusted(report: &Report, contest: &Contest) -> bool {
    find(report, &contest.null_id())
        .is_some_and(|null| null.workloads.len() == 2 && null.pair(1, 0).is_told_apart())
}

/// The verdicts in sentences: each alternative against the default, and the null control.
pub(crate) fn sentences(report: &Report, contest: &Contest, limit: Option<f64>) -> Vec<String> {
    let mut lines = Vec::new();
    let compared = find(report, &contest.id);
    for pair in compared.iter().flat_map(|it| it.against_default().into_iter().map(|p| (*it, p))) {
        let (compared, pair) = pair;
        lines.push(text::against(compared, &pair).to_string());
        let Some(limit) = limit else { continue };
        let name = compared.series_name(&compared.workloads[pair.one]);
        let limit_shown = text::percent(limit);
        match pair.slowdown(limit) {
            Slowdown::Within => {}
            Slowdown::Beyond => lines.push(format!("{name} is slower by more than {limit_shown}")),
            Slowdown::Open => lines.push(format!(
                "inconclusive: {name} may or may not be slower by more than {limit_shown}; \
                 --budget gives it more time"
            )),
        }
    }
    let null = find(report, &contest.null_id());
    if let Some(null) = null {
        let pair = (null.workloads.len() == 2).then(|| null.pair(1, 0));
        lines.push(text::null_control(null, pair.as_ref(), &format!("the same {}", contest.axis)));
    }
    lines
}

/// Prints the verdict on a contest, with the figures of all alternatives.
pub(crate) fn present(held: &Held, contest: &Contest, limit: Option<f64>) {
    let report = &held.report;
    sentences(report, contest, limit).iter().for_each(|line| out!("{line}"));
    let Some(compared) = find(report, &contest.id) else { return };
    out!("");
    text_out(&text::side_by_side(compared));
    out!("    {}", number_of_blocks(compared));
    remarks(held, contest, compared).iter().for_each(|line| out!("note: {line}"));
}

/// Facts without which the figures would mislead.
fn remarks(held: &Held, contest: &Contest, compared: &ComparisonReport) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(seen) = held.seen.get(&contest.id) {
        let mut all: Vec<_> =
            contest.entrants.iter().map(|one| one.name.as_str()).zip(seen).collect();
        all[..=contest.default].rotate_right(1);
        remarks.extend(complaints(&all));
    }
    let fastest = compared.workloads.iter().map(|workload| workload.time_ns).reduce(f64::min);
    if let (Some(start_ns), Some(fastest_ns)) = (held.start_ns, fastest)
        && fastest_ns < start_ns * STARTS
    {
        remarks.push(format!(
            "starting a process takes {} here (`true`), which is much of {}: the ratio of what the \
             programs themselves do is larger",
            text::time_ns(start_ns),
            text::time_ns(fastest_ns)
        ));
    }
    let has_memory = |workload: &str| {
        let of =
            |counted: &&simple_reports::analysis::Counted| counted.subject.workload == workload;
        compared.counted.iter().filter(of).any(|it| it.counts.contains_key("peak_memory_bytes"))
    };
    if !compared.workloads.iter().all(|workload| has_memory(&workload.subject.workload)) {
        remarks.push("peak memory is unknown where it is less than what lab itself has".to_owned());
    }
    remarks
}
