//! Commands that measure or profile again.

use crate::analysis::Report;
use simple_records::{Effort, Instrument, Origin, RunStart};

/// Settings that have options of their own.
const PIN: &str = "pinned_to_cpus";
const CORPUS: &str = "corpus";

/// Command that measures the whole run again, in the same order.
pub fn reproduce_run(report: &Report) -> String {
    if let Some(origin) = &report.start.origin {
        return reproduce(origin);
    }
    let filters = report.start.filters.iter().flatten();
    let filters: String = filters.map(|filter| format!(" {}", quoted(filter))).collect();
    format!("just bench{filters} --effort {} --seed {}", effort(report), report.start.seed)
}

/// Command that measures a workload again, and every other one whose name contains `name`.
pub fn reproduce_workload(report: &Report, name: &str) -> String {
    if let Some(origin) = &report.start.origin {
        return reproduce(origin);
    }
    format!("just bench {} --effort {}", quoted(&pattern(name)), effort(report))
}

/// Command that settles an open question of a comparison.
pub(super) fn settle(report: &Report, comparison: &str) -> String {
    match &report.start.origin {
        Some(origin) => format!("{} (--budget gives it more time)", reproduce(origin)),
        None => measure_on(report, comparison),
    }
}

/// The command line of a run of anybody's programs.
fn reproduce(origin: &Origin) -> String {
    let arguments: String =
        origin.arguments.iter().map(|argument| format!(" {}", quoted(argument))).collect();
    format!("just {}{arguments}", origin.verb)
}

/// Amount of measuring: `effort quick`, or the verb of a run of anybody's programs.
pub(crate) fn amount(start: &RunStart) -> String {
    match &start.origin {
        Some(origin) => format!("by {}", origin.verb),
        None => format!("effort {}", start.effort),
    }
}

/// Command that measures open questions of a comparison on. It adds to the record where its sources and
/// its machine are at hand; so it asks for workloads that the record has.
fn measure_on(report: &Report, comparison: &str) -> String {
    let filters = match report.start.filters.as_deref() {
        None | Some([]) => vec![pattern(comparison)],
        Some(filters) => filters.to_vec(),
    };
    let mut command = "just bench".to_owned();
    for filter in &filters {
        command = format!("{command} {}", quoted(filter));
    }
    // The usual one needs no word.
    if report.start.effort.known() != Some(Effort::Quick) {
        command = format!("{command} --effort {}", effort(report));
    }
    let instruments: Vec<_> = report.start.rounds.keys().map(|one| one.name()).collect();
    if !instruments.is_empty() && instruments.len() < Instrument::ALL.len() {
        command = format!("{command} --instruments {}", instruments.join(","));
    }
    for (setting, option) in [(PIN, "--pin"), (CORPUS, "--corpus")] {
        if let Some(value) = report.start.settings.get(setting) {
            command = format!("{command} {option} {}", quoted(value));
        }
    }
    command
}

fn effort(report: &Report) -> String {
    quoted(&report.start.effort.to_string())
}

/// Command that profiles one workload.
pub fn profile_workload(name: &str) -> String {
    format!("just profile {}", quoted(name))
}

/// A pattern that matches the name. Characters that would make it an axis or an option become
/// `?`, which matches any one character.
pub(super) fn pattern(name: &str) -> String {
    let name = name.replace('=', "?");
    match name.strip_prefix('-') {
        Some(rest) => format!("?{rest}"),
        None => name,
    }
}

/// A word for a POSIX shell.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/:._-+=@%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{pattern, quoted};

    #[test]
    fn a_shell_takes_a_name_as_one_word() {
        assert_eq!(quoted("file/load/std::fs::read/4KiB"), "file/load/std::fs::read/4KiB");
        assert_eq!(quoted("executor/naive pool/1"), "'executor/naive pool/1'");
        assert_eq!(quoted("a'; rm -rf ~"), r"'a'\''; rm -rf ~'");
        assert_eq!(quoted(""), "''");
        assert_eq!(pattern("--a=b"), "?-a?b");
    }
}
