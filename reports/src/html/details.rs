//! One workload's card: its reason, its figures by instrument, its history, and commands that
//! measure it again.

use super::changes::{class, count_class};
use super::context::Shared;
use super::extras::percentile_rank;
use super::profile::{self, ProfileCard};
use super::trends;
use crate::analysis::{ComparisonReport, Counted, Latencies, Report, Timed};
use crate::plot;
use crate::text;
use simple_records::{Axes, Subject, Work};
use std::collections::HashSet;

/// Rounds of a workload whose figures are listed; a run of blocks has hundreds.
const LISTED_ROUNDS: usize = 15;

/// All about one workload.
pub(super) struct WorkloadCard {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) peer: bool,
    pub(super) axes: Vec<(String, String)>,
    pub(super) item: String,
    pub(super) work: String,
    pub(super) timed: Option<TimeFacts>,
    /// One entry per instrument.
    pub(super) counts: Vec<Counts>,
    pub(super) latencies: Option<LatencyRows>,
    /// Its change since the baseline, and the class of its colour.
    pub(super) change: Option<(String, &'static str)>,
    /// Its history: a picture and a sentence.
    pub(super) trend: Option<(String, String)>,
    pub(super) profile: Option<ProfileCard>,
    pub(super) command: String,
    pub(super) profile_command: Option<String>,
}

/// Its wall time.
pub(super) struct TimeFacts {
    /// One time, or the time and the number of rounds of each of several states.
    pub(super) times: Vec<(String, Option<usize>)>,
    pub(super) rates: String,
    pub(super) strip: String,
    pub(super) fastest: String,
    pub(super) slowest: String,
    pub(super) samples: usize,
    pub(super) rounds: String,
    pub(super) noise: String,
    pub(super) conditions: Option<String>,
}

/// Counts of one instrument.
pub(super) struct Counts {
    pub(super) instrument: &'static str,
    pub(super) counts: Vec<Count>,
}

/// A count with its change since the baseline.
pub(super) struct Count {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) change: Option<(String, &'static str)>,
}

/// Its latencies, one row per rate.
pub(super) struct LatencyRows {
    pub(super) header: Vec<String>,
    /// The rate, then a cell for each of the header.
    pub(super) rows: Vec<(String, Vec<String>)>,
}

/// The cards of a comparison's workloads: first those with times, then those that only other
/// instruments know.
pub(super) fn cards(
    report: &Report,
    compared: &ComparisonReport,
    shared: &mut Shared,
) -> Vec<WorkloadCard> {
    let mut cards: Vec<WorkloadCard> = compared
        .workloads
        .iter()
        .map(|workload| {
            let about = (&workload.subject, workload.work);
            card(report, compared, about, Some(timed(compared, workload)), shared)
        })
        .collect();
    let mut seen: HashSet<&str> =
        compared.workloads.iter().map(|w| w.subject.workload.as_str()).collect();
    let counted = compared.counted.iter().map(|counted| (&counted.subject, counted.work));
    let latencies = compared.latencies.iter().map(|latency| (&latency.subject, latency.work));
    let mut others: Vec<(&Subject, Work)> = counted.chain(latencies).collect();
    // Records are in random order.
    others.sort_by_key(|(subject, _)| &subject.workload);
    for (subject, work) in others {
        if seen.insert(&subject.workload) {
            cards.push(card(report, compared, (subject, work), None, shared));
        }
    }
    cards
}

