//! The costs of alternatives side by side: times, and the counts that were made.

use super::number::{bytes, count, time_ns, time_with_interval};
use super::phrase::series_label;
use super::table::Table;
use super::terminal::table_text;
use crate::analysis::{ComparisonReport, Timed};

/// `30 blocks`, the most that any alternative has.
pub fn number_of_blocks(compared: &ComparisonReport) -> String {
    let blocks = compared.workloads.iter().map(|workload| workload.rounds.len()).max();
    match blocks.unwrap_or(0) {
        1 => "1 block".to_owned(),
        blocks => format!("{blocks} blocks"),
    }
}

/// A count beside times: its name in records, its title, and how a value is shown.
type Column = (&'static str, &'static str, fn(f64) -> String);

/// All counts, in the order of the table.
const COUNTS: [Column; 8] = [
    ("processor_time_ns", "processor time", time_ns),
    ("peak_memory_bytes", "peak memory", bytes),
    ("page_faults_minor", "page faults", count),
    ("page_faults_major", "faults from disk", count),
    ("context_switches_voluntary", "waits", count),
    ("context_switches_involuntary", "preempted", count),
    ("wakes", "wakes", count),
    ("instructions", "instructions", count),
];

/// A table of the alternatives of a comparison, a line each: time, and the counts that were made.
pub fn side_by_side(compared: &ComparisonReport) -> String {
    let value = |workload: &Timed, name: &str| {
        let of = |counted: &&crate::analysis::Counted| {
            counted.subject.workload == workload.subject.workload
        };
        compared.counted.iter().filter(of).find_map(|counted| counted.counts.get(name).copied())
    };
    // A column of nothing but zeros would say nothing.
    let is_there = |name: &str| {
        let values = compared.workloads.iter().filter_map(|workload| value(workload, name));
        values.into_iter().any(|value| value > 0.0)
    };
    let shown: Vec<_> = COUNTS.into_iter().filter(|(name, ..)| is_there(name)).collect();
    let mut header = vec![compared.comparison.series_axis.clone(), "time".to_owned()];
    header.extend(shown.iter().map(|(_, title, _)| (*title).to_owned()));
    let row = |workload: &Timed| {
        let name = compared.series_name(workload);
        let mut row = vec![series_label(compared, &name, workload.subject.peer)];
        row.push(time_with_interval(workload.time_ns, workload.interval_ns));
        row.extend(
            shown
                .iter()
                .map(|(name, _, show)| value(workload, name).map_or_else(|| "–".to_owned(), show)),
        );
        row
    };
    let rows = compared.workloads.iter().map(row).collect();
    table_text(&Table { caption: String::new(), header, rows })
}
