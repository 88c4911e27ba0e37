//! Commands that measure or profile again.

use crate::analysis::Report;
use simple_records::{Effort, Instrument, Origin, RunStart, Verb};

/// Settings that have options of their own.
const PIN: &str = "pinned_to_cpus";
const CORPUS: &str = "corpus";

/// The program that measured a run, as a command line of it begins.
enum Maker<'r> {
    /// The catalogue of this project: `just bench`.
    Catalogue,
    /// Workloads of somebody's program: `lab run --program FILE`.
    Harness(&'r Origin),
    /// Whole programs, of which the command line says all.
    Whole(&'r Origin),
}

impl<'r> Maker<'r> {
    fn of(start: &'r RunStart) -> Self {
        match &start.origin {
            None => Self::Catalogue,
            Some(origin) if origin.verb.known() == Some(Verb::Run) => Self::Harness(origin),
            Some(origin) => Self::Whole(origin),
        }
    }

    /// The beginning of a command; of whole programs, all of it.
    fn begins(&self) -> String {
        match self {
            Self::Catalogue => "just bench".to_owned(),
            Self::Harness(origin) | Self::Whole(origin) => command_of(origin),
        }
    }
}

/// Command that measures the whole run again, in the same order.
pub fn reproduce_run(report: &Report) -> String {
    let maker = Maker::of(&report.start);
    let begun = maker.begins();
    if let Maker::Whole(_) = maker {
        return begun;
    }
    let filters = report.start.filters.iter().flatten();
    let filters: String = filters.map(|filter| format!(" {}", quoted(filter))).collect();
    format!("{begun}{filters} --effort {} --seed {}", effort(report), report.start.seed)
}

/// Command that measures a workload again, and every other one whose name contains `name`.
pub fn reproduce_workload(report: &Report, name: &str) -> String {
    let maker = Maker::of(&report.start);
    let begun = maker.begins();
    match maker {
        Maker::Whole(_) => begun,
        _ => format!("{begun} {} --effort {}", quoted(&pattern(name)), effort(report)),
    }
}

/// Command that settles an open question of a comparison.
pub(super) fn settle(report: &Report, comparison: &str) -> String {
    let maker = Maker::of(&report.start);
    let begun = maker.begins();
    match maker {
        Maker::Whole(_) => format!("{begun} (--budget gives it more time)"),
        _ => measure_on(begun, report, comparison),
    }
}

/// The command line of a run of anybody's programs, as far as it is recorded.
pub fn command_of(origin: &Origin) -> String {
    format!("lab {}{}", origin.verb, arguments_of(origin))
}

/// The recorded arguments for a shell, each after a space. Options are options.
fn arguments_of(origin: &Origin) -> String {
    let word = |argument: &String| match argument.strip_prefix("--") {
        Some("") => " --".to_owned(),
        Some(option) if quoted(option) == option => format!(" {argument}"),
        _ => format!(" {}", quoted(argument)),
    };
    origin.arguments.iter().map(word).collect()
}

/// Amount of measuring: `effort quick`, or the verb of a run of whole programs.
pub(crate) fn amount(start: &RunStart) -> String {
    match Maker::of(start) {
        Maker::Whole(origin) => format!("by {}", origin.verb),
        Maker::Catalogue | Maker::Harness(_) => format!("effort {}", start.effort),
    }
}

/// Command that shows all figures of a run on a terminal, and words for the one that makes its page.
pub(super) fn show(start: &RunStart) -> (&'static str, &'static str) {
    match Maker::of(start) {
        Maker::Catalogue => ("just summary --all", "just report"),
        Maker::Harness(_) => ("lab summary --all", "lab report"),
        // Its record is not where runs of workloads are.
        Maker::Whole(_) => ("the same with --all", "lab report with the same record"),
    }
}

/// Command that measures open questions of a comparison on. It adds to the record where its sources and
/// its machine are at hand; so it asks for workloads that the record has.
fn measure_on(begun: String, report: &Report, comparison: &str) -> String {
    let filters = match report.start.filters.as_deref() {
        None | Some([]) => vec![pattern(comparison)],
        Some(filters) => filters.to_vec(),
    };
    let mut command = begun;
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

/// Command that profiles one workload; `None` where it is a whole program.
pub fn profile_workload(start: &RunStart, name: &str) -> Option<String> {
    match Maker::of(start) {
        Maker::Catalogue => Some(format!("just profile {}", quoted(name))),
        Maker::Harness(origin) => {
            Some(format!("lab profile {}{}", quoted(name), arguments_of(origin)))
        }
        Maker::Whole(_) => None,
    }
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
    use super::{Origin, command_of, pattern, quoted};
    use simple_records::Verb;

    #[test]
    fn options_of_a_recorded_command_line_are_options_and_no_word_is_more_than_one() {
        let words = ["--same=2%", "--", "a b", "--name=c d"];
        let arguments = words.map(str::to_owned).to_vec();
        let origin = Origin { verb: Verb::Tune.into(), arguments };
        assert_eq!(command_of(&origin), "lab tune --same=2% -- 'a b' '--name=c d'");
    }

    #[test]
    fn a_shell_takes_a_name_as_one_word() {
        assert_eq!(quoted("file/load/std::fs::read/4KiB"), "file/load/std::fs::read/4KiB");
        assert_eq!(quoted("executor/naive pool/1"), "'executor/naive pool/1'");
        assert_eq!(quoted("a'; rm -rf ~"), r"'a'\''; rm -rf ~'");
        assert_eq!(quoted(""), "''");
        assert_eq!(pattern("--a=b"), "?-a?b");
    }
}