fn card(
    report: &Report,
    compared: &ComparisonReport,
    (subject, work): (&Subject, Work),
    timed: Option<TimeFacts>,
    shared: &mut Shared,
) -> WorkloadCard {
    let name = &subject.workload;
    let item = &compared.comparison.item;
    let mut shown = format!("{} {}", text::exactly(work.items), text::plural(item));
    if let Some(bytes) = work.bytes {
        shown = format!("{shown}, {} bytes", text::exactly(bytes));
    }
    let of_workload = |other: &Subject| other.workload == *name;
    let counted = compared.counted.iter().filter(|counted| of_workload(&counted.subject));
    let latencies: Vec<&Latencies> =
        compared.latencies.iter().filter(|latency| of_workload(&latency.subject)).collect();
    let id = shared.ids.anchor("w", name);
    let profiled = shared.profiles.and_then(|profiles| profiles.of(name));
    let history = shared.history;
    let trend = history.and_then(|history| Some((history, history.trend(name)?)));
    WorkloadCard {
        name: name.clone(),
        reason: subject.reason.clone(),
        peer: subject.peer,
        axes: axes(&subject.axes),
        item: item.clone(),
        work: shown,
        timed,
        counts: counted.map(|counted| counts(counted, shared)).collect(),
        latencies: latency_rows(&latencies),
        change: shared.change(name).map(|change| {
            let verdict = text::verdict(change.verdict, compared.rules.rounds.into());
            (format!("{}: {verdict}", text::change(&change.ratio)), class(change.verdict))
        }),
        trend: trend.map(|(history, trend)| {
            (plot::spark(history, trend), trends::in_words(history, trend))
        }),
        profile: profiled.map(|profiled| profile::card(profiled, &id, shared)),
        command: text::reproduce_workload(report, name),
        profile_command: text::profile_workload(&report.start, name),
        id,
    }
}

fn axes(axes: &Axes) -> Vec<(String, String)> {
    axes.iter().map(|(name, at)| (name.to_owned(), at.to_string())).collect()
}

fn timed(compared: &ComparisonReport, workload: &Timed) -> TimeFacts {
    let item = &compared.comparison.item;
    let mut rates = text::by_state(workload, |time_ns| text::item_rate(1e9 / time_ns, item));
    if let Some(bytes) = workload.bytes_per_item() {
        let of_bytes = |time_ns: f64| text::bytes_per_s(1e9 / time_ns * bytes);
        rates = format!("{rates}, {}", text::by_state(workload, of_bytes));
    }
    let samples = || workload.rounds.iter().flat_map(|round| round.samples_ns.iter().copied());
    let rounds = workload.rounds.iter().take(LISTED_ROUNDS).map(|r| text::time_ns(r.time_ns));
    let mut rounds = rounds.collect::<Vec<_>>().join(", ");
    if let Some(more) = workload.rounds.len().checked_sub(LISTED_ROUNDS).filter(|more| *more > 0) {
        rounds = format!("{rounds} and {more} more");
    }
    TimeFacts {
        times: times(workload),
        rates,
        strip: plot::strip(workload),
        conditions: text::conditions(workload, compared.rules.rounds.into()),
        fastest: text::time_ns(samples().fold(f64::INFINITY, f64::min)),
        slowest: text::time_ns(samples().fold(0.0, f64::max)),
        samples: samples().count(),
        rounds,
        noise: workload.relative_mad.map_or("unknown".to_owned(), text::percent),
    }
}

/// The time with its interval, or each state with its number of rounds.
fn times(workload: &Timed) -> Vec<(String, Option<usize>)> {
    if workload.states.len() < 2 {
        return vec![(text::times_of(workload), None)];
    }
    let states = workload.states.iter();
    states.map(|state| (text::time_ns(state.time_ns), Some(state.rounds.len()))).collect()
}

fn counts(counted: &Counted, shared: &Shared) -> Counts {
    let workload = &counted.subject.workload;
    let count = |(name, value): (&String, &f64)| Count {
        name: name.clone(),
        value: text::count(*value),
        change: shared
            .count_change(workload, counted.instrument, name)
            .map(|change| (text::count_change(change), count_class(change))),
    };
    Counts {
        instrument: counted.instrument.name(),
        counts: counted.counts.iter().map(count).collect(),
    }
}

fn latency_rows(latencies: &[&Latencies]) -> Option<LatencyRows> {
    let mut header: Vec<&String> = Vec::new();
    for name in latencies.iter().flat_map(|latency| latency.percentiles_ns.keys()) {
        if !header.contains(&name) {
            header.push(name);
        }
    }
    header.sort_by(|a, b| percentile_rank(a).total_cmp(&percentile_rank(b)));
    let row = |latency: &&Latencies| {
        let rate = latency.offered_per_s.map_or("closed loop".to_owned(), text::rate_per_s);
        let cell = |name: &&String| match latency.percentiles_ns.get(*name) {
            Some(ns) => text::time_ns(*ns),
            None => String::new(),
        };
        (rate, header.iter().map(cell).collect())
    };
    let rows: Vec<_> = latencies.iter().map(row).collect();
    (!rows.is_empty()).then(|| LatencyRows { rows, header: header.into_iter().cloned().collect() })
}
