//! The run compared with an earlier one.

use super::context::{Shared, short_commit};
use crate::analysis::Repeats;
use crate::analysis::{Change, CountChange, LatencyChange, RunComparison, Verdict};
use crate::plot::ForestAxis;
use crate::text;
use simple_records::{Difference, RunStart};

/// The data of `_changes.html`.
pub(super) struct Changes {
    /// The earlier and the later run: name, time, commit.
    pub(super) runs: [(String, String, Option<String>); 2],
    pub(super) differences: Vec<Difference>,
    pub(super) notes: Vec<String>,
    pub(super) headline: Vec<String>,
    pub(super) method: String,
    pub(super) axis: String,
    pub(super) times: Vec<TimeRow>,
    pub(super) counts: Vec<CountRow>,
    pub(super) has_inexact_counts: bool,
    pub(super) latencies: Vec<LatencyRow>,
    pub(super) only: Vec<Only>,
}

/// Workloads of one run only.
pub(super) struct Only {
    pub(super) title: &'static str,
    /// Names, with anchors if the page has them.
    pub(super) names: Vec<(String, Option<String>)>,
}

/// A workload's time in both runs; numbers for sorting beside their texts.
pub(super) struct TimeRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) before: String,
    pub(super) before_ns: f64,
    pub(super) after: String,
    pub(super) after_ns: f64,
    pub(super) picture: String,
    pub(super) change: String,
    pub(super) ratio: f64,
    pub(super) verdict: String,
    pub(super) class: &'static str,
}

/// A count in both runs.
pub(super) struct CountRow {
    pub(super) href: String,
    pub(super) workload: String,
    pub(super) instrument: &'static str,
    pub(super) name: String,
    pub(super) before: String,
    pub(super) before_count: f64,
    pub(super) after: String,
    pub(super) after_count: f64,
    pub(super) change: String,
    /// The change as a share; `None` from zero to more.
    pub(super) share: Option<f64>,
    pub(super) class: &'static str,
}

/// A percentile of latency in both runs.
pub(super) struct LatencyRow {
    pub(super) href: String,
    pub(super) workload: String,
    pub(super) rate: String,
    pub(super) offered_per_s: Option<f64>,
    pub(super) percentile: String,
    pub(super) before: String,
    pub(super) before_ns: f64,
    pub(super) after: String,
    pub(super) after_ns: f64,
    pub(super) change: String,
    pub(super) ratio: f64,
}

pub(super) fn changes(comparison: &RunComparison, shared: &mut Shared) -> Changes {
    let repeats = Repeats::of(&comparison.after);
    // Clear changes must fit on the axis.
    let is_clear = |change: &&Change| class(change.verdict) != "same";
    let clear = comparison.changes.iter().filter(is_clear).map(|change| &change.ratio);
    let axis = ForestAxis::changes(clear);
    let times = comparison.changes.iter().map(|change| TimeRow {
        href: shared.ids.anchor("w", &change.workload),
        name: change.workload.clone(),
        before: text::time_ns(change.before_ns),
        before_ns: change.before_ns,
        after: text::time_ns(change.after_ns),
        after_ns: change.after_ns,
        picture: axis.row(change.ratio, class(change.verdict)),
        change: text::change_of_time(change),
        ratio: change.ratio.median,
        verdict: text::verdict(change.verdict, repeats),
        class: class(change.verdict),
    });
    let times = times.collect();
    let (exact, inexact): (Vec<_>, Vec<_>) =
        comparison.counts.iter().partition(|change| change.is_exact());
    let counts = exact.into_iter().map(|change| count_row(change, shared)).collect();
    let latencies = comparison.latencies.iter().map(|change| latency_row(change, shared)).collect();
    let there = comparison.only_before.iter().map(|name| (name.clone(), None)).collect();
    let ids = &mut shared.ids;
    let here = comparison.only_after.iter().map(|name| (name.clone(), Some(ids.anchor("w", name))));
    let only = [
        Only { title: "Only in the first run", names: there },
        Only { title: "Only in the second run", names: here.collect() },
    ];
    Changes {
        runs: [&comparison.before, &comparison.after].map(run),
        differences: comparison.differences.clone(),
        notes: comparison.notes.clone(),
        headline: text::change_headline(comparison),
        method: text::change_method(comparison),
        axis: axis.labels(),
        times,
        counts,
        has_inexact_counts: !inexact.is_empty(),
        latencies,
        only: only.into_iter().filter(|only| !only.names.is_empty()).collect(),
    }
}

/// The class of a verdict's colour.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Unclear | Verdict::TooFewRounds => "same",
    }
}

/// The class of a count's colour: every difference of an exact count matters.
pub(super) fn count_class(change: &CountChange) -> &'static str {
    match change.after.total_cmp(&change.before) {
        _ if !change.is_exact() => "same",
        std::cmp::Ordering::Less => "better",
        std::cmp::Ordering::Greater => "worse",
        std::cmp::Ordering::Equal => "same",
    }
}

fn count_row(change: &CountChange, shared: &mut Shared) -> CountRow {
    CountRow {
        href: shared.ids.anchor("w", &change.workload),
        workload: change.workload.clone(),
        instrument: change.instrument.name(),
        name: change.name.clone(),
        before: text::count(change.before),
        before_count: change.before,
        after: text::count(change.after),
        after_count: change.after,
        change: text::count_change(change),
        share: change.share(),
        class: count_class(change),
    }
}

fn latency_row(change: &LatencyChange, shared: &mut Shared) -> LatencyRow {
    LatencyRow {
        href: shared.ids.anchor("w", &change.workload),
        workload: change.workload.clone(),
        rate: text::rate(change.offered_per_s),
        offered_per_s: change.offered_per_s,
        percentile: change.percentile.clone(),
        before: text::time_ns(change.before_ns),
        before_ns: change.before_ns,
        after: text::time_ns(change.after_ns),
        after_ns: change.after_ns,
        change: text::change_of(change.ratio()),
        ratio: change.ratio(),
    }
}

fn run(start: &RunStart) -> (String, String, Option<String>) {
    let commit = short_commit(start.fingerprint.commit.as_deref());
    (start.run.clone(), text::utc(start.started_unix_s), commit)
}
