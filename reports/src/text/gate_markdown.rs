//! A gate's report as GitHub Flavored Markdown, for a pull request or a job's summary.

use super::gate::{
    builds, is_waived, measured, not_measured, only_in, outcomes_line, table, verdict_word,
    waivers, why,
};
use super::gate_curve::curve_sentences;
use super::gate_next::{next_steps, reproduce_gate};
use super::grown::{Grown, grown};
use super::markdown::{code, escaped, table_text};
use super::number::{exactly, percent};
use super::table::Table;
use crate::judge::{GateReport, OperatingCurve, Row, Status, Verdict};
use std::fmt::{self, Write};

/// Functions of a workload that are shown.
const FUNCTIONS_SHOWN: usize = 10;

/// Workloads whose functions are shown.
const PROFILES_SHOWN: usize = 10;

/// Names of a list that are shown.
const NAMES_SHOWN: usize = 50;

/// Bytes of the whole: a comment on GitHub takes 65,536 characters, a job's summary more.
const MOST_BYTES: usize = 65_000;

/// Rows of each table that are shown, if more do not fit.
const ROWS_SHOWN: [usize; 7] = [usize::MAX, 300, 100, 50, 20, 10, 5];

/// What stands where something is left out.
const ELSEWHERE: &str = "all are in the HTML report";

/// The report, with a line break at its end. What does not fit into a comment is left out, which
/// is said.
pub fn gate_markdown(report: &GateReport, curve: Option<&OperatingCurve>) -> String {
    let mut text = String::new();
    for rows in ROWS_SHOWN {
        text.clear();
        write(&mut text, report, curve, rows).expect("a string takes what is written to it");
        if text.len() <= MOST_BYTES {
            return text;
        }
    }
    cut(&text)
}

/// The lines that fit: names may be of any length.
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
    shown + &format!("\n> **Cut here**: the rest has no room; {ELSEWHERE}.\n")
}

fn write(
    out: &mut String,
    report: &GateReport,
    curve: Option<&OperatingCurve>,
    rows: usize,
) -> fmt::Result {
    writeln!(out, "## {}: {}\n", verdict_word(report.verdict), escaped(&builds(report)))?;
    for sentence in why(report) {
        writeln!(out, "* **{}**", with_code(&sentence))?;
    }
    writeln!(out, "\n{}. {}", escaped(&measured(report)), escaped(&outcomes_line(report)))?;
    write_rows(out, report, rows)?;
    for (title, names) in only_in(report) {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        write_list(out, &title, &names)?;
    }
    for (why, names) in not_measured(report) {
        write_list(out, &format!("Not measured: {why}"), &names)?;
    }
    for note in &report.notes {
        writeln!(out, "\n> **Note**: {}", escaped(note))?;
    }
    writeln!(out, "\n### How far to trust the gate\n")?;
    for sentence in curve_sentences(curve, report.min_effect) {
        writeln!(out, "* {}", with_code(&sentence))?;
    }
    write_next(out, report)
}

/// A table of each kind, functions below the workloads that they are of.
fn write_rows(out: &mut String, report: &GateReport, most: usize) -> fmt::Result {
    let of = |is_one: fn(&Row) -> bool| -> Vec<&Row> {
        report.rows.iter().filter(|row| is_one(row)).collect()
    };
    let slower = of(|row| matches!(row.status, Status::Slower | Status::Broken) && !is_waived(row));
    write_table(out, report, "Slower", &slower, most)?;
    slower.iter().take(PROFILES_SHOWN).try_for_each(|row| write_functions(out, row))?;
    let unsure = of(|row| matches!(row.status, Status::NullDiffers | Status::Open));
    write_table(out, report, "Undecided", &unsure, most)?;
    write_table(out, report, "Waived", &of(is_waived), most)?;
    let waivers = waivers(report);
    if !waivers.is_empty() {
        writeln!(out)?;
    }
    for waiver in waivers.iter().take(most) {
        let [workload, until, reason] = waiver.each_ref().map(|text| escaped(text));
        writeln!(out, "* {workload}, {until}: {reason}")?;
    }
    write_more(out, waivers.len().saturating_sub(most))?;
    write_table(out, report, "Faster", &of(|row| row.status == Status::Faster), most)
}

/// A table of these rows, or of the first of them.
fn write_table(
    out: &mut String,
    report: &GateReport,
    title: &str,
    rows: &[&Row],
    most: usize,
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let shown = &rows[..rows.len().min(most)];
    write!(out, "\n### {title}\n\n{}", table_text(&table(report, shown)))?;
    write_more(out, rows.len() - shown.len())
}

fn write_more(out: &mut String, more: usize) -> fmt::Result {
    match more {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more: {ELSEWHERE}"),
    }
}

fn write_functions(out: &mut String, row: &Row) -> fmt::Result {
    let Some(profiled) = &row.profiled else { return Ok(()) };
    let grown = grown(profiled, FUNCTIONS_SHOWN);
    if grown.is_empty() {
        return Ok(());
    }
    let header = ["function", "base", "head", "change", "share of the growth"];
    let cells = |one: &Grown| {
        let [base, head] = one.instructions.map(exactly);
        let share = one.share.map(percent).unwrap_or_default();
        vec![one.function.clone(), base, head, format!("+{}", exactly(one.growth())), share]
    };
    let table = Table {
        caption: String::new(),
        header: header.map(str::to_owned).to_vec(),
        rows: grown.iter().map(cells).collect(),
    };
    // What stands within a line of HTML is not parsed as Markdown: entities only.
    let summary = format!("{} in instructions of {}", html(&row.workload), html(&profiled.scope));
    writeln!(out, "\n<details><summary>What grew in {summary}</summary>\n")?;
    write!(out, "{}", table_text(&table))?;
    if !profiled.files.is_empty() {
        let files: Vec<String> = profiled.files.iter().map(|file| code(file)).collect();
        writeln!(out, "\nProfiles: {}", files.join(", "))?;
    }
    writeln!(out, "\n</details>")
}

fn write_list(out: &mut String, title: &str, names: &[String]) -> fmt::Result {
    let summary = format!("{} ({})", html(title), names.len());
    writeln!(out, "\n<details><summary>{summary}</summary>\n")?;
    for name in names.iter().take(NAMES_SHOWN) {
        writeln!(out, "* {}", escaped(name))?;
    }
    if names.len() > NAMES_SHOWN {
        writeln!(out, "* and {} more", names.len() - NAMES_SHOWN)?;
    }
    writeln!(out, "\n</details>")
}

fn write_next(out: &mut String, report: &GateReport) -> fmt::Result {
    writeln!(out, "\n### What to do\n")?;
    let steps = next_steps(report);
    for step in &steps {
        writeln!(out, "* {}", with_code(step))?;
    }
    let command = reproduce_gate(report);
    if report.verdict == Verdict::Pass || !steps.iter().any(|step| step.contains(&command)) {
        writeln!(out, "* To see the same elsewhere: {}", code(&command))?;
    }
    Ok(())
}

/// Text for a place where Markdown sees HTML.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A sentence in which what stands between the first and the last backtick is code.
fn with_code(sentence: &str) -> String {
    match (sentence.find('`'), sentence.rfind('`')) {
        (Some(first), Some(last)) if first < last => format!(
            "{}{}{}",
            escaped(&sentence[..first]),
            code(&sentence[first + 1..last]),
            escaped(&sentence[last + 1..])
        ),
        _ => escaped(sentence),
    }
}
