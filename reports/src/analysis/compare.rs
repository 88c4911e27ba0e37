//! Two runs, compared workload by workload.

use super::{Counted, Latencies, Report, Timed};
use crate::stats::{Interval, Judgement, Ratio, judge, median, unpaired_ratio};
use simple_records::{Counter, Difference, Loop, RunStart};
use std::collections::{BTreeMap, BTreeSet};

/// The percentiles of latency that are compared.
const LATENCY_PERCENTILES: [&str; 3] = ["p50", "p99", "p99.9"];

/// Verdict on a workload in the later run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It takes less time.
    Better,
    /// It takes more time.
    Worse,
    /// The interval covers no change, or the change is negligible.
    Unclear,
    /// There are too few rounds to decide.
    TooFewRounds,
}

/// A workload's time in both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name.
    pub workload: String,
    /// Time an item in the earlier run, in ns.
    pub before_ns: f64,
    /// Time an item in the later run, in ns.
    pub after_ns: f64,
    /// Later time divided by earlier time; see [`unpaired_ratio`].
    pub ratio: Ratio,
    /// Verdict on the ratio, by [`judge`].
    pub verdict: Verdict,
}

/// A count of a workload in both runs, per iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct CountChange {
    /// The workload.
    pub workload: String,
    /// The instrument that counted.
    pub instrument: Counter,
    /// Name of the count, such as `instructions`.
    pub name: String,
    /// The count in the earlier run.
    pub before: f64,
    /// The count in the later run.
    pub after: f64,
}

impl CountChange {
    /// The change as a share of the earlier count (0.1: 10% more); `None` from zero to more.
    pub fn share(&self) -> Option<f64> {
        if self.before == self.after {
            return Some(0.0);
        }
        (self.before != 0.0).then(|| self.after / self.before - 1.0)
    }

    /// Returns whether it repeats exactly, so that every difference comes from the code. Counts by
    /// the system depend on what else it does.
    pub fn is_exact(&self) -> bool {
        self.instrument.is_exact()
    }
}

/// A percentile of latency at a rate in both runs: medians over rounds. They are shown without
/// a verdict, because the tails of a few rounds decide nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyChange {
    /// The workload.
    pub workload: String,
    /// Kind of loop that began operations.
    pub instrument: Loop,
    /// Offered rate in operations/s; `None` in a closed loop.
    pub offered_per_s: Option<f64>,
    /// Name of the percentile, such as `p99`.
    pub percentile: String,
    /// Latency in the earlier run, in ns.
    pub before_ns: f64,
    /// Latency in the later run, in ns.
    pub after_ns: f64,
}

impl LatencyChange {
    /// Later latency divided by earlier latency.
    pub fn ratio(&self) -> f64 {
        self.after_ns / self.before_ns
    }
}

/// An earlier run (A) and a later one (B).
#[derive(Debug, Clone, PartialEq)]
pub struct RunComparison {
    /// Start of A, with machine and settings.
    pub before: RunStart,
    /// Start of B.
    pub after: RunStart,
    /// Differences that forbid to compare figures; empty if there are none.
    pub differences: Vec<Difference>,
    /// Other differences that may matter, in sentences.
    pub notes: Vec<String>,
    /// Workloads with times in both, the largest change first.
    pub changes: Vec<Change>,
    /// Counts of both, the largest change first.
    pub counts: Vec<CountChange>,
    /// Latencies of both at the same rates, the largest change first.
    pub latencies: Vec<LatencyChange>,
    /// Median of all ratios of time, which a slower or faster machine alone would change. `None`
    /// if no workload has times in both.
    pub overall: Option<f64>,
    /// Workloads that only A has figures of, by name.
    pub only_before: Vec<String>,
    /// Workloads that only B has figures of, by name.
    pub only_after: Vec<String>,
}

impl Change {
    /// Returns whether its verdict is open, and no change at all lies in its interval.
    pub fn is_within_interval(&self) -> bool {
        let has_none = |interval: Interval| interval.low <= 1.0 && interval.high >= 1.0;
        self.verdict == Verdict::Unclear && self.ratio.interval.is_some_and(has_none)
    }
}

impl RunComparison {
    /// Compares `after` with `before`, also where their fingerprints forbid it: then
    /// [`RunComparison::differences`] says so.
    pub fn new(before: &Report, after: &Report) -> Self {
        let changes = changes(before, after);
        let ratios: Vec<f64> = changes.iter().map(|change| change.ratio.median).collect();
        let (names_before, names_after) = (names(before), names(after));
        let missing = |from: &BTreeSet<String>, other: &BTreeSet<String>| {
            from.difference(other).cloned().collect()
        };
        Self {
            before: before.start.clone(),
            after: after.start.clone(),
            differences: before.start.fingerprint.differences(&after.start.fingerprint),
            notes: notes(&before.start, &after.start),
            changes,
            counts: counts(before, after),
            latencies: latencies(before, after),
            overall: median(&ratios),
            only_before: missing(&names_before, &names_after),
            only_after: missing(&names_after, &names_before),
        }
    }

