//! The user's command for a build, run in the checkout of each side.

use crate::console::{Amount, Progress, interrupt};
use crate::suite::Place;
use crate::{owned, programs};
use anyhow::{Context, Result, bail};
use simple_records::harmless;
use simple_reports::text;
use std::fs::{self, File};
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// Time between two looks at a build, for the progress.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Last lines of a failed build that are shown.
const SHOWN_LINES: usize = 12;

/// A build of one side.
#[derive(Debug)]
pub(super) struct Build<'a> {
    /// The command, for the shell.
    pub(super) script: &'a str,
    /// The place where it is run.
    pub(super) place: &'a Place,
    /// The file for all that it prints.
    pub(super) log: &'a Path,
    /// The name of the side.
    pub(super) side: &'a str,
    /// A note on the suite, if the sides differ in it.
    pub(super) note: Option<&'a str>,
}

impl Build<'_> {
    /// Builds the side.
    ///
    /// # Errors
    /// If the command fails; the message has the end of what it printed.
    pub(super) fn run(&self) -> Result<()> {
        let shown = self.log.display();
        let log = File::create(self.log).with_context(|| format!("cannot write {shown}"))?;
        let Place { folder, environment, .. } = self.place;
        let mut command = programs::build(self.script);
        command.current_dir(folder).envs(environment.iter().cloned());
        command.stdout(log.try_clone()?).stderr(log);
        // Servers that a build starts would run beside what is measured.
        let leftovers =
            owned::Leftovers::watch().context("cannot watch what a build leaves behind")?;
        let mut child = owned::spawn(&mut command).with_context(|| {
            format!("cannot start a shell in {} to build {}", folder.display(), self.side)
        })?;
        let mut progress = Progress::of(Amount::Steps(1));
        let (part, began) = (format!("building {}", self.side), Instant::now());
        while !child.ends_within(LOOK_EVERY)? {
            progress.say_state(format!("{} so far", text::duration(began.elapsed())));
            progress.show(&part, self.script);
        }
        let status = child.wait()?;
        drop(leftovers);
        drop(progress);
        interrupt::hold_if_ending();
        if status.success() { Ok(()) } else { self.failed(status) }
    }

    fn failed(&self, status: ExitStatus) -> Result<()> {
        let printed = fs::read(self.log).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(SHOWN_LINES)..].iter();
        let last: String = last.map(|line| format!("\n    {}", harmless(line))).collect();
        let last = if last.is_empty() { "\n    nothing".to_owned() } else { last };
        let note = self.note.map(|note| format!("{note}. ")).unwrap_or_default();
        bail!(
            "{} does not build: `{}` ended with {status} in {}; it printed last (all of it is in {}):\
             {last}\n{note}As in a fresh clone, ignored files and empty folders are not there: `build` \
             has to make what it needs",
            self.side,
            self.script,
            self.place.folder.display(),
            self.log.display()
        )
    }
}
