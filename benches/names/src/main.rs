//! Says at once which of the filters on a command line choose no workload.
//!
//! The recipes of the justfile ask it before they build anything. Exit codes: 0 each filter
//! chooses something, or that cannot be known before the build; 2 one does not.

use simple_names::{Filter, Workload, complaint, is_edited, known};
use std::env;
use std::io::{self, Write};
use std::process::{Command, ExitCode};

/// Options of the programs that take filters that are not followed by a value.
const FLAGS: [&str; 8] =
    ["--resume", "--list", "--check", "--peers", "--help", "--version", "--bench", "--anyway"];

/// Efforts, the least first.
const EFFORTS: [&str; 3] = ["quick", "standard", "full"];

/// What a command line says.
#[derive(Debug, Default)]
struct Asked {
    effort: Option<String>,
    revision: Option<String>,
    filters: Vec<String>,
}

fn main() -> ExitCode {
    let asked = asked(env::args_os().skip(1).filter_map(|argument| argument.into_string().ok()));
    let Some(complaint) = refusal(&asked) else { return ExitCode::SUCCESS };
    if is_edited(git) {
        say(&format!("{complaint}\nthe catalogue is being edited: building it to see"));
        return ExitCode::SUCCESS;
    }
    say(&format!("error: {complaint}"));
    ExitCode::from(2)
}

/// Takes filters from among the options of another program: whatever follows an option that is
/// not known to stand alone may be its value, and is left out.
fn asked(arguments: impl Iterator<Item = String>) -> Asked {
    let mut asked = Asked::default();
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--effort" | "--profile" => asked.effort = arguments.next(),
            "--revision" => asked.revision = arguments.next(),
            "--" => asked.filters.extend(arguments.by_ref()),
            option if option.starts_with('-') => {
                if !option.contains('=') && !FLAGS.contains(&option) {
                    arguments.next();
                }
            }
            _ => asked.filters.push(argument),
        }
    }
    // The old spelling: `just bench quick`.
    let is_effort = |word: &String| EFFORTS.contains(&word.as_str());
    if asked.effort.is_none() && asked.filters.first().is_some_and(is_effort) {
        asked.effort = Some(asked.filters.remove(0));
    }
    asked
}

fn refusal(asked: &Asked) -> Option<String> {
    let workloads = known(asked.revision.as_deref(), git)?;
    let misspelt = complaint(&asked.filters, &workloads);
    let advised = |said: String| said + "\n`just list` shows all workloads";
    misspelt.map(advised).or_else(|| too_large(asked, &workloads))
}

fn too_large(asked: &Asked, workloads: &[Workload]) -> Option<String> {
    let place = |effort: &str| EFFORTS.iter().position(|known| *known == effort);
    let (asked_for, filter) = (asked.effort.as_deref()?, Filter::new(&asked.filters));
    let most = place(asked_for)?;
    let chosen = workloads.iter().filter(|one| filter.chooses(&one.name, &one.axes));
    let least = chosen.filter_map(|one| place(&one.effort)).min()?;
    (least > most).then(|| {
        format!(
            "workloads match '{}', but none of them is measured with the effort {asked_for}: \
             take a larger one (`just bench ... --effort {}`)",
            asked.filters.join(" "),
            EFFORTS[least]
        )
    })
}

/// Returns what git prints, if it succeeds.
fn git(arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    let output = git.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Prints to the standard error; nothing can be done where that is closed.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_by(words: &[&str]) -> Asked {
        asked(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn options_and_their_values_are_no_filters() {
        let line = ["a", "--resume", "b", "--views", "cpu", "--for-ms=5", "c", "--", "--d"];
        assert_eq!(asked_by(&line).filters, ["a", "b", "c", "--d"]);
    }

    #[test]
    fn a_smaller_effort_is_refused() {
        let asked = asked_by(&["--profile", "quick", "file/load/*/256MiB"]);
        let said = refusal(&asked).unwrap();
        assert!(said.contains("--effort full"), "{said}");
        assert_eq!(refusal(&asked_by(&["full", "file/load/*/256MiB"])), None);
        assert_eq!(refusal(&asked_by(&["--effort", "quick"])), None);
    }

    #[test]
    fn a_revision_without_a_list_may_have_anything() {
        assert_eq!(refusal(&asked_by(&["--revision", "no-such-revision", "nosuchthing"])), None);
        assert!(refusal(&asked_by(&["nosuchthing"])).is_some());
    }
}
