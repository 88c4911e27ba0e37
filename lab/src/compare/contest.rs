//! The alternatives of one question, and the null control beside them.

use super::command::Measured;
use super::process::Finished;
use super::stats::Stats;
use crate::owned::Usage;
use simple_records::{Axes, Comparison, Display, NULL_CONTROL, Scale, Subject, Work};
use simple_reports::stats::median;
use std::collections::BTreeMap;

/// The x axis, which has one place: nothing is known of a program but its whole.
const X_AXIS: &str = "time of";
const X_VALUE: &str = "a whole process";
/// The axis of the two sides of a null control.
const NULL_AXIS: &str = "time";

/// One alternative.
#[derive(Debug, Clone)]
pub(crate) struct Entrant {
    /// Its value on the axis of alternatives.
    pub(crate) name: String,
    /// The command to run.
    pub(crate) command: Measured,
    /// A script before each process, which is not timed.
    pub(crate) prepare: Option<String>,
}

/// Alternatives, of which one is the default.
#[derive(Debug, Clone)]
pub(crate) struct Contest {
    /// Id of the comparison in records.
    pub(crate) id: String,
    /// The question.
    pub(crate) title: String,
    /// The axis of alternatives.
    pub(crate) axis: &'static str,
    /// At least two.
    pub(crate) entrants: Vec<Entrant>,
    /// Index of the default.
    pub(crate) default: usize,
    /// Treatment of alternatives that cannot be measured.
    pub(crate) unfit: Unfit,
}

/// Treatment of alternatives other than the default that cannot be measured: they fail, or do not
/// end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// They end the measurement.
    EndsIt,
    /// The others are measured without them.
    LeftOut,
}

/// A side of the null control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copy {
    /// The processes of the default.
    First,
    /// More of the same.
    Second,
}

/// The work of one process.
pub(crate) const WORK: Work = Work { items: 1, bytes: None, threads: None };

impl Contest {
    /// The default.
    pub(crate) fn default(&self) -> &Entrant {
        &self.entrants[self.default]
    }

    /// The comparison of the alternatives.
    pub(crate) fn comparison(&self) -> Comparison {
        Comparison {
            id: self.id.clone(),
            title: self.title.clone(),
            explanation: "Whole processes, from their start to their end, in blocks in which the \
                          alternatives take turns in random order."
                .to_owned(),
            x_axis: X_AXIS.to_owned(),
            x_scale: Scale::Category,
            series_axis: self.axis.to_owned(),
            facet_axis: None,
            defaults: Axes::default().with(self.axis, self.default().name.as_str()),
            item: "process".to_owned(),
            display: Display::TimePerItem,
        }
    }

    /// Id of the comparison of the default with itself.
    pub(crate) fn null_id(&self) -> String {
        format!("{}{NULL_CONTROL}", self.id)
    }

    /// The comparison of the default with itself.
    pub(crate) fn null(&self) -> Comparison {
        Comparison {
            id: self.null_id(),
            title: format!("Null control: {} twice", self.default().name),
            explanation: "The default runs a second time in each block. The two cannot differ; if \
                          they seem to, no verdict of this run is to be trusted."
                .to_owned(),
            series_axis: NULL_AXIS.to_owned(),
            defaults: Axes::default(),
            ..self.comparison()
        }
    }

    /// The alternative of this index, as a workload.
    pub(crate) fn subject(&self, index: usize) -> Subject {
        let name = self.entrants[index].name.as_str();
        Subject {
            workload: format!("{}/{name}", self.id),
            comparison: self.id.clone(),
            reason: self.title.clone(),
            axes: Axes::default().with(self.axis, name).with(X_AXIS, X_VALUE),
            peer: false,
        }
    }

    /// A side of the null control, as a workload.
    pub(crate) fn null_subject(&self, side: Copy) -> Subject {
        let name = match side {
            Copy::First => "first",
            Copy::Second => "second",
        };
        Subject {
            workload: format!("{}/{name}", self.null_id()),
            comparison: self.null_id(),
            reason: "to see how far two equal things seem to differ".to_owned(),
            axes: Axes::default().with(NULL_AXIS, name).with(X_AXIS, X_VALUE),
            peer: false,
        }
    }
}

/// A count of the kernel: its name in records, and its value.
type Figure = (&'static str, fn(&Usage) -> u64);

/// Counts of processes of one alternative in one block: medians. Memory is left out if all of it
/// could be that of this program, which occupied `own_bytes` when it started them.
pub(crate) fn counts(finished: &[Finished], own_bytes: u64) -> BTreeMap<String, f64> {
    let figures: [Figure; 6] = [
        ("processor_time_ns", |usage| usage.processor_time_ns),
        ("peak_memory_bytes", |usage| usage.peak_memory_bytes),
        ("page_faults_minor", |usage| usage.page_faults_minor),
        ("page_faults_major", |usage| usage.page_faults_major),
        ("context_switches_voluntary", |usage| usage.switches_voluntary),
        ("context_switches_involuntary", |usage| usage.switches_involuntary),
    ];
    let count = |(name, of): Figure| {
        let all: Vec<f64> = finished.iter().map(|one| of(&one.usage) as f64).collect();
        Some((name.to_owned(), median(&all)?))
    };
    let mut counts: BTreeMap<String, f64> = figures.into_iter().filter_map(count).collect();
    let mut told: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, value) in
        finished.iter().filter_map(|one| one.stats.as_ref()).flat_map(Stats::counts)
    {
        told.entry(name).or_default().push(value);
    }
    counts.extend(told.into_iter().filter_map(|(name, all)| Some((name, median(&all)?))));
    counts.retain(|name, value| name != "peak_memory_bytes" || *value > own_bytes as f64);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn memory_that_may_be_our_own_is_not_told() {
        let of = |mib: u64| Finished {
            wall_ns: 1.0,
            usage: Usage {
                peak_memory_bytes: mib << 20,
                page_faults_minor: mib,
                ..Usage::default()
            },
            status: ExitStatus::from_raw(0),
            output: None,
            stats: None,
        };
        let all = [of(10), of(20), of(40)];
        let told = counts(&all, 19 << 20);
        assert_eq!(
            (told["peak_memory_bytes"], told["page_faults_minor"]),
            (f64::from(20 << 20), 20.0)
        );
        assert!(!counts(&all, 20 << 20).contains_key("peak_memory_bytes"));
    }
}
