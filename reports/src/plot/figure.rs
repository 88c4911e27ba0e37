//! The figure that a comparison is shown by, as numbers.

use crate::analysis::{ComparisonReport, State, Timed};
use crate::text::{self, bytes_per_s, count, rate_per_s, time_ns};
use simple_records::Display;

/// A value with its uncertainty, in ns, items/s, bytes/s or instructions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The median.
    pub value: f64,
    /// Lower end of the median's interval; the median itself with one round.
    pub low: f64,
    /// Upper end of the median's interval; the median itself with one round.
    pub high: f64,
}

/// The figures of a workload.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Marks {
    /// The figure, or that of its most frequent state.
    pub(super) main: Figure,
    /// Those of its other states.
    pub(super) others: Vec<Figure>,
}

impl Marks {
    /// One value without uncertainty.
    pub(super) fn exactly(value: f64) -> Self {
        Self { main: Figure { value, low: value, high: value }, others: Vec::new() }
    }

    /// Values that must fit on an axis.
    pub(super) fn ends(&self) -> Vec<f64> {
        let main = [self.main.low, self.main.high].into_iter();
        main.chain(self.others.iter().map(|figure| figure.value)).collect()
    }
}

/// Figure that a comparison's times are drawn by: its own, or time if bytes or counts are
/// missing. Latencies have plots of their own.
pub(super) fn display(compared: &ComparisonReport) -> Display {
    let has_bytes =
        || compared.workloads.iter().all(|workload| workload.bytes_per_item().is_some());
    let has_counts =
        || compared.workloads.iter().all(|workload| instructions(compared, workload).is_some());
    match compared.comparison.display {
        Display::BytesPerSecond if !has_bytes() => Display::TimePerItem,
        Display::Instructions if !has_counts() => Display::TimePerItem,
        Display::LatencyNs => Display::TimePerItem,
        display => display,
    }
}

/// Instructions per item.
fn instructions(compared: &ComparisonReport, workload: &Timed) -> Option<f64> {
    let mut counted =
        compared.counted.iter().filter(|c| c.subject.workload == workload.subject.workload);
    let count = counted.find_map(|counted| counted.per_item("instructions"));
    count.filter(|count| count.is_normal() && *count > 0.0)
}

/// The figure of one workload, or one for each of its states: that of the most rounds, then the
/// others. The median of several states is a time that it hardly ever takes.
pub(super) fn of_workload(
    compared: &ComparisonReport,
    workload: &Timed,
    display: Display,
) -> Marks {
    let per_s = match display {
        Display::TimePerItem | Display::LatencyNs => None,
        Display::Instructions => {
            let value = instructions(compared, workload).unwrap_or(workload.time_ns);
            return Marks::exactly(value);
        }
        Display::ItemsPerSecond => Some(1e9),
        Display::BytesPerSecond => Some(1e9 * workload.bytes_per_item().unwrap_or(1.0)),
    };
    let figure = |time: f64, low: f64, high: f64| match per_s {
        None => Figure { value: time, low, high },
        Some(per_s) => Figure { value: per_s / time, low: per_s / high, high: per_s / low },
    };
    let mut states: Vec<&State> = workload.states.iter().collect();
    states.sort_by_key(|state| std::cmp::Reverse(state.rounds.len()));
    let mut states =
        states.into_iter().map(|state| figure(state.time_ns, state.time_ns, state.time_ns));
    match states.next() {
        Some(main) => Marks { main, others: states.collect() },
        None => {
            let time = workload.time_ns;
            let ends = workload.interval_ns.map_or((time, time), |i| (i.low, i.high));
            Marks { main: figure(time, ends.0, ends.1), others: Vec::new() }
        }
    }
}

/// Name of the figure: `time per task`. The axis adds the unit.
pub(super) fn name(compared: &ComparisonReport, display: Display) -> String {
    let item = &compared.comparison.item;
    match display {
        Display::TimePerItem | Display::LatencyNs => format!("time per {item}, lower is better"),
        Display::Instructions => format!("instructions per {item}, lower is better"),
        Display::ItemsPerSecond => format!("{} per second, higher is better", text::plural(item)),
        Display::BytesPerSecond => "bytes per second, higher is better".to_owned(),
    }
}

/// A value for people, with its unit.
pub(super) fn shown(value: f64, display: Display) -> String {
    match display {
        Display::TimePerItem | Display::LatencyNs => time_ns(value),
        Display::Instructions => count(value),
        Display::ItemsPerSecond => rate_per_s(value),
        Display::BytesPerSecond => bytes_per_s(value),
    }
}
