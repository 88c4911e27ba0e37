//! A report as an LCOV tracefile, in the form that lcov 2 reads and writes.
//!
//! * `BRDA`: the two outcomes of each decision, branch 0 for true and 1 for false. Files of several
//!   runs are merged by these numbers. So a decision's block depends only on its id and its column
//!   ([`block`]), and not on what else ran. (lcov 2.5 numbers the blocks of a line itself, in the
//!   order in which they appear; no number helps there.)
//! * `MCDC`: for each condition its two senses, "taken" if the masking form is covered. A decision
//!   is a group of its own: its conditions from the first one to the last that was evaluated. lcov
//!   identifies the groups of a line by their size alone, so decisions of one line with the same
//!   number of conditions form one group. Expressions name decision, column and condition: where
//!   two runs have different groups of one size, lcov reports it and merges neither.
//! * `DA`: the lines that contain decisions and conditions, with the hits of the most frequent of
//!   them. Lines without either are not known here.
//!
//! The format has a line for each record and no escapes, so line breaks in a file name are written
//! as `%0A` and `%0D`. Entries without a file name or a line cannot be placed and are left out.
//! Paths have no record type.

use super::report::{DecisionRow, McdcRow, Report};
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

impl Report {
    /// Returns the report as the text of an LCOV tracefile. The same data gives the same bytes.
    pub fn to_lcov(&self) -> String {
        let mut out = Output(String::new());
        for (file, lines) in self.files() {
            out.line("TN:");
            out.line(format_args!("SF:{}", one_line(file)));
            branches(&mut out, &lines);
            mcdc(&mut out, &lines);
            hits(&mut out, &lines);
            out.line("end_of_record");
        }
        out.0
    }

    fn files(&self) -> BTreeMap<&str, Lines<'_>> {
        let mut files: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
        for row in &self.decisions {
            if let Some(line) = place(&mut files, &row.file, row.line) {
                line.hits = line.hits.max(row.true_count.saturating_add(row.false_count));
                line.decisions.push(row);
            }
        }
        for row in &self.conditions {
            if let Some(line) = place(&mut files, &row.file, row.line) {
                line.hits = line.hits.max(row.true_count.saturating_add(row.false_count));
            }
        }
        for row in &self.mcdc {
            if let Some(line) = place(&mut files, &row.file, row.line) {
                line.mcdc.push(row);
            }
        }
        files
    }
}

/// The entries of one line of a file.
#[derive(Default)]
struct Line<'a> {
    hits: u64,
    decisions: Vec<&'a DecisionRow>,
    mcdc: Vec<&'a McdcRow>,
}

type Lines<'a> = BTreeMap<u32, Line<'a>>;

struct Output(String);

impl Output {
    fn line(&mut self, text: impl Display) {
        writeln!(self.0, "{text}").expect("writing to a String does not fail");
    }

    /// Writes the two totals that follow a kind of record, if there are any such records.
    fn totals(&mut self, found_tag: &str, found: usize, hit_tag: &str, hit: usize) {
        if found > 0 {
            self.line(format_args!("{found_tag}:{found}"));
            self.line(format_args!("{hit_tag}:{hit}"));
        }
    }
}

/// Returns the number of a decision's block, which is unique for each decision of a line. It is
/// small where possible: below 2^32 for columns below 2047 and ids below 2^21.
fn block(id: u32, column: u32) -> u128 {
    const COLUMNS: u128 = 2048;
    let (id, column) = (u128::from(id), u128::from(column));
    if column < COLUMNS - 1 { id * COLUMNS + column } else { (1 << 43) + (id << 32 | column) }
}

fn branches(out: &mut Output, lines: &Lines<'_>) {
    let (mut found, mut hit) = (0, 0);
    for (number, line) in lines {
        for decision in &line.decisions {
            let block = block(decision.id, decision.column);
            for (branch, taken) in [decision.true_count, decision.false_count].iter().enumerate() {
                out.line(format_args!("BRDA:{number},{block},{branch},{taken}"));
                found += 1;
                hit += usize::from(*taken > 0);
            }
        }
    }
    out.totals("BRF", found, "BRH", hit);
}

/// Returns the conditions of a decision as far as they are known: they are numbered without gaps,
/// and each evaluation begins with the first.
fn conditions(row: &McdcRow) -> std::ops::Range<u32> {
    row.conditions.trailing_zeros()..u64::BITS - row.conditions.leading_zeros()
}

/// Returns the groups of a line by their sizes. Decisions with the same size are joined.
fn groups<'r>(rows: &[&'r McdcRow]) -> BTreeMap<usize, Vec<&'r McdcRow>> {
    let size = |rows: &[&McdcRow]| rows.iter().map(|row| conditions(row).len()).sum::<usize>();
    let mut groups: BTreeMap<usize, Vec<&McdcRow>> = BTreeMap::new();
    for row in rows {
        let mut group = vec![*row];
        while let Some(mut other) = groups.remove(&size(&group)) {
            other.append(&mut group);
            group = other;
        }
        groups.insert(size(&group), group);
    }
    groups
}

fn mcdc(out: &mut Output, lines: &Lines<'_>) {
    let (mut found, mut hit) = (0, 0);
    for (number, line) in lines {
        for (size, rows) in groups(&line.mcdc) {
            let expressions =
                rows.iter().flat_map(|row| conditions(row).map(move |condition| (row, condition)));
            for (index, (row, condition)) in expressions.enumerate() {
                let taken = row.masking_covered >> condition & 1;
                for sense in ["t", "f"] {
                    out.line(format_args!(
                        "MCDC:{number},{size},{sense},{taken},{index},decision {} column {} condition {condition}",
                        row.decision_id, row.column
                    ));
                    found += 1;
                    hit += taken as usize;
                }
            }
        }
    }
    out.totals("MCF", found, "MCH", hit);
}

fn hits(out: &mut Output, lines: &Lines<'_>) {
    for (number, line) in lines {
        out.line(format_args!("DA:{number},{}", line.hits));
    }
    let hit = lines.values().filter(|line| line.hits > 0).count();
    out.totals("LF", lines.len(), "LH", hit);
}

fn place<'f, 'r>(
    files: &'f mut BTreeMap<&'r str, Lines<'r>>,
    file: &'r str,
    line: u32,
) -> Option<&'f mut Line<'r>> {
    (!file.is_empty() && line > 0).then(|| files.entry(file).or_default().entry(line).or_default())
}

fn one_line(file: &str) -> String {
    file.replace('\n', "%0A").replace('\r', "%0D")
}
