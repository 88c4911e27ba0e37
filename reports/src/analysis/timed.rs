//! One workload's times.

use super::Repeats;
use super::strata::{State, states};
use crate::stats::{Interval, median, median_interval, quantile, relative_mad};
use simple_records::{Instrument, Layout, Residency, Sample, Samples, Subject, Work};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// One round of one workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Its number, from 0.
    pub number: u32,
    /// Time per item of each sample in ns, in the order of measurement.
    pub samples_ns: Vec<f64>,
    /// Figure of the round, in ns: the median of the samples, or their lower quartile in a run of
    /// blocks.
    pub time_ns: f64,
}

/// The figure of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundFigure {
    /// The median of its samples.
    Median,
    /// Their lower quartile: what other programs take from a short turn only adds to times.
    LowerQuartile,
}

impl RoundFigure {
    /// The word for what it is a figure of.
    fn of_one(self) -> &'static str {
        match self {
            Self::Median => Repeats::Rounds.one(),
            Self::LowerQuartile => Repeats::Blocks.one(),
        }
    }

    fn of(self, samples_ns: &[f64]) -> Option<f64> {
        match self {
            Self::Median => median(samples_ns),
            Self::LowerQuartile => quantile(samples_ns, 0.25),
        }
    }
}

/// A workload's wall times.
#[derive(Debug, Clone)]
pub struct Timed {
    /// The workload; an iteration processes at least one item.
    pub subject: Subject,
    /// The work of one iteration.
    pub work: Work,
    /// Its rounds by number; at least one.
    pub rounds: Vec<Round>,
    /// Time per item in ns: the median of the rounds.
    pub time_ns: f64,
    /// Its states, the fastest first; empty if its times are of one kind. Of several, the median
    /// is a time that it hardly ever takes.
    pub states: Vec<State>,
    /// Interval of that median; `None` with one round.
    pub interval_ns: Option<Interval>,
    /// Median absolute deviation between rounds as a share of the median; `None` with one
    /// round.
    pub relative_mad: Option<f64>,
    /// Number of iterations that were discarded because their condition did not hold.
    pub discarded: u64,
    /// Pages in memory of files that had to be cold, over these rounds: iterations are added up,
    /// pages are maxima. `None` if no file had to be cold.
    pub residency: Option<Residency>,
    /// Layouts of its warm file in the page cache, of the rounds that say one.
    pub layouts: Vec<Layout>,
}

impl Timed {
    /// Returns whether several threads take part; true also where the record does not say.
    pub fn has_several_threads(&self) -> bool {
        has_several_threads(&self.work)
    }

    /// Items per second.
    pub fn items_per_s(&self) -> f64 {
        1e9 / self.time_ns
    }

    /// Bytes per item; `None` if the workload has no bytes.
    pub fn bytes_per_item(&self) -> Option<f64> {
        let bytes = self.work.bytes.filter(|bytes| *bytes > 0)?;
        Some(bytes as f64 / self.work.items as f64)
    }

    /// Bytes per second; `None` if the workload has no bytes.
    pub fn bytes_per_s(&self) -> Option<f64> {
        Some(self.items_per_s() * self.bytes_per_item()?)
    }

    /// Times by round, for pairing.
    pub fn by_round(&self) -> BTreeMap<u32, f64> {
        self.rounds.iter().map(|round| (round.number, round.time_ns)).collect()
    }
}

/// Returns whether several threads take part; true also where the record does not say.
pub(super) fn has_several_threads(work: &Work) -> bool {
    work.threads.is_none_or(|threads| threads > 1)
}

/// Figure of a block, in ns per item: the lower quartile of the samples. `None` without a usable
/// sample.
pub(super) fn block_time_ns(record: &Samples) -> Option<f64> {
    RoundFigure::LowerQuartile.of(&samples_ns(record))
}

/// Times per item of the usable samples, in ns.
fn samples_ns(record: &Samples) -> Vec<f64> {
    let of = |sample: &Sample| time_per_item_ns(*sample, record.work.items);
    record.samples.iter().filter_map(of).collect()
}

/// Puts the records of each workload together, in the order of their first appearance. Adds a
/// warning for whatever is left out.
pub(super) fn timed_workloads(
    records: Vec<Samples>,
    figure: RoundFigure,
    warnings: &mut Vec<String>,
) -> Vec<Timed> {
    let mut order: Vec<String> = Vec::new();
    let mut by_name: BTreeMap<String, Vec<Samples>> = BTreeMap::new();
    for record in records {
        if record.instrument != Instrument::Wall {
            warnings.push(format!(
                "{}: measured by '{}', which this report does not know; left out",
                record.subject.workload, record.instrument
            ));
            continue;
        }
        let of_workload = by_name.entry(record.subject.workload.clone()).or_default();
        if of_workload.is_empty() {
            order.push(record.subject.workload.clone());
        }
        of_workload.push(record);
    }
    let workloads = order.iter().filter_map(|name| by_name.remove(name));
    workloads.filter_map(|records| timed_workload(records, figure, warnings)).collect()
}