    /// Number of workloads with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.changes.iter().filter(|change| change.verdict == verdict).count()
    }

    /// The change of a workload's time.
    pub fn change(&self, workload: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.workload == workload)
    }
}

fn changes(before: &Report, after: &Report) -> Vec<Change> {
    let earlier: BTreeMap<&str, &Timed> =
        before.workloads().map(|workload| (workload.subject.workload.as_str(), workload)).collect();
    let change = |after: &Timed| {
        let before = earlier.get(after.subject.workload.as_str())?;
        let times = |w: &Timed| -> Vec<f64> { w.rounds.iter().map(|r| r.time_ns).collect() };
        let ratio = unpaired_ratio(&times(after), &times(before))?;
        Some(Change {
            workload: after.subject.workload.clone(),
            before_ns: before.time_ns,
            after_ns: after.time_ns,
            ratio,
            verdict: match judge(ratio) {
                Judgement::Faster(_) => Verdict::Worse,
                Judgement::Slower(_) => Verdict::Better,
                Judgement::NoDifference { .. } => Verdict::Unclear,
                Judgement::TooFewRounds { .. } => Verdict::TooFewRounds,
            },
        })
    };
    let mut changes: Vec<Change> = after.workloads().filter_map(change).collect();
    let size = |change: &Change| change.ratio.median.ln().abs();
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    changes
}

fn counted(report: &Report) -> impl Iterator<Item = &Counted> {
    report.comparisons.iter().flat_map(|compared| &compared.counted)
}

fn counts(before: &Report, after: &Report) -> Vec<CountChange> {
    let key = |counted: &Counted| (counted.subject.workload.clone(), counted.instrument);
    let earlier: BTreeMap<_, &Counted> = counted(before).map(|c| (key(c), c)).collect();
    let mut changes = Vec::new();
    for after in counted(after) {
        let Some(before) = earlier.get(&key(after)) else { continue };
        for (name, count) in &after.counts {
            let Some(earlier) = before.counts.get(name) else { continue };
            changes.push(CountChange {
                workload: after.subject.workload.clone(),
                instrument: after.instrument,
                name: name.clone(),
                before: *earlier,
                after: *count,
            });
        }
    }
    let size = |change: &CountChange| match change.share() {
        Some(share) => share.abs(),
        None => f64::INFINITY,
    };
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    changes
}

fn latencies(before: &Report, after: &Report) -> Vec<LatencyChange> {
    let all = |report: &Report| -> Vec<Latencies> {
        report.comparisons.iter().flat_map(|compared| compared.latencies.clone()).collect()
    };
    let (earlier, later) = (all(before), all(after));
    let same = |a: &Latencies, b: &Latencies| {
        a.subject.workload == b.subject.workload
            && a.instrument == b.instrument
            && a.offered_per_s == b.offered_per_s
    };
    let mut changes = Vec::new();
    for after in &later {
        let Some(before) = earlier.iter().find(|before| same(before, after)) else { continue };
        for percentile in LATENCY_PERCENTILES {
            let of = |latencies: &Latencies| latencies.percentiles_ns.get(percentile).copied();
            let (Some(before_ns), Some(after_ns)) = (of(before), of(after)) else { continue };
            if before_ns > 0.0 && after_ns > 0.0 {
                changes.push(LatencyChange {
                    workload: after.subject.workload.clone(),
                    instrument: after.instrument,
                    offered_per_s: after.offered_per_s,
                    percentile: percentile.to_owned(),
                    before_ns,
                    after_ns,
                });
            }
        }
    }
    let size = |change: &LatencyChange| change.ratio().ln().abs();
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    changes
}

/// All workloads with figures of any instrument.
fn names(report: &Report) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        report.workloads().map(|w| w.subject.workload.clone()).collect();
    for compared in &report.comparisons {
        names.extend(compared.counted.iter().map(|counted| counted.subject.workload.clone()));
        names.extend(compared.latencies.iter().map(|latency| latency.subject.workload.clone()));
    }
    names
}

/// Differences that do not forbid a comparison, but that a reader should know.
fn notes(before: &RunStart, after: &RunStart) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differ = |what: &str, one: String, other: String| {
        if one != other {
            notes.push(format!("{what}: {one} in the first run, {other} in the second"));
        }
    };
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let (one, other) = (&before.fingerprint, &after.fingerprint);
    differ("profile", before.effort.to_string(), after.effort.to_string());
    let names: BTreeSet<&String> = before.settings.keys().chain(after.settings.keys()).collect();
    for name in names {
        let of = |start: &RunStart| or_unknown(&start.settings.get(name).cloned());
        differ(name, of(before), of(after));
    }
    differ("measured by", before.tool.clone(), after.tool.clone());
    differ(
        "frequency governor",
        or_unknown(&one.frequency_governor),
        or_unknown(&other.frequency_governor),
    );
    differ(
        "valgrind, which counts instructions",
        or_unknown(&one.valgrind),
        or_unknown(&other.valgrind),
    );
    if one.cpu_features != other.cpu_features {
        notes.push(
            "the processors offer different extensions: libraries may choose other code".to_owned(),
        );
    }
    notes
}
