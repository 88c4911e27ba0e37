//! Running a program to its end. Its complaints are quoted.

use crate::owned::{self, Ended, Usage};
use anyhow::{Context, Result};
use simple_records::harmless;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// Last lines of a failed program's complaint that are quoted.
const SHOWN_LINES: usize = 6;
/// Characters that each of them is cut to.
const SHOWN_CHARACTERS: usize = 400;

/// The failure of a program, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its exit status.
    pub status: ExitStatus,
    /// The last lines that it printed to the standard error; empty if it printed none.
    pub said: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.said.is_empty() {
            true => write!(f, "it ended with {}", self.status),
            false => f.write_str(&self.said),
        }
    }
}

impl std::error::Error for Failed {}

impl Failed {
    /// A program that ended like this and printed `said` to the standard error.
    pub fn new(status: ExitStatus, said: &str) -> Self {
        Self { status, said: harmless(&last_lines(said)) }
    }
}

/// A program that did not end in time and was killed, with all that it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hung {
    name: String,
    patience: Duration,
}

impl fmt::Display for Hung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hung: killed after {} seconds", self.name, self.patience.as_secs_f64())
    }
}

impl std::error::Error for Hung {}

/// Runs a program to its end, and returns what it printed to the standard error. Its standard
/// output goes where the caller sent it.
///
/// # Errors
/// If it cannot be started, takes longer than `patience`, or fails: then the error is a
/// [`Failed`].
pub fn run(command: Command, patience: Duration) -> Result<String> {
    run_and_account(command, patience).map(|(said, _)| said)
}

/// Runs a program to its end, and returns what it printed to the standard error and the resources that
/// it used. Its standard output goes where the caller sent it.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_and_account(mut command: Command, patience: Duration) -> Result<(String, Usage)> {
    let mut said = scratch()?;
    command.stderr(said.try_clone()?);
    let (status, usage) = finish(command, patience)?;
    let said = text_of(&mut said)?;
    check(status, &said)?;
    Ok((said, usage))
}

/// Runs a program to its end, and returns what it printed to the standard output, without white
/// space around it.
///
/// # Errors
/// As [`run`], and if what it printed is not UTF-8.
pub fn output(command: Command, patience: Duration) -> Result<String> {
    let name = name_of(&command);
    let text = String::from_utf8(output_bytes(command, patience)?);
    Ok(text.with_context(|| format!("{name} prints no UTF-8"))?.trim().to_owned())
}

/// Runs a program to its end, and returns what it printed to the standard output, as it is.
///
/// # Errors
/// As [`run`].
pub fn output_bytes(mut command: Command, patience: Duration) -> Result<Vec<u8>> {
    let mut printed = scratch()?;
    command.stdout(printed.try_clone()?);
    run(command, patience)?;
    bytes(&mut printed).map_err(Into::into)
}

/// Gives a program these bytes as its standard input, however slowly it reads.
///
/// # Errors
/// If they cannot be stored.
pub fn feed(command: &mut Command, input: &[u8]) -> Result<()> {
    let mut file = scratch()?;
    file.write_all(input)?;
    file.rewind()?;
    command.stdin(file);
    Ok(())
}

/// Runs a program that talks to the user itself, without a limit of time.
///
/// # Errors
/// If it cannot be started.
pub fn watch(mut command: Command) -> Result<ExitStatus> {
    let name = name_of(&command);
    let mut child = owned::spawn(&mut command).with_context(|| cannot_start(&name))?;
    Ok(child.wait()?)
}

/// Returns whether a program can be started and says its version.
pub fn is_there(program: &str) -> bool {
    let mut command = super::plain(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn finish(mut command: Command, patience: Duration) -> Result<(ExitStatus, Usage)> {
    let name = name_of(&command);
    let mut child = owned::spawn(&mut command).with_context(|| cannot_start(&name))?;
    match child.wait_for(patience)? {
        Ended::Itself(status) => Ok((status, child.usage().unwrap_or_default())),
        Ended::Killed => Err(Hung { name, patience }.into()),
    }
}

fn check(status: ExitStatus, said: &str) -> Result<(), Failed> {
    match status.success() {
        true => Ok(()),
        false => Err(Failed::new(status, said)),
    }
}

/// An unnamed file for the output of a program: a pipe would stay open until every process that it left
/// behind has ended.
pub(crate) fn scratch() -> Result<File> {
    tempfile::tempfile().with_context(|| {
        format!("cannot make a temporary file in {}", std::env::temp_dir().display())
    })
}

/// The contents of a [`scratch`] file.
pub(crate) fn text_of(file: &mut File) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(file)?).into_owned())
}

fn bytes(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn cannot_start(name: &str) -> String {
    format!("cannot start {name}: is it installed?")
}

/// The last lines of a complaint that are worth showing, in one line.
pub(crate) fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(SHOWN_LINES)..].iter();
    let cut = last.map(|line| match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => (*line).to_owned(),
    });
    cut.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::sh;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_failed_program_is_quoted() {
        let script = "echo first >&2; echo 'the reason' >&2; exit 3";
        let error = run(sh(script), PATIENCE).unwrap_err();
        assert_eq!(error.to_string(), "first; the reason");
        assert_eq!(error.downcast::<Failed>().unwrap().status.code(), Some(3));
        assert!(run(sh("exit 3"), PATIENCE).unwrap_err().to_string().contains('3'));
        assert_eq!(last_lines(&"é".repeat(900_000)), "é".repeat(400) + "...");
        let missing = run(Command::new("/no/such-program"), PATIENCE).unwrap_err();
        assert!(format!("{missing:#}").contains("such-program"), "{missing:#}");
    }

    #[test]
    fn output_is_returned_even_if_children_stay_behind() {
        assert_eq!(output(sh("echo ' one two '"), PATIENCE).unwrap(), "one two");
        assert_eq!(output(sh("sleep 1000 & echo done"), PATIENCE).unwrap(), "done");
        assert!(output(sh("printf '\\377'"), PATIENCE).is_err());
    }

    #[test]
    fn a_hung_program_is_killed_with_all_that_it_started() {
        let error = run(sh("sleep 1000; true"), Duration::from_millis(50)).unwrap_err();
        assert!(error.to_string().contains("hung"), "{error}");
    }

    #[test]
    fn a_program_cannot_ask_questions_but_can_be_fed() {
        assert!(run(sh("read answer"), PATIENCE).is_err());
        // More than a pipe holds, to a program that reads nothing of it.
        let mut command = sh("head -c 3");
        feed(&mut command, &vec![b'a'; 1 << 20]).unwrap();
        assert_eq!(output(command, PATIENCE).unwrap(), "aaa");
    }
}