/// `None` if there is no round with usable samples.
fn timed_workload(
    records: Vec<Samples>,
    figure: RoundFigure,
    warnings: &mut Vec<String>,
) -> Option<Timed> {
    let mut rounds: BTreeMap<u32, Round> = BTreeMap::new();
    let (mut discarded, mut residency, mut layouts) = (0, None, Vec::new());
    for record in &records {
        let samples_ns = samples_ns(record);
        let left_out = record.samples.len() - samples_ns.len();
        if left_out > 0 || samples_ns.is_empty() {
            warnings.push(format!(
                "{}, {} {}: {left_out} of {} samples are no timings and are left out",
                record.subject.workload,
                figure.of_one(),
                record.round,
                record.samples.len()
            ));
        }
        let Some(time_ns) = figure.of(&samples_ns) else { continue };
        let round = Round { number: record.round, samples_ns, time_ns };
        if rounds.contains_key(&record.round) {
            warnings.push(format!(
                "{}, {} {}: there twice; the first is used",
                record.subject.workload,
                figure.of_one(),
                record.round
            ));
        }
        if let Entry::Vacant(entry) = rounds.entry(record.round) {
            entry.insert(round);
            discarded = record.discarded.saturating_add(discarded);
            residency = Residency::merge(residency, record.residency);
            layouts.extend(record.layout);
        }
    }
    let Samples { subject, mut work, .. } = records.into_iter().next()?;
    work.items = work.items.max(1);
    let rounds: Vec<Round> = rounds.into_values().collect();
    let times: Vec<f64> = rounds.iter().map(|round| round.time_ns).collect();
    let by_round = rounds.iter().map(|round| (round.number, round.time_ns)).collect();
    Some(Timed {
        states: states(&by_round),
        subject,
        work,
        time_ns: median(&times)?,
        interval_ns: median_interval(&times),
        relative_mad: relative_mad(&times),
        discarded,
        residency,
        layouts,
        rounds,
    })
}

/// `None` if it cannot have been measured.
fn time_per_item_ns(sample: Sample, items: u64) -> Option<f64> {
    let time_ns = sample.total_ns / sample.iterations as f64 / items as f64;
    // Too small or too large for its inverse is no time either.
    (time_ns.is_normal() && time_ns > 0.0 && time_ns.recip().is_normal()).then_some(time_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(round: u32, samples: &[(u64, f64)]) -> Samples {
        let sample = |&(iterations, total_ns)| Sample { iterations, total_ns };
        Samples {
            work: Work { items: 10, bytes: Some(40), threads: None },
            round,
            samples: samples.iter().map(sample).collect(),
            ..Samples::example(&[])
        }
    }

    /// Round 0: 5, 6, 50 ns per item, median 6. Round 1: 8, 10: median 9. Round 2: 7.
    /// Median of 6, 7, 9 is 7; deviations 1, 0, 2, median 1.
    #[test]
    fn medians_of_medians_by_hand() {
        let records = vec![
            record(0, &[(2, 100.0), (1, 60.0), (1, 500.0)]),
            record(1, &[(1, 80.0), (1, 100.0)]),
            record(2, &[(3, 210.0)]),
        ];
        let mut warnings = Vec::new();
        let all = timed_workloads(records, RoundFigure::Median, &mut warnings);
        let workload = &all[0];
        assert_eq!(workload.rounds[0].samples_ns, [5.0, 6.0, 50.0]);
        assert_eq!(workload.time_ns, 7.0);
        assert_eq!(workload.relative_mad, Some(1.0 / 7.0));
        let interval = workload.interval_ns.unwrap();
        assert_eq!((interval.low, interval.high, interval.coverage), (6.0, 9.0, 0.75));
        assert_eq!(workload.bytes_per_s(), Some(workload.items_per_s() * 4.0));
        assert_eq!(warnings, [""; 0]);
    }

    #[test]
    fn conditions_of_rounds_are_added_up() {
        let cold = |round, resident_pages_max| Samples {
            discarded: 2,
            residency: Some(Residency { iterations: 10, pages: 16, resident_pages_max }),
            ..record(round, &[(1, 10.0)])
        };
        // The last is there twice: what is not used is not counted.
        let records = vec![cold(0, 0), record(1, &[(1, 10.0)]), cold(2, 3), cold(2, 9)];
        let workload = &timed_workloads(records, RoundFigure::Median, &mut Vec::new())[0];
        let expected = Residency { iterations: 20, pages: 16, resident_pages_max: 3 };
        assert_eq!((workload.discarded, workload.residency), (4, Some(expected)));
    }

    #[test]
    fn what_is_no_timing_is_left_out_with_a_warning() {
        let records = vec![
            record(0, &[(0, 5.0), (1, 0.0), (1, -4.0), (1, f64::INFINITY), (1, 30.0)]),
            record(0, &[(1, 10.0)]),
            record(1, &[]),
        ];
        let mut warnings = Vec::new();
        let all = timed_workloads(records, RoundFigure::Median, &mut warnings);
        assert_eq!(all[0].rounds.len(), 1);
        assert_eq!(all[0].time_ns, 3.0);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(
            timed_workloads(vec![record(0, &[(0, 1.0)])], RoundFigure::Median, &mut warnings)
                .is_empty()
        );
    }

    #[test]
    fn of_a_block_the_lower_quartile_counts() {
        let records = vec![record(0, &[(1, 100.0), (1, 50.0), (1, 60.0), (1, 900.0), (1, 70.0)])];
        let all = timed_workloads(records, RoundFigure::LowerQuartile, &mut Vec::new());
        assert_eq!(all[0].time_ns, 6.0);
    }

    #[test]
    fn other_instruments_are_not_taken_for_times() {
        let mut counts = record(0, &[(1, 1000.0)]);
        counts.instrument = Instrument::Os;
        let mut warnings = Vec::new();
        assert!(timed_workloads(vec![counts], RoundFigure::Median, &mut warnings).is_empty());
        assert!(warnings[0].contains("'os'"));
    }
}
