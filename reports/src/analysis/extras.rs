//! Measurements other than wall times: counts and latencies.

use crate::stats::median;
use simple_records::{Counter, Counts, Latency, Loop, Subject, Work};
use std::collections::BTreeMap;

/// Counts of one iteration of a workload, by one instrument.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The workload.
    pub subject: Subject,
    /// The work of one iteration.
    pub work: Work,
    /// The instrument that counted.
    pub instrument: Counter,
    /// Number of rounds in which it counted.
    pub rounds: usize,
    /// Medians over rounds, by name.
    pub counts: BTreeMap<String, f64>,
}

/// Latencies of one workload at one rate, measured by one instrument.
#[derive(Debug, Clone)]
pub struct Latencies {
    /// The workload.
    pub subject: Subject,
    /// The work of one iteration.
    pub work: Work,
    /// Kind of loop that began operations.
    pub instrument: Loop,
    /// Offered rate in operations/s; `None` in a closed loop.
    pub offered_per_s: Option<f64>,
    /// Achieved rate in operations/s: median over rounds.
    pub achieved_per_s: f64,
    /// Number of rounds.
    pub rounds: usize,
    /// Percentiles in ns: median over rounds, by name. Percentiles of different rounds are
    /// not merged into one distribution: each round is one observation of each percentile.
    pub percentiles_ns: BTreeMap<String, f64>,
    /// Latencies of each round, by its number.
    pub by_round: BTreeMap<u32, Observed>,
}

/// Latencies in one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Achieved rate in operations/s.
    pub achieved_per_s: f64,
    /// Percentiles in ns, by name.
    pub percentiles_ns: BTreeMap<String, f64>,
}

impl Latencies {
    /// One percentile in ns, by round, without rounds that had too few operations for it.
    pub fn percentile_by_round(&self, name: &str) -> BTreeMap<u32, f64> {
        let of = |(round, seen): (&u32, &Observed)| Some((*round, *seen.percentiles_ns.get(name)?));
        self.by_round.iter().filter_map(of).collect()
    }
}

impl Counted {
    /// A count per item, if it was counted.
    pub fn per_item(&self, name: &str) -> Option<f64> {
        Some(self.counts.get(name)? / self.work.items.max(1) as f64)
    }

    /// One entry per workload and instrument, in the order of the records.
    pub(super) fn all(records: Vec<Counts>) -> Vec<Self> {
        let same = |a: &Counts, b: &Counts| {
            a.subject.workload == b.subject.workload && a.instrument == b.instrument
        };
        let together = |records: Vec<Counts>| {
            let counts = medians(records.iter().flat_map(|record| &record.counts));
            let rounds = records.len();
            let first = records.into_iter().next()?;
            let Counts { subject, work, instrument, .. } = first;
            Some(Self { subject, work, instrument, rounds, counts })
        };
        group_by(records, same).into_iter().filter_map(together).collect()
    }
}

impl Latencies {
    /// One entry per workload, instrument and rate, in the order of the records.
    pub(super) fn all(records: Vec<Latency>) -> Vec<Self> {
        let same = |a: &Latency, b: &Latency| {
            a.subject.workload == b.subject.workload
                && a.instrument == b.instrument
                && a.offered_per_s == b.offered_per_s
        };
        let together = |records: Vec<Latency>| {
            let mut by_round = BTreeMap::new();
            for record in &records {
                let named = record.percentiles_ns.iter().map(|(k, v)| (k.clone(), *v as f64));
                let seen = Observed {
                    achieved_per_s: record.achieved_per_s,
                    percentiles_ns: named.collect(),
                };
                by_round.entry(record.round).or_insert(seen);
            }
            let achieved: Vec<f64> = by_round.values().map(|seen| seen.achieved_per_s).collect();
            let first = records.into_iter().next()?;
            Some(Self {
                subject: first.subject,
                work: first.work,
                instrument: first.instrument,
                offered_per_s: first.offered_per_s,
                achieved_per_s: median(&achieved)?,
                rounds: by_round.len(),
                percentiles_ns: medians(by_round.values().flat_map(|seen| &seen.percentiles_ns)),
                by_round,
            })
        };
        group_by(records, same).into_iter().filter_map(together).collect()
    }
}

fn medians<'a>(values: impl Iterator<Item = (&'a String, &'a f64)>) -> BTreeMap<String, f64> {
    let mut by_name: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
    for (name, value) in values {
        by_name.entry(name).or_default().push(*value);
    }
    let median = |(name, values): (&String, Vec<f64>)| Some((name.clone(), median(&values)?));
    by_name.into_iter().filter_map(median).collect()
}

/// Groups equal records, in the order of their first appearance.
fn group_by<T>(records: Vec<T>, same: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for record in records {
        match groups.iter_mut().find(|group| same(&group[0], &record)) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups
}
