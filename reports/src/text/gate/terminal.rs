//! A gate's verdict for a terminal: plain text, the verdict first.

use super::list::NameList;
use super::row::{RowKind, RowText, table};
use super::view::GateView;
use crate::text::bench_terminal;
use crate::text::sentence::Sentence;
use crate::text::table::Table;
use crate::text::terminal::table_text;
use std::fmt::{self, Write};

/// Maximum number of functions per workload.
const MOST_FUNCTIONS: usize = 5;

/// Maximum number of names in a list.
const MOST_NAMES: usize = 10;

/// The whole verdict, with a line break at its end.
pub fn gate_terminal(view: &GateView) -> String {
    let mut text = String::new();
    write(&mut text, view).expect("a string takes what is written to it");
    text
}

fn write(out: &mut String, view: &GateView) -> fmt::Result {
    writeln!(out, "{}: {}", view.word, view.builds)?;
    write_sentences(out, &view.why)?;
    writeln!(out, "Gate {}, {}", view.run, view.measured)?;
    write_rows(out, view)?;
    for row in view.rows.iter().filter(|row| row.kind != RowKind::Waived) {
        write_functions(out, row)?;
    }
    writeln!(out, "\n{}", view.outcomes)?;
    view.left_out.iter().try_for_each(|list| write_list(out, list))?;
    for note in &view.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out, "\nHow far to trust the gate:")?;
    write_sentences(out, &view.trust)?;
    if let Some(bench) = view.bench {
        write!(out, "\n{}", bench_terminal(bench))?;
    }
    if !view.steps.is_empty() {
        writeln!(out, "\nWhat to do:")?;
    }
    write_sentences(out, &view.steps)
}

fn write_sentences(out: &mut String, sentences: &[Sentence]) -> fmt::Result {
    sentences.iter().try_for_each(|sentence| writeln!(out, "  {sentence}"))
}

fn write_rows(out: &mut String, view: &GateView) -> fmt::Result {
    let is_shown = |row: &&RowText| row.kind != RowKind::Unchanged;
    let rows: Vec<&RowText> = view.rows.iter().filter(is_shown).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = table(&rows);
    align_left(&mut table, 1);
    write!(out, "\n{}", table_text(&table))?;
    for waiver in &view.waivers {
        writeln!(out, "    waived {}: {}: {}", waiver.until, waiver.workload, waiver.reason)?;
    }
    Ok(())
}

/// Aligns a column of words to the left: tables align all but the first to the right.
fn align_left(table: &mut Table, column: usize) {
    let mut cells: Vec<&mut String> = std::iter::once(&mut table.header)
        .chain(&mut table.rows)
        .filter_map(|line| line.get_mut(column))
        .collect();
    let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
    cells.iter_mut().for_each(|cell| **cell = format!("{cell:<width$}"));
}

fn write_functions(out: &mut String, row: &RowText) -> fmt::Result {
    let Some(grown) = &row.grown else { return Ok(()) };
    writeln!(
        out,
        "\nFunctions of {} that grew, in instructions of {}:",
        row.workload, grown.scope
    )?;
    write!(out, "{}", table_text(&grown.table(MOST_FUNCTIONS)))?;
    match &grown.files[..] {
        [] => Ok(()),
        files => writeln!(out, "    profiles: {}", files.join(", ")),
    }
}

fn write_list(out: &mut String, list: &NameList) -> fmt::Result {
    writeln!(out, "{}:", list.title)?;
    for name in list.names.iter().take(MOST_NAMES) {
        writeln!(out, "    {name}")?;
    }
    match list.names.len().saturating_sub(MOST_NAMES) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more; all are in the HTML report"),
    }
}
