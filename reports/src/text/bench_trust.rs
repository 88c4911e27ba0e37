//! Reliability of a run's verdicts on two alternatives: a heading and a table.

use super::gate::share;
use super::number::{percent, utc};
use super::table::Table;
use super::terminal::table_text;
use crate::judge::{BenchCurve, BenchLevel};
use std::fmt::Write;

/// Returns the table, with the heading as its caption.
pub(crate) fn bench_table(curve: &BenchCurve) -> Table {
    let header = ["one copy slowed by", "workloads", "trials", "right", "open", "wrong"];
    Table {
        caption: heading(curve),
        header: header.map(str::to_owned).to_vec(),
        rows: curve.levels.iter().map(row).collect(),
    }
}

/// Returns the heading, the table and the notes, with a line break at the end.
pub fn bench_terminal(curve: &BenchCurve) -> String {
    let table = bench_table(curve);
    let mut text = format!("{}:\n{}", table.caption, table_text(&table));
    for note in &curve.notes {
        writeln!(text, "note: {note}").expect("a string takes what is written to it");
    }
    text
}

/// `Verdicts of just bench on two copies of one alternative, on Example CPU (2026-01-31)`, and what
/// they were granted.
fn heading(curve: &BenchCurve) -> String {
    let day: String = utc(curve.started_unix_s).chars().take(10).collect();
    format!(
        "Verdicts of just bench on two copies of one alternative, on {} ({day}), within {} blocks \
         and with a chance of error of {} for each pair",
        curve.machine.as_deref().unwrap_or("an unknown machine"),
        curve.most_blocks,
        percent(curve.error)
    )
}

fn row(level: &BenchLevel) -> Vec<String> {
    let by = if level.by == 0.0 { "nothing".to_owned() } else { percent(level.by) };
    let count = |count: u64| count.to_string();
    vec![
        by,
        level.workloads.to_string(),
        count(level.wrong.trials),
        count(level.right.count),
        count(level.open.count),
        share(&level.wrong),
    ]
}
