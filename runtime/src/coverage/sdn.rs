//! A report in the Simple Data Notation.

use super::report::Report;
use std::fmt::{Display, Write};

impl Report {
    /// Returns the report as SDN text. The same data gives the same bytes.
    pub fn to_sdn(&self) -> String {
        let mut out = String::from("# Coverage Report\nversion: 1.0\n");
        table(
            &mut out,
            "decisions |id, file, line, column, true_count, false_count|",
            &self.decisions,
            |row, r| {
                row.number(r.id).text(&r.file).number(r.line).number(r.column);
                row.number(r.true_count).number(r.false_count);
            },
        );
        table(
            &mut out,
            "conditions |decision_id, condition_id, file, line, column, true_count, false_count|",
            &self.conditions,
            |row, r| {
                row.number(r.decision_id).number(r.condition_id).text(&r.file);
                row.number(r.line).number(r.column).number(r.true_count).number(r.false_count);
            },
        );
        table(&mut out, "paths |path_id, blocks, hit_count|", &self.paths, |row, r| {
            row.number(r.path_id).array(&r.blocks).number(r.hit_count);
        });
        self.summary(&mut out);
        self.mcdc_table(&mut out);
        self.beyond_tables(&mut out);
        out
    }

    fn summary(&self, out: &mut String) {
        let parts = [
            ("decision", self.decisions.len(), self.covered_decisions()),
            ("condition", self.conditions.len(), self.covered_conditions()),
            ("path", self.paths.len(), self.covered_paths()),
        ];
        out.push_str("\nsummary:\n");
        for (name, total, covered) in parts {
            line(out, format_args!("    total_{name}s: {total}"));
            line(out, format_args!("    covered_{name}s: {covered}"));
        }
        for (name, total, covered) in parts {
            line(out, format_args!("    {name}_percent: {:.1}", percent(covered, total)));
        }
    }

    fn mcdc_table(&self, out: &mut String) {
        table(
            out,
            "mcdc |decision_id, file, line, column, conditions, unique_cause_covered, \
             masking_covered, vectors|",
            &self.mcdc,
            |row, r| {
                row.number(r.decision_id).text(&r.file).number(r.line).number(r.column);
                row.number(r.conditions.count_ones());
                row.number(r.unique_cause_covered.count_ones());
                row.number(r.masking_covered.count_ones()).number(r.vectors);
            },
        );
    }

    fn beyond_tables(&self, out: &mut String) {
        table(
            out,
            "mcdc_beyond |decision_id, file, line, column, hit_count|",
            &self.mcdc_beyond,
            |row, r| {
                row.number(r.decision_id).text(&r.file).number(r.line).number(r.column);
                row.number(r.hit_count);
            },
        );
        table(out, "paths_beyond |path_id, hit_count|", &self.paths_beyond, |row, r| {
            row.number(r.path_id).number(r.hit_count);
        });
        table(out, "beyond |table, hit_count|", &self.beyond, |row, r| {
            row.text(&r.table).number(r.hit_count);
        });
    }
}

/// Returns the percentage of `total`; 100 if there is nothing to cover. Incomplete coverage is
/// never shown as 100.0, whatever the rounding.
fn percent(covered: usize, total: usize) -> f64 {
    if covered == total { 100.0 } else { (100.0 * covered as f64 / total as f64).min(99.9) }
}

fn line(out: &mut String, text: impl Display) {
    writeln!(out, "{text}").expect("writing to a String does not fail");
}

fn table<R>(out: &mut String, header: &str, rows: &[R], mut fill: impl FnMut(&mut Row<'_>, &R)) {
    if rows.is_empty() {
        return;
    }
    out.push('\n');
    line(out, header);
    for data in rows {
        out.push_str("    ");
        fill(&mut Row { out, first: true }, data);
        out.push('\n');
    }
}

struct Row<'a> {
    out: &'a mut String,
    first: bool,
}

impl Row<'_> {
    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push_str(", ");
        }
    }

    fn number(&mut self, number: impl Display) -> &mut Self {
        self.separate();
        write!(self.out, "{number}").expect("writing to a String does not fail");
        self
    }

    fn array(&mut self, numbers: &[u32]) -> &mut Self {
        self.separate();
        self.out.push('[');
        let mut inner = Row { out: self.out, first: true };
        for number in numbers {
            inner.number(number);
        }
        self.out.push(']');
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.separate();
        if is_bare(text) {
            self.out.push_str(text);
        } else {
            self.quoted(text);
        }
        self
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}

/// True if SDN reads `text` as a string without quotes.
fn is_bare(text: &str) -> bool {
    let Some((&first, rest)) = text.as_bytes().split_first() else { return false };
    (first.is_ascii_alphabetic() || first == b'_')
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(b))
        && !matches!(text, "true" | "false" | "null" | "nil" | "table")
}
