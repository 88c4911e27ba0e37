//! A gate's report for a terminal: plain text, the verdict first.

use super::gate::{
    builds, is_waived, measured, not_measured, only_in, outcomes_line, table, verdict_word,
    waivers, why,
};
use super::gate_curve::curve_sentences;
use super::gate_next::next_steps;
use super::grown::{Grown, grown};
use super::number::{count, percent};
use super::table::Table;
use super::terminal::table_text;
use crate::judge::{GateReport, OperatingCurve, Row, Status};
use std::fmt::{self, Write};

/// Functions of a workload that are shown.
const FUNCTIONS_SHOWN: usize = 5;

/// How many names a list has before the rest is counted.
const NAMES_SHOWN: usize = 10;

/// The whole report, with a line break at its end.
pub fn gate_terminal(report: &GateReport, curve: Option<&OperatingCurve>) -> String {
    let mut text = String::new();
    write(&mut text, report, curve).expect("a string takes what is written to it");
    text
}

fn write(out: &mut String, report: &GateReport, curve: Option<&OperatingCurve>) -> fmt::Result {
    writeln!(out, "{}: {}", verdict_word(report.verdict), builds(report))?;
    for sentence in why(report) {
        writeln!(out, "  {sentence}")?;
    }
    writeln!(out, "Gate {}, {}", report.run, measured(report))?;
    write_rows(out, report)?;
    for row in report.rows.iter().filter(|row| !is_waived(row)) {
        write_functions(out, row)?;
    }
    writeln!(out, "\n{}", outcomes_line(report))?;
    for (title, names) in only_in(report) {
        write_list(out, &title, &names)?;
    }
    for (why, names) in not_measured(report) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        write_list(out, &format!("Not measured: {why}"), &names)?;
    }
    for note in &report.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out, "\nHow far to trust the gate:")?;
    for sentence in curve_sentences(curve, report.min_effect) {
        writeln!(out, "  {sentence}")?;
    }
    let steps = next_steps(report);
    if !steps.is_empty() {
        writeln!(out, "\nWhat to do:")?;
    }
    steps.iter().try_for_each(|step| writeln!(out, "  {}", step.replace('`', "")))
}

fn write_rows(out: &mut String, report: &GateReport) -> fmt::Result {
    let is_shown = |row: &&Row| !matches!(row.status, Status::Same | Status::NotMeasured);
    let rows: Vec<&Row> = report.rows.iter().filter(is_shown).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = table(report, &rows);
    left(&mut table, 1);
    write!(out, "\n{}", table_text(&table))?;
    for [workload, until, reason] in waivers(report) {
        writeln!(out, "    waived {until}: {workload}: {reason}")?;
    }
    Ok(())
}

/// Makes a column of words begin at its left end: tables align all but the first to the right.
fn left(table: &mut Table, column: usize) {
    let mut cells: Vec<&mut String> = std::iter::once(&mut table.header)
        .chain(&mut table.rows)
        .filter_map(|line| line.get_mut(column))
        .collect();
    let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
    cells.iter_mut().for_each(|cell| **cell = format!("{cell:<width$}"));
}

fn write_functions(out: &mut String, row: &Row) -> fmt::Result {
    let Some(profiled) = &row.profiled else { return Ok(()) };
    let grown = grown(profiled, FUNCTIONS_SHOWN);
    if grown.is_empty() {
        return Ok(());
    }
    let header = ["function", "base", "head", "more", "of the growth"];
    let cells = |one: &Grown| {
        let [base, head] = one.instructions.map(|n| count(n as f64));
        let share = one.share.map(percent).unwrap_or_default();
        vec![one.function.clone(), base, head, count(one.growth() as f64), share]
    };
    let table = Table {
        caption: String::new(),
        header: header.map(str::to_owned).to_vec(),
        rows: grown.iter().map(cells).collect(),
    };
    writeln!(out, "\nWhere {} grew, in instructions of {}:", row.workload, profiled.scope)?;
    write!(out, "{}", table_text(&table))?;
    match &profiled.files[..] {
        [] => Ok(()),
        files => writeln!(out, "    profiles: {}", files.join(", ")),
    }
}

fn write_list(out: &mut String, title: &str, names: &[&str]) -> fmt::Result {
    writeln!(out, "{title}:")?;
    for name in names.iter().take(NAMES_SHOWN) {
        writeln!(out, "    {name}")?;
    }
    match names.len().saturating_sub(NAMES_SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more; all are in the HTML report"),
    }
}
