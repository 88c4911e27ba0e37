//! The verdict on a contest: what is printed, and the exit code.

use super::contest::Contest;
use super::outputs::complaints;
use super::session::{Held, find};
use crate::console::print::text_out;
use crate::out;
use simple_reports::analysis::{ComparisonReport, Pair, Report, Slowdown};
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
    let Some(compared) = find(report, &contest.id) else { return Outcome::Inconclusive };
    if report.is_untrusted(compared) {
        return Outcome::Inconclusive;
    }
    let Some(limit) = limit else { return Outcome::Pass };
    let pairs = compared.against_default();
    let missing = pairs.len() + 1 < contest.entrants.len();
    let each = pairs.iter().map(|pair| match pair.slowdown(limit) {
        Slowdown::Within => Outcome::Pass,
        Slowdown::Beyond if report.doubt(compared, pair).is_none() => Outcome::Slower,
        Slowdown::Beyond | Slowdown::Open => Outcome::Inconclusive,
    });
    let least = if missing { Outcome::Inconclusive } else { Outcome::Pass };
    each.fold(least, Outcome::max)
}

/// The verdicts in sentences, those of summaries: on the alternatives, on the limit, and on the null
/// control.
pub(crate) fn sentences(report: &Report, contest: &Contest, limit: Option<f64>) -> Vec<String> {
    let Some(compared) = find(report, &contest.id) else { return Vec::new() };
    let mut lines: Vec<String> =
        text::verdicts(report, compared).iter().map(ToString::to_string).collect();
    let pairs = compared.against_default();
    lines.extend(
        limit.iter().flat_map(|limit| {
            pairs.iter().filter_map(|pair| beyond(report, compared, pair, *limit))
        }),
    );
    lines.extend(text::null_control(report, compared));
    lines
}

/// The verdict on the slow-down that is allowed, a share; `None` if a pair keeps within it.
fn beyond(report: &Report, compared: &ComparisonReport, pair: &Pair, limit: f64) -> Option<String> {
    let name = compared.series_name(&compared.workloads[pair.one]);
    let limit_shown = text::percent(limit);
    match (pair.slowdown(limit), report.doubt(compared, pair)) {
        (Slowdown::Within, _) => None,
        (Slowdown::Beyond, None) => Some(format!("{name} is slower by more than {limit_shown}")),
        (Slowdown::Beyond, Some(doubt)) => Some(format!(
            "inconclusive: {name} seems to be slower by more than {limit_shown}, but {}",
            text::doubted(compared, &doubt)
        )),
        (Slowdown::Open, _) => Some(format!(
            "inconclusive: {name} may or may not be slower by more than {limit_shown}; --budget \
             gives it more time"
        )),
    }
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
