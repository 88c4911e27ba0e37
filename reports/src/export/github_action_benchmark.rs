//! The custom format of github-action-benchmark, `tool: customSmallerIsBetter`:
//! <https://github.com/benchmark-action/github-action-benchmark#examples>.
//!
//! An array of objects with `name`, `unit` and `value`; `range` and `extra` are texts.

use crate::analysis::{Report, Timed};
use crate::text::percent;
use serde::Serialize;

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

pub(super) fn json(report: &Report) -> Result<String, serde_json::Error> {
    let entries: Vec<Entry> = report.workloads().map(entry).collect();
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}

fn entry(workload: &Timed) -> Entry<'_> {
    let interval = workload.interval_ns.map(|interval| {
        let coverage = percent(interval.coverage);
        format!("median in [{:.4}, {:.4}] with {coverage}", interval.low, interval.high)
    });
    let extra = std::iter::once(format!("{} rounds", workload.rounds.len())).chain(interval);
    // The action shows it after the value: half of the interval's width is what fits there.
    let range = workload.interval_ns.map(|i| format!("± {:.4}", (i.high - i.low) / 2.0));
    Entry {
        name: &workload.subject.workload,
        unit: "ns/item",
        value: workload.time_ns,
        range,
        extra: extra.collect::<Vec<_>>().join("\n"),
    }
}
