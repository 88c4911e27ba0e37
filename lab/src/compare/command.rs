//! A command to run: words or a script, with its environment and its input.

use crate::programs;
use anyhow::{Context, Result, ensure};
use simple_records::harmless;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Most bytes by which the environments of processes differ; see [`crate::harness::block`].
const MOST_PADDING_BYTES: usize = 4096;
/// The variable that makes them differ.
pub(crate) const PADDING: &str = "SIMPLE_LAB_PADDING";
/// Characters that a longer name of a command is cut to.
const NAME_LENGTH: usize = 48;

/// The way in which a command line becomes a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Launch {
    /// A program and its arguments; at least one word.
    Words(Vec<String>),
    /// A script for the shell, whose start is measured as well.
    Script(String),
}

/// A command that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    /// The way in which it is started.
    pub(crate) launch: Launch,
    /// Variables that are added to the user's environment.
    pub(crate) environment: Vec<(String, String)>,
    /// The file that it reads as its standard input; nothing if there is none.
    pub(crate) input: Option<PathBuf>,
}

/// The words of a command line, at least one, split as a shell splits them, but without starting one: there
/// are no pipes, variables, patterns or redirections.
///
/// # Errors
/// If a quote is not closed, or there is no word.
pub(crate) fn split(line: &str) -> Result<Vec<String>> {
    let words = shell_words::split(line)
        .with_context(|| format!("'{line}' cannot be split into words: close its quotes"))?;
    ensure!(!words.is_empty(), "an empty command cannot be run: name a program");
    Ok(words)
}

/// Words behind the first that look as if they were meant for a shell.
pub(crate) fn for_shell(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().skip(1).map(String::as_str).filter(|word| {
        matches!(*word, "|" | "||" | "&&" | "&" | ";")
            || word.starts_with(['>', '<', '$', '`'])
            || word.starts_with("2>")
    })
}

impl Launch {
    /// The words of a command line; see [`split`].
    ///
    /// # Errors
    /// If a quote is not closed, or there is no word.
    pub(crate) fn words(line: &str) -> Result<Self> {
        split(line).map(Self::Words)
    }

    /// A remark on words that look as if they were meant for a shell; `None` if there are none.
    pub(crate) fn remark(&self) -> Option<String> {
        let Self::Words(words) = self else { return None };
        let word = for_shell(words).next()?;
        Some(format!("'{word}' is passed on as it is: --shell has a shell understand it"))
    }
}

impl Measured {
    /// The program that is started.
    pub(crate) fn program(&self) -> &str {
        match &self.launch {
            Launch::Words(words) => words.first().map_or("", String::as_str),
            Launch::Script(_) => "sh",
        }
    }

    /// The process to start. Its environment has a size of its own, because the size moves the
    /// stack, and that alone can change times.
    ///
    /// # Errors
    /// If its input cannot be opened.
    pub(crate) fn command(&self, random: &mut fastrand::Rng) -> Result<Command> {
        let mut command = match &self.launch {
            Launch::Words(words) => {
                let mut command = programs::of_user(&words[0]);
                command.args(&words[1..]);
                command
            }
            Launch::Script(script) => programs::sh(script),
        };
        self.surround(&mut command)?;
        command.env(PADDING, "x".repeat(random.usize(..MOST_PADDING_BYTES)));
        Ok(command)
    }

    /// Gives a process this command's variables and its input.
    ///
    /// # Errors
    /// If its input cannot be opened.
    pub(crate) fn surround(&self, command: &mut Command) -> Result<()> {
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        match &self.input {
            Some(path) => command.stdin(open(path)?),
            None => command.stdin(Stdio::null()),
        };
        Ok(())
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot read the input {}", path.display()))
}

/// A variable for one command, or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The command's number, from 1; `None` for all.
    pub(crate) command: Option<usize>,
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// Reads `NAME=VALUE` or `2:NAME=VALUE`.
pub(crate) fn variable(text: &str) -> Result<Variable, String> {
    let (command, rest) = match text.split_once(':') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = number.parse().ok().filter(|number| *number > 0);
            (Some(number.ok_or("commands are numbered from 1: 1:NAME=VALUE")?), rest)
        }
        _ => (None, text),
    };
    match rest.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(Variable { command, name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err("not NAME=VALUE for all commands, nor 2:NAME=VALUE for the second".to_owned()),
    }
}

/// Names of commands: those that are given, else the commands themselves, shortened, with a number
/// where two are alike.
///
/// # Errors
/// If there are more names than commands, or two that are given are alike.
pub(crate) fn names(lines: &[String], given: &[String]) -> Result<Vec<String>> {
    ensure!(
        given.len() <= lines.len(),
        "--name is there {} times for {} commands: leave the last out",
        given.len(),
        lines.len()
    );
    let mut names: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let name = match given.get(index) {
            Some(name) => {
                let shown = harmless(name.trim());
                ensure!(!shown.is_empty(), "--name '{shown}' of command {} is empty", index + 1);
                ensure!(
                    !names.contains(&shown),
                    "--name '{shown}' is there twice: give each command its own"
                );
                ensure!(
                    !shown.starts_with("null control"),
                    "--name '{shown}' is taken by the null control: give another"
                );
                shown
            }
            None => shortened(line),
        };
        let is_free = |name: &String| !names.contains(name);
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone()).chain(numbered).find(is_free);
        names.extend(free);
    }
    Ok(names)
}

fn shortened(line: &str) -> String {
    let line = &harmless(line);
    match line.char_indices().nth(NAME_LENGTH) {
        Some((end, _)) => format!("{}...", line[..end].trim_end()),
        None => line.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn words_are_split_as_by_a_shell_and_nothing_is_expanded() {
        let words = Launch::words("prog 'a b' \"c d\" e\\ f $HOME").unwrap();
        assert_eq!(words, Launch::Words(owned(&["prog", "a b", "c d", "e f", "$HOME"])));
        assert!(words.remark().unwrap().contains("$HOME"));
        assert_eq!(Launch::words("prog a").unwrap().remark(), None);
        assert!(Launch::words("prog 'a").unwrap_err().to_string().contains("quotes"));
        assert!(Launch::words("  ").unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn a_variable_is_of_one_command_or_of_all() {
        let all = variable("A=b:c=d").unwrap();
        assert_eq!((all.command, all.name.as_str(), all.value.as_str()), (None, "A", "b:c=d"));
        let one = variable("2:A=").unwrap();
        assert_eq!((one.command, one.name.as_str(), one.value.as_str()), (Some(2), "A", ""));
        for wrong in ["A", "=b", "0:A=b", "1:A"] {
            assert!(variable(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_command_has_a_name_of_its_own() {
        let lines = owned(&["a", "a", "b"]);
        assert_eq!(names(&lines, &[]).unwrap(), ["a", "a (2)", "b"]);
        assert_eq!(names(&lines, &owned(&["x"])).unwrap(), ["x", "a", "b"]);
        for wrong in [["x", "x"], ["x", " "], ["x", "x "]] {
            assert!(names(&lines, &owned(&wrong)).is_err(), "{wrong:?}");
        }
        assert!(names(&lines[..1], &owned(&["x", "y"])).is_err());
        assert_eq!(names(&["é".repeat(60)], &[]).unwrap(), ["é".repeat(48) + "..."]);
    }
}
