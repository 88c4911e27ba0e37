//! The whole summary for a terminal: plain text.

use super::command::amount;
use super::number::{noise_sentence, noise_word, probability, shift, utc};
use super::run::{ComparisonText, RunText};
use super::summary::{has_marks, tables};
use super::table::Table;
use super::{Digest, reproduce_run, reproduce_workload};
use crate::analysis::Repeats;
use crate::analysis::Report;
use std::fmt::{self, Write};

/// Maximum number of workloads without figures that are named.
const MISSING_SHOWN: usize = 10;

/// The whole summary, with a line break at its end.
pub fn terminal(report: &Report) -> String {
    let mut text = String::new();
    write(&mut text, &RunText::new(report)).expect("a string takes what is written to it");
    text
}

fn write(out: &mut String, run: &RunText) -> fmt::Result {
    let report = run.report;
    write_head(out, run)?;
    let (noise, repeats) = (&report.noise, Repeats::of(&report.start));
    writeln!(out, "Noise: {}. {}", noise_word(report), noise_sentence(noise, repeats))?;
    if report.round_shifts.len() > 1 {
        let shifts: Vec<String> = report.round_shifts.iter().map(|r| shift(r.shift)).collect();
        writeln!(out, "Whole rounds against the run: {}", shifts.join(", "))?;
    }
    for warning in &report.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    write_digest(out, &run.digest)?;
    for (comparison, sentence) in &run.questions.depending {
        writeln!(out, "Depends: {comparison}: {sentence}")?;
    }
    for open in &run.questions.open {
        let (comparison, sentence, command) = (&open.comparison, &open.sentence, &open.command);
        writeln!(out, "Open: {comparison}: {sentence} To settle it: {command}")?;
    }
    for comparison in &run.comparisons {
        write_comparison(out, comparison)?;
    }
    write_missing(out, report)?;
    writeln!(out)?;
    if run.comparisons.iter().any(|comparison| has_marks(comparison.figures)) {
        writeln!(out, "* clearly faster than every other alternative of the runtime.")?;
    }
    if let Some(coverage) = report.coverage() {
        let each = match report.pairs_judged() {
            0 | 1 => String::new(),
            pairs => format!(", for each of {pairs} pairs on its own"),
        };
        writeln!(
            out,
            "[a, b]: the median lies between a and b with a probability of {}{each}.",
            probability(coverage)
        )?;
    }
    writeln!(out, "Measure again: {}", reproduce_run(report))
}

/// The run, the machine, and how much is known.
pub(super) fn write_head(out: &mut String, run: &RunText) -> fmt::Result {
    let report = run.report;
    let start = &report.start;
    writeln!(out, "Run {}, {}, {}", start.run, amount(start), utc(start.started_unix_s))?;
    let machine = &start.fingerprint;
    if let Some(cpu) = &machine.cpu_model {
        writeln!(out, "On {cpu}")?;
    }
    if let Some(commit) = &machine.commit {
        let changed = if machine.modified == Some(true) { ", with changes" } else { "" };
        writeln!(out, "Commit {commit}{changed}")?;
    }
    writeln!(out, "{}", report.census.headline())?;
    match run.questions.headline() {
        headline if headline.is_empty() => Ok(()),
        headline => writeln!(out, "{headline}"),
    }
}

fn write_digest(out: &mut String, digest: &Digest) -> fmt::Result {
    if *digest != Digest::default() {
        writeln!(out)?;
    }
    if !digest.verdicts.is_empty() {
        writeln!(out, "Verdicts:")?;
    }
    for (_, sentence) in &digest.verdicts {
        writeln!(out, "  {sentence}")?;
    }
    if !digest.changes.is_empty() {
        writeln!(out, "Faster than the default:")?;
    }
    for (comparison, sentence) in &digest.changes {
        writeln!(out, "  {comparison}: {sentence}")?;
    }
    if !digest.keeps.is_empty() {
        writeln!(out, "No reason to change the default: {}", digest.keeps.join(", "))?;
    }
    if !digest.slower.is_empty() {
        writeln!(out, "A peer is faster somewhere in: {}", digest.slower.join(", "))?;
    }
    Ok(())
}

fn write_comparison(out: &mut String, text: &ComparisonText) -> fmt::Result {
    let comparison = &text.figures.comparison;
    writeln!(out, "\n{}\n{}", comparison.id, comparison.title)?;
    for finding in &text.choices {
        writeln!(out, "  {finding}")?;
    }
    if !text.versus.is_empty() {
        writeln!(out, "  Against its peers:")?;
    }
    for sentence in &text.versus {
        writeln!(out, "    {sentence}")?;
    }
    for note in &text.notes {
        writeln!(out, "  Note: {note}")?;
    }
    for table in tables(text.figures) {
        writeln!(out, "  {}", table.caption)?;
        write_table(out, &table)?;
    }
    Ok(())
}

/// A table as text, with a line break at its end.
pub(super) fn table_text(table: &Table) -> String {
    let mut text = String::new();
    write_table(&mut text, table).expect("a string takes what is written to it");
    text
}

fn write_table(out: &mut String, table: &Table) -> fmt::Result {
    let lines = || std::iter::once(&table.header).chain(&table.rows);
    let width = |column: usize| {
        lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..table.header.len()).filter_map(width).collect();
    for line in lines() {
        let mut row = String::from("   ");
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            match column {
                0 => write!(row, " {cell:<width$}")?,
                _ => write!(row, "  {cell:>width$}")?,
            }
        }
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

fn write_missing(out: &mut String, report: &Report) -> fmt::Result {
    let missing = &report.census.missing;
    if missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot measured, or not to the end:")?;
    for (why, members) in report.census.missing_by_reason() {
        writeln!(out, "  {why}")?;
        for entry in members.iter().take(MISSING_SHOWN) {
            writeln!(out, "    {} ({})", entry.workload, entry.progress())?;
        }
        if members.len() > MISSING_SHOWN {
            let more = members.len() - MISSING_SHOWN;
            writeln!(out, "    and {more} more; all are in the HTML report")?;
        }
    }
    writeln!(out, "  try one: {}", reproduce_workload(report, &missing[0].workload))
}
