//! Bencher Metric Format: <https://bencher.dev/docs/reference/bencher-metric-format/>.
//!
//! Benchmark name to measure to `value`, `lower_value`, `upper_value`. The measures `latency`
//! (nanoseconds) and `throughput` (operations per second) are Bencher's own.

use crate::analysis::{Report, Timed};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

pub(super) fn json(report: &Report) -> Result<String, serde_json::Error> {
    let benchmarks: BTreeMap<&str, BTreeMap<&str, Metric>> = report
        .workloads()
        .map(|workload| (workload.subject.workload.as_str(), measures(workload)))
        .collect();
    Ok(serde_json::to_string_pretty(&benchmarks)? + "\n")
}

fn measures(workload: &Timed) -> BTreeMap<&'static str, Metric> {
    let interval = workload.interval_ns;
    let latency = Metric {
        value: workload.time_ns,
        lower_value: interval.map(|interval| interval.low),
        upper_value: interval.map(|interval| interval.high),
    };
    let rates = interval.map(|interval| interval.map(|ns| 1e9 / ns));
    let throughput = Metric {
        value: workload.items_per_s(),
        lower_value: rates.map(|rates| rates.low),
        upper_value: rates.map(|rates| rates.high),
    };
    BTreeMap::from([("latency", latency), ("throughput", throughput)])
}
