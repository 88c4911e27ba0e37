//! Tables of what was measured beside time.

use super::ids::Ids;
use crate::analysis::{Counted, Group, Latencies};
use crate::present;
use simple_records::Subject;

/// What an iteration costs in things that are counted.
pub(super) struct CountTable {
    /// Names of what is counted.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<ExtraRow>,
}

/// Latencies at rates.
pub(super) struct LatencyTable {
    /// Names of percentiles, ascending.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<ExtraRow>,
}

/// One workload, one instrument.
pub(super) struct ExtraRow {
    /// The workload's card, if it has one.
    pub(super) href: Option<String>,
    /// Otherwise its first row is its anchor.
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) peer: bool,
    pub(super) instrument: String,
    /// The rates that were asked for and reached; empty for counts.
    pub(super) rates: Vec<(String, Option<f64>)>,
    pub(super) rounds: usize,
    /// As long as the header; a text and the number to sort by.
    pub(super) cells: Vec<(String, Option<f64>)>,
}

impl CountTable {
    pub(super) fn new(group: &Group, ids: &mut Ids) -> Option<Self> {
        let mut header: Vec<String> = Vec::new();
        for name in group.counted.iter().flat_map(|counted| counted.counts.keys()) {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        let row = |counted: &Counted| {
            let cell = |name: &String| match counted.counts.get(name) {
                Some(value) => (present::count(*value), Some(*value)),
                None => (String::new(), None),
            };
            let cells = header.iter().map(cell).collect();
            let rounds = counted.rounds;
            ExtraRow::new(
                group,
                &counted.subject,
                &counted.instrument,
                Vec::new(),
                rounds,
                cells,
                ids,
            )
        };
        let rows: Vec<ExtraRow> = group.counted.iter().map(row).collect();
        (!rows.is_empty()).then_some(Self { header, rows })
    }
}

impl LatencyTable {
    pub(super) fn new(group: &Group, ids: &mut Ids) -> Option<Self> {
        let mut header: Vec<String> = Vec::new();
        for name in group.latencies.iter().flat_map(|latency| latency.percentiles_ns.keys()) {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        header.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
        let row = |latency: &Latencies| {
            let cell = |name: &String| match latency.percentiles_ns.get(name) {
                Some(ns) => (present::time_ns(*ns), Some(*ns)),
                None => (String::new(), None),
            };
            let cells = header.iter().map(cell).collect();
            let offered = latency.offered_per_s;
            let reached = latency.achieved_per_s;
            let rates = vec![
                (offered.map_or("closed loop".to_owned(), present::rate_per_s), offered),
                (present::rate_per_s(reached), Some(reached)),
            ];
            ExtraRow::new(
                group,
                &latency.subject,
                &latency.instrument,
                rates,
                latency.rounds,
                cells,
                ids,
            )
        };
        let rows: Vec<ExtraRow> = group.latencies.iter().map(row).collect();
        (!rows.is_empty()).then_some(Self { header, rows })
    }
}

/// `p50` before `p99.9` before `max`.
fn rank(name: &str) -> f64 {
    match name {
        "min" => -1.0,
        "max" => 101.0,
        _ => name.trim_start_matches('p').parse().unwrap_or(102.0),
    }
}

impl ExtraRow {
    fn new(
        group: &Group,
        subject: &Subject,
        instrument: &str,
        rates: Vec<(String, Option<f64>)>,
        rounds: usize,
        cells: Vec<(String, Option<f64>)>,
        ids: &mut Ids,
    ) -> Self {
        let name = &subject.workload;
        let has_card = group.workloads.iter().any(|workload| workload.name == *name);
        Self {
            href: has_card.then(|| ids.of("w", name)),
            id: if has_card { None } else { ids.first("w", name) },
            name: subject.workload.clone(),
            peer: subject.peer,
            instrument: instrument.to_owned(),
            rates,
            rounds,
            cells,
        }
    }
}
