//! A gate's verdict as GitHub Flavored Markdown, for a pull request or a job's summary.

use super::list::NameList;
use super::row::{RowKind, RowText, table};
use super::view::GateView;
use crate::text::bench_table;
use crate::text::markdown::{code, escaped, marked_up, table_text};
use std::fmt::{self, Write};

/// Maximum number of functions per workload.
const MOST_FUNCTIONS: usize = 10;

/// Maximum number of workloads whose functions are shown.
const MOST_PROFILES: usize = 10;

/// Maximum number of names in a list.
const MOST_NAMES: usize = 50;

/// Maximum size of the whole: a comment on GitHub takes 65,536 characters, a job's summary more.
const MOST_BYTES: usize = 65_000;

/// Maximum numbers of rows per table, the next one if the whole is too long.
const MOST_ROWS: [usize; 7] = [usize::MAX, 300, 100, 50, 20, 10, 5];

/// Said where rows are left out.
const ELSEWHERE: &str = "all are in the HTML report";

/// The verdict, with a line break at its end. It fits into a comment, and says what is left out
/// for that.
pub fn gate_markdown(view: &GateView) -> String {
    let mut text = String::new();
    for rows in MOST_ROWS {
        text.clear();
        write(&mut text, view, rows).expect("a string takes what is written to it");
        if text.len() <= MOST_BYTES {
            return text;
        }
    }
    cut(&text)
}

/// The first lines that fit: names may be of any length.
fn cut(text: &str) -> String {
    let mut left = MOST_BYTES;
    let fits = |line: &&str| {
        let room = left.checked_sub(line.len());
        left = room.unwrap_or(0);
        room.is_some()
    };
    let mut shown: String = text.split_inclusive('\n').take_while(fits).collect();
    if shown.matches("<details>").count() > shown.matches("</details>").count() {
        shown += "\n</details>\n";
    }
    shown + &format!("\n> **Cut here**: there is no room for the rest; {ELSEWHERE}.\n")
}

fn write(out: &mut String, view: &GateView, rows: usize) -> fmt::Result {
    writeln!(out, "## {}: {}\n", view.word, escaped(&view.builds))?;
    for sentence in &view.why {
        writeln!(out, "* **{}**", marked_up(sentence))?;
    }
    writeln!(out, "\n{}. {}", escaped(&view.measured), escaped(&view.outcomes))?;
    write_rows(out, view, rows)?;
    view.left_out.iter().try_for_each(|list| write_list(out, list))?;
    for note in &view.notes {
        writeln!(out, "\n> **Note**: {}", escaped(note))?;
    }
    writeln!(out, "\n### How far to trust the gate\n")?;
    for sentence in &view.trust {
        writeln!(out, "* {}", marked_up(sentence))?;
    }
    write_bench(out, view)?;
    writeln!(out, "\n### What to do\n")?;
    for sentence in view.steps.iter().chain(&view.elsewhere) {
        writeln!(out, "* {}", marked_up(sentence))?;
    }
    Ok(())
}

/// Reliability of runs, if it was calibrated.
fn write_bench(out: &mut String, view: &GateView) -> fmt::Result {
    let Some(bench) = view.bench else { return Ok(()) };
    let table = bench_table(bench);
    writeln!(out, "\n{}:\n", escaped(&table.caption))?;
    write!(out, "{}", table_text(&table))?;
    bench.notes.iter().try_for_each(|note| writeln!(out, "\n> **Note**: {}", escaped(note)))
}

/// A table per kind, and functions below the workloads that they belong to.
fn write_rows(out: &mut String, view: &GateView, most: usize) -> fmt::Result {
    let rows = |kind: RowKind| -> Vec<&RowText> {
        view.rows.iter().filter(|row| row.kind == kind).collect()
    };
    let slower = rows(RowKind::Slower);
    write_table(out, "Slower", &slower, most)?;
    slower.iter().take(MOST_PROFILES).try_for_each(|row| write_functions(out, row))?;
    write_table(out, "Undecided", &rows(RowKind::Undecided), most)?;
    write_table(out, "Waived", &rows(RowKind::Waived), most)?;
    if !view.waivers.is_empty() {
        writeln!(out)?;
    }
    for waiver in view.waivers.iter().take(most) {
        let [workload, reason] = [&waiver.workload, &waiver.reason].map(|text| escaped(text));
        writeln!(out, "* {workload}, {}: {reason}", waiver.until)?;
    }
    write_more(out, view.waivers.len().saturating_sub(most))?;
    write_table(out, "Faster", &rows(RowKind::Faster), most)
}

/// A table of these rows, or of the first of them.
fn write_table(out: &mut String, title: &str, rows: &[&RowText], most: usize) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let shown = &rows[..rows.len().min(most)];
    write!(out, "\n### {title}\n\n{}", table_text(&table(shown)))?;
    write_more(out, rows.len() - shown.len())
}

fn write_more(out: &mut String, more: usize) -> fmt::Result {
    match more {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more: {ELSEWHERE}"),
    }
}

fn write_functions(out: &mut String, row: &RowText) -> fmt::Result {
    let Some(grown) = &row.grown else { return Ok(()) };
    // Markdown is not parsed within a line of HTML: entities only.
    let summary = format!("{}, in instructions of {}", html(&row.workload), html(&grown.scope));
    writeln!(out, "\n<details><summary>Functions that grew: {summary}</summary>\n")?;
    write!(out, "{}", table_text(&grown.table(MOST_FUNCTIONS)))?;
    if !grown.files.is_empty() {
        let files: Vec<String> = grown.files.iter().map(|file| code(file)).collect();
        writeln!(out, "\nProfiles: {}", files.join(", "))?;
    }
    writeln!(out, "\n</details>")
}

fn write_list(out: &mut String, list: &NameList) -> fmt::Result {
    let summary = format!("{} ({})", html(&list.title), list.names.len());
    writeln!(out, "\n<details><summary>{summary}</summary>\n")?;
    for name in list.names.iter().take(MOST_NAMES) {
        writeln!(out, "* {}", escaped(name))?;
    }
    if list.names.len() > MOST_NAMES {
        writeln!(out, "* and {} more", list.names.len() - MOST_NAMES)?;
    }
    writeln!(out, "\n</details>")
}

/// Text for a place where Markdown sees HTML.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
