//! A report as an LCOV tracefile, in the form that lcov 2 reads and writes.
//!
//! * `BRDA`: the two outcomes of each decision, one block a decision, branch 0 for true and 1
//!   for false.
//! * `MCDC`: for each condition its two senses, "taken" if the masking form is covered. lcov
//!   tells the groups of a line apart by their size alone, so all decisions that begin on
//!   one line form one group, whose expressions name decision, column and condition.
//! * `DA`: the lines that decisions and conditions stand on, hit as often as the most
//!   frequent of them. Lines without either are not known here.
//!
//! The format has a line for each record and no escapes, so line breaks in a file name are
//! written as `%0A` and `%0D`. What has no file name or no line cannot be placed and is left
//! out. Paths have no record type.

use super::report::{DecisionRow, McdcRow, Report};
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

impl Report {
    /// The report as the text of an LCOV tracefile. The same data gives the same bytes.
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

/// What stands on one line of a file.
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

    /// The two totals that follow a kind of record, if there are any such records.
    fn totals(&mut self, found_tag: &str, found: usize, hit_tag: &str, hit: usize) {
        if found > 0 {
            self.line(format_args!("{found_tag}:{found}"));
            self.line(format_args!("{hit_tag}:{hit}"));
        }
    }
}

fn branches(out: &mut Output, lines: &Lines<'_>) {
    let (mut found, mut hit) = (0, 0);
    for (number, line) in lines {
        for (block, decision) in line.decisions.iter().enumerate() {
            for (branch, taken) in [decision.true_count, decision.false_count].iter().enumerate() {
                out.line(format_args!("BRDA:{number},{block},{branch},{taken}"));
                found += 1;
                hit += usize::from(*taken > 0);
            }
        }
    }
    out.totals("BRF", found, "BRH", hit);
}

fn mcdc(out: &mut Output, lines: &Lines<'_>) {
    let (mut found, mut hit) = (0, 0);
    for (number, line) in lines {
        let size: u32 = line.mcdc.iter().map(|row| row.conditions.count_ones()).sum();
        let conditions = line.mcdc.iter().flat_map(|row| {
            (0..u64::BITS).filter(|c| row.conditions >> c & 1 == 1).map(move |c| (row, c))
        });
        for (index, (row, condition)) in conditions.enumerate() {
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
