//! The summary as GitHub Flavored Markdown.

use super::number::{noise_sentence, noise_word, utc};
use super::summary::{Table, has_marks, tables};
use super::{Digest, Sentence, choices, digest, notes, reproduce_run, versus};
use crate::analysis::{Group, Report};
use std::fmt::{self, Write};

/// The whole summary, with a line break at its end.
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    write(&mut text, report).expect("a string takes what is written to it");
    text
}

/// Text that means nothing to Markdown. Every ASCII punctuation character can be escaped
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

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let start = &report.start;
    writeln!(out, "# Measurements of {}\n", utc(start.started_unix_s))?;
    let noise = &report.noise;
    writeln!(out, "{}. {}", report.census.headline(), noise_sentence(noise))?;
    writeln!(out, "Noise: {}.\n", noise_word(noise))?;
    writeln!(out, "| what | value |\n|---|---|")?;
    writeln!(out, "| Run | {} |", escaped(&start.run))?;
    writeln!(out, "| Profile | {}, seed {} |", escaped(&start.effort.to_string()), start.seed)?;
    for (name, value) in start.fingerprint.rows() {
        writeln!(out, "| {name} | {} |", escaped(&value))?;
    }
    writeln!(out, "| Again | {} |", code(&reproduce_run(report)).replace('|', r"\|"))?;
    for warning in &report.warnings {
        writeln!(out, "\n> **Warning**: {}", escaped(warning))?;
    }
    write_digest(out, &digest(report))?;
    for group in &report.groups {
        write_group(out, group)?;
    }
    if report.census.missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Not measured, or not in every round\n")?;
    for missing in &report.census.missing {
        let rounds = format!("{} of {} rounds", missing.rounds, missing.planned);
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
    for (comparison, sentence) in &digest.changes {
        let comparison = escaped(comparison);
        writeln!(out, "* Faster than the default: {comparison}: {}", stressed(sentence))?;
    }
    if !digest.keeps.is_empty() {
        writeln!(out, "* No reason to leave the default: {}", escaped(&digest.keeps.join(", ")))?;
    }
    if !digest.slower.is_empty() {
        writeln!(out, "* A peer is faster somewhere in: {}", escaped(&digest.slower.join(", ")))?;
    }
    Ok(())
}

fn write_group(out: &mut String, group: &Group) -> fmt::Result {
    let comparison = &group.comparison;
    writeln!(out, "\n## {}\n\n{}\n", escaped(&comparison.title), escaped(&comparison.explanation))?;
    for sentence in choices(group) {
        writeln!(out, "* {}", stressed(&sentence))?;
    }
    for sentence in versus(group) {
        writeln!(out, "* Against its peers: {}", stressed(&sentence))?;
    }
    for note in notes(group) {
        writeln!(out, "* Note: {}", escaped(&note))?;
    }
    if has_marks(group) {
        writeln!(out, "\n`*` is told from all own alternatives.")?;
    }
    for table in tables(group) {
        writeln!(out, "\n{}\n", escaped(&table.caption))?;
        write_table(out, &table)?;
    }
    Ok(())
}

fn stressed(sentence: &Sentence) -> String {
    let Sentence { place, subject, aside, rest, .. } = sentence;
    let [place, subject, rest] = [place, subject, &(aside.clone() + rest)].map(|t| escaped(t));
    format!("{place}**{subject}**{rest}")
}

/// A table alone.
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
