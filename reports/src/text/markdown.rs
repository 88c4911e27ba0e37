//! The summary as GitHub Flavored Markdown.

use super::number::{noise_sentence, noise_word, utc};
use super::run::{ComparisonText, RunText};
use super::sentence::{Sentence, Span};
use super::summary::{has_marks, tables};
use super::table::Table;
use super::{Digest, reproduce_run};
use crate::analysis::Repeats;
use crate::analysis::Report;
use simple_records::Verb;
use std::fmt::{self, Write};

/// The whole summary, with a line break at its end.
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    write(&mut text, &RunText::new(report)).expect("a string takes what is written to it");
    text
}

/// Text without meaning to Markdown. Every ASCII punctuation character can be escaped
/// with a backslash (CommonMark 0.31, section 2.4); `<` becomes an entity, because some
/// renderers pass HTML through.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' | '@' | '!' => {
                escaped.extend(['\\', c]);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Code of any content: the fence is longer than every run of backticks in it (CommonMark
/// 0.31, section 6.1).
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn write(out: &mut String, run: &RunText) -> fmt::Result {
    let report = run.report;
    let start = &report.start;
    writeln!(out, "# Measurements of {}\n", utc(start.started_unix_s))?;
    let (noise, repeats) = (&report.noise, Repeats::of(&report.start));
    writeln!(out, "{}. {}", report.census.headline(), noise_sentence(noise, repeats))?;
    writeln!(out, "Noise: {}.\n", noise_word(report))?;
    writeln!(out, "| what | value |\n|---|---|")?;
    writeln!(out, "| Run | {} |", escaped(&start.run))?;
    let (title, amount) = match &start.origin {
        Some(origin) if origin.verb.known() != Some(Verb::Run) => ("Verb", origin.verb.to_string()),
        _ => ("Effort", start.effort.to_string()),
    };
    writeln!(out, "| {title} | {}, seed {} |", escaped(&amount), start.seed)?;
    for (name, value) in start.fingerprint.rows() {
        writeln!(out, "| {name} | {} |", escaped(&value))?;
    }
    writeln!(out, "| Again | {} |", code(&reproduce_run(report)).replace('|', r"\|"))?;
    for warning in &report.warnings {
        writeln!(out, "\n> **Warning**: {}", escaped(warning))?;
    }
    write_digest(out, &run.digest)?;
    for comparison in &run.comparisons {
        write_comparison(out, comparison)?;
    }
    if report.census.missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Not measured, or not to the end\n")?;
    for missing in &report.census.missing {
        let rounds = missing.progress();
        let (workload, why) = (escaped(&missing.workload), escaped(&missing.why));
        writeln!(out, "* {workload} ({rounds}): {why}")?;
    }
    Ok(())
}

fn write_digest(out: &mut String, digest: &Digest) -> fmt::Result {
    if *digest == Digest::default() {
        return Ok(());
    }
    writeln!(out, "\n## In short\n")?;
    for (_, sentence) in &digest.verdicts {
        writeln!(out, "* {}", marked_up(sentence))?;
    }
    for (comparison, sentence) in &digest.changes {
        let comparison = escaped(comparison);
        writeln!(out, "* Faster than the default: {comparison}: {}", marked_up(sentence))?;
    }
    if !digest.keeps.is_empty() {
        writeln!(out, "* No reason to change the default: {}", escaped(&digest.keeps.join(", ")))?;
    }
    if !digest.slower.is_empty() {
        writeln!(out, "* A peer is faster somewhere in: {}", escaped(&digest.slower.join(", ")))?;
    }
    Ok(())
}

fn write_comparison(out: &mut String, text: &ComparisonText) -> fmt::Result {
    let comparison = &text.figures.comparison;
    writeln!(out, "\n## {}\n\n{}\n", escaped(&comparison.title), escaped(&comparison.explanation))?;
    for finding in &text.choices {
        writeln!(out, "* {}", marked_up(&finding.sentence))?;
    }
    for sentence in &text.versus {
        writeln!(out, "* Against its peers: {}", marked_up(sentence))?;
    }
    for note in &text.notes {
        writeln!(out, "* Note: {}", escaped(note))?;
    }
    if has_marks(text.figures) {
        writeln!(out, "\n`*`: clearly faster than every other alternative of the runtime.")?;
    }
    for table in tables(text.figures) {
        writeln!(out, "\n{}\n", escaped(&table.caption))?;
        write_table(out, &table)?;
    }
    Ok(())
}

/// A sentence with its code and its subject marked up.
pub(super) fn marked_up(sentence: &Sentence) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => escaped(text),
        Span::Code(text) => code(text),
        Span::Subject(text) => format!("**{}**", escaped(text)),
    };
    sentence.spans().iter().map(span).collect()
}

/// A table as text, with a line break at its end.
pub(super) fn table_text(table: &Table) -> String {
    let mut text = String::new();
    write_table(&mut text, table).expect("a string takes what is written to it");
    text
}

fn write_table(out: &mut String, table: &Table) -> fmt::Result {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("| {} |", cells.join(" | "))
    };
    writeln!(out, "{}", line(&table.header))?;
    writeln!(out, "|---{}|", "|--:".repeat(table.header.len() - 1))?;
    table.rows.iter().try_for_each(|row| writeln!(out, "{}", line(row)))
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn no_name_is_markup() {
        assert_eq!(escaped("a|b*c_<script>&[x](y)"), r"a\|b\*c\_&lt;script>&amp;\[x\](y)");
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a``b"), "``` a``b ```");
    }
}
