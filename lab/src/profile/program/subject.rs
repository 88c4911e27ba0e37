//! The subject of a profile: a program to start, or a process that runs.

use super::executable::Executable;
use super::running::Running;
use anyhow::{Result, bail, ensure};
use sha2::{Digest, Sha256};
use simple_records::{ProfiledProgram, harmless, profile_folder};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Characters that the program's part of a folder's name is cut to.
const NAME_LENGTH: usize = 40;
/// Characters that a title of a picture is cut to.
const TITLE_LENGTH: usize = 100;

/// A program of anybody.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) executable: Executable,
    pub(super) origin: Origin,
    /// The name of its folder.
    pub(super) name: String,
    /// Its command line, shortened.
    pub(super) title: String,
    /// Its part of the record.
    pub(super) program: ProfiledProgram,
}

/// The origin of the process.
#[derive(Debug)]
pub(super) enum Origin {
    /// It is started by these words, the program first.
    Started(Vec<OsString>),
    /// It runs already.
    Running(Running),
}

impl Origin {
    /// Checks that a process still runs; `when` says before what it ended otherwise.
    ///
    /// # Errors
    /// If it has ended. A program that is to be started never has.
    pub(super) fn ensure_runs(&self, when: &str) -> Result<()> {
        match self {
            Self::Running(running) if running.has_ended() => bail!(
                "process {} ended before {when}: `lab profile -- PROGRAM` starts it, and sees all \
                 of it",
                running.pid
            ),
            _ => Ok(()),
        }
    }
}

impl Subject {
    /// A program, by its words.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn started(words: &[OsString]) -> Result<Self> {
        let first = words.first().map_or(OsStr::new(""), OsString::as_os_str);
        let executable = Executable::find(first)?;
        let command: Vec<String> = words.iter().map(|word| shown(word)).collect();
        let mark = mark(&executable.path, &words[1..]);
        let name = format!("{}-{mark}", file_name(&executable.path));
        Ok(Self::new(executable, Origin::Started(words.to_vec()), name, command, None))
    }

    /// A process that runs.
    ///
    /// # Errors
    /// If it cannot be profiled, or is this program.
    pub(super) fn running(pid: u32) -> Result<Self> {
        ensure!(
            pid != std::process::id(),
            "{pid} is this very program, which would profile itself: name another process"
        );
        let running = Running::find(pid)?;
        let executable = Executable::running(running.program.clone());
        let name = format!("{}-pid-{pid}", file_name(&running.program));
        let command = running.command.iter().map(|word| harmless(word)).collect();
        Ok(Self::new(executable, Origin::Running(running), name, command, Some(pid)))
    }

    fn new(
        executable: Executable,
        origin: Origin,
        name: String,
        command: Vec<String>,
        pid: Option<u32>,
    ) -> Self {
        let line = shell_words::join(&command);
        let mut title: String = line.chars().take(TITLE_LENGTH).collect();
        if title.len() < line.len() {
            title.push_str("...");
        }
        if let Some(pid) = pid {
            title = format!("process {pid}: {title}");
        }
        let program = ProfiledProgram { command, pid };
        Self { executable, origin, name, title, program }
    }

    /// The file to read for the build's key; of a process, the one that it executes, even if its
    /// path leads elsewhere by now.
    pub(super) fn file(&self) -> std::path::PathBuf {
        match &self.origin {
            Origin::Started(_) => self.executable.path.clone(),
            Origin::Running(running) => format!("/proc/{}/exe", running.pid).into(),
        }
    }
}

fn shown(word: &OsStr) -> String {
    harmless(&word.to_string_lossy())
}

/// The name of a program's file, with harmless characters alone, the first a letter or a digit.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // The kernel says so of a file that was replaced.
    let name = profile_folder(name.trim_end_matches(" (deleted)"));
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let name: String = name.chars().take(NAME_LENGTH).collect();
    if name.is_empty() { "program".to_owned() } else { name }
}

/// Tells programs of one name apart, and different arguments of one program.
fn mark(path: &Path, arguments: &[OsString]) -> String {
    let mut hash = Sha256::new();
    let parts = std::iter::once(path.as_os_str()).chain(arguments.iter().map(|word| &**word));
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn names_are_harmless_and_tell_command_lines_apart() {
        for (path, expected) in [
            ("/usr/bin/sort", "sort"),
            ("/x/.hidden", "hidden"),
            ("/x/--", "program"),
            ("/x/a b;c (deleted)", "a-b-c"),
            ("/x/..", "program"),
        ] {
            assert_eq!(file_name(Path::new(path)), expected);
        }
        assert_eq!(file_name(Path::new(&"x".repeat(300))).len(), NAME_LENGTH);
        let path = Path::new("/bin/a");
        let marks = [words(&[]), words(&["b", "c"]), words(&["bc"]), words(&["b c"])];
        let mut marks: Vec<_> = marks.iter().map(|words| mark(path, words)).collect();
        assert_eq!(marks[0], mark(path, &[]));
        assert_ne!(marks[0], mark(Path::new("/bin/b"), &[]));
        marks.sort();
        marks.dedup();
        assert_eq!(marks.len(), 4);
    }

    #[test]
    fn a_program_is_known_by_its_command_line() {
        let subject = Subject::started(&words(&["sh", "-c", "exit 3"])).unwrap();
        assert!(subject.name.len() > 8 && !subject.name.contains('/'));
        assert_eq!(subject.title, "sh -c 'exit 3'");
        assert_eq!(subject.program.command, ["sh", "-c", "exit 3"]);
        let own = Subject::running(std::process::id()).unwrap_err().to_string();
        assert!(own.contains("this very program"), "{own}");
    }
}
