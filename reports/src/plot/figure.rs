//! The figure that a comparison is shown by, as numbers.

use crate::analysis::{ComparisonReport, Timed};
use crate::text::{bytes_per_s, count, rate_per_s, time_ns};
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

/// The figure of one workload.
pub(super) fn of_workload(
    compared: &ComparisonReport,
    workload: &Timed,
    display: Display,
) -> Figure {
    let time = workload.time_ns;
    let ends = workload.interval_ns.map_or((time, time), |interval| (interval.low, interval.high));
    let per_s = match display {
        Display::TimePerItem | Display::LatencyNs => {
            return Figure { value: time, low: ends.0, high: ends.1 };
        }
        Display::Instructions => {
            let value = instructions(compared, workload).unwrap_or(time);
            return Figure { value, low: value, high: value };
        }
        Display::ItemsPerSecond => 1e9,
        Display::BytesPerSecond => 1e9 * workload.bytes_per_item().unwrap_or(1.0),
    };
    Figure { value: per_s / time, low: per_s / ends.1, high: per_s / ends.0 }
}

/// Name of the figure: `time per task`. The axis adds the unit.
pub(super) fn name(compared: &ComparisonReport, display: Display) -> String {
    let item = &compared.comparison.item;
    match display {
        Display::TimePerItem | Display::LatencyNs => format!("time per {item}, lower is better"),
        Display::Instructions => format!("instructions per {item}, lower is better"),
        Display::ItemsPerSecond => format!("{item}s per second, higher is better"),
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
