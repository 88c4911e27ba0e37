//! Tables of counts and latencies.

use super::changes::count_class;
use super::context::Shared;
use crate::analysis::{ComparisonReport, CountChange, Counted, Latencies};
use crate::text;

/// Counts per iteration.
pub(super) struct CountTable {
    /// Names of the counts.
    pub(super) header: Vec<String>,
    /// Counts whose change since the baseline is shown.
    pub(super) changed: Vec<String>,
    pub(super) rows: Vec<ExtraRow>,
}

/// Latencies at rates.
pub(super) struct LatencyTable {
    /// Names of percentiles, ascending.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<ExtraRow>,
}

/// A row: one workload, in a table of latencies at one rate.
pub(super) struct ExtraRow {
    /// Anchor of the workload's card.
    pub(super) href: String,
    pub(super) name: String,
    pub(super) peer: bool,
    pub(super) instrument: String,
    /// Offered and achieved rate; empty for counts.
    pub(super) rates: Vec<(String, Option<f64>)>,
    pub(super) rounds: usize,
    /// One cell per title: the text, and the number to sort by.
    pub(super) cells: Vec<(String, Option<f64>)>,
    /// One entry per count that changed since the baseline: text, share to sort by, and class of
    /// the colour.
    pub(super) changes: Vec<Option<(String, Option<f64>, &'static str)>>,
}

impl CountTable {
    /// One row per workload, with the counts of all instruments.
    pub(super) fn new(compared: &ComparisonReport, shared: &mut Shared) -> Option<Self> {
        let mut header: Vec<String> = Vec::new();
        let mut workloads: Vec<(&str, Vec<&Counted>)> = Vec::new();
        for counted in &compared.counted {
            let name = counted.subject.workload.as_str();
            match workloads.iter_mut().find(|(other, _)| *other == name) {
                Some((_, members)) => members.push(counted),
                None => workloads.push((name, vec![counted])),
            }
            for name in counted.counts.keys() {
                if !header.contains(name) {
                    header.push(name.clone());
                }
            }
        }
        // Records are in random order.
        workloads.sort_by_key(|(name, _)| *name);
        let changed: Vec<String> = header
            .iter()
            .filter(|name| is_worth_a_column(compared, name, shared))
            .cloned()
            .collect();
        let rows =
            workloads.iter().map(|(_, counted)| count_row(counted, &header, &changed, shared));
        let rows: Vec<ExtraRow> = rows.collect();
        (!rows.is_empty()).then_some(Self { header, changed, rows })
    }
}

/// Returns whether the change of a count gets a column: always for instructions, and for other
/// exact counts if there is a change.
fn is_worth_a_column(compared: &ComparisonReport, name: &str, shared: &Shared) -> bool {
    compared.counted.iter().any(|counted| {
        let change = shared.count_change(&counted.subject.workload, counted.instrument, name);
        let is_worth =
            |c: &CountChange| c.is_exact() && (c.before != c.after || name == "instructions");
        change.is_some_and(is_worth)
    })
}

/// The row of one workload; `counted` are its counts.
fn count_row(
    counted: &[&Counted],
    header: &[String],
    changed: &[String],
    shared: &mut Shared,
) -> ExtraRow {
    let subject = &counted[0].subject;
    let href = shared.ids.anchor("w", &subject.workload);
    let cell = |name: &String| match counted.iter().find_map(|c| c.counts.get(name)) {
        Some(value) => (text::count(*value), Some(*value)),
        None => (String::new(), None),
    };
    let change = |name: &String| {
        let by = counted.iter().find(|c| c.counts.contains_key(name))?;
        let change = shared.count_change(&subject.workload, by.instrument, name)?;
        Some((text::count_change(change), change.share(), count_class(change)))
    };
    let instruments: Vec<&str> = counted.iter().map(|c| c.instrument.name()).collect();
    ExtraRow {
        href,
        name: subject.workload.clone(),
        peer: subject.peer,
        instrument: instruments.join(", "),
        rates: Vec::new(),
        rounds: counted.iter().map(|c| c.rounds).min().unwrap_or(0),
        cells: header.iter().map(cell).collect(),
        changes: changed.iter().map(change).collect(),
    }
}

impl LatencyTable {
    pub(super) fn new(compared: &ComparisonReport, shared: &mut Shared) -> Option<Self> {
        let mut header: Vec<String> = Vec::new();
        for name in compared.latencies.iter().flat_map(|latency| latency.percentiles_ns.keys()) {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        header.sort_by(|a, b| percentile_rank(a).total_cmp(&percentile_rank(b)));
        let row = |latency: &Latencies| {
            let cell = |name: &String| match latency.percentiles_ns.get(name) {
                Some(ns) => (text::time_ns(*ns), Some(*ns)),
                None => (String::new(), None),
            };
            let offered = latency.offered_per_s;
            let reached = latency.achieved_per_s;
            ExtraRow {
                href: shared.ids.anchor("w", &latency.subject.workload),
                name: latency.subject.workload.clone(),
                peer: latency.subject.peer,
                instrument: latency.instrument.to_string(),
                rates: vec![
                    (offered.map_or("closed loop".to_owned(), text::rate_per_s), offered),
                    (text::rate_per_s(reached), Some(reached)),
                ],
                rounds: latency.rounds,
                cells: header.iter().map(cell).collect(),
                changes: Vec::new(),
            }
        };
        let rows: Vec<ExtraRow> = compared.latencies.iter().map(row).collect();
        (!rows.is_empty()).then_some(Self { header, rows })
    }
}

/// `p50` before `p99.9` before `max`.
pub(super) fn percentile_rank(name: &str) -> f64 {
    match name {
        "min" => -1.0,
        "max" => 101.0,
        _ => name.trim_start_matches('p').parse().unwrap_or(102.0),
    }
}
