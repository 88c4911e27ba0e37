//! One profile of a program: a process a view, and what is kept of each.

use super::input::Input;
use super::process::{End, Ran, Watch};
use super::subject::{Origin, Subject};
use super::{counted, cpu, timeline, waits};
use crate::console::Progress;
use crate::console::interrupt::interrupted;
use crate::profile::cpu::Sampler;
use crate::profile::folder::Folder;
use crate::programs::last_lines;
use anyhow::{Result, bail};
use simple_records::{Ending, MissingView, ProcessEnd, ProfileRecord, View};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// A view that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The user named it: its absence is told.
    Named(View),
    /// It is there if it says anything of the program.
    Usual(View),
}

impl Wanted {
    pub(super) fn view(self) -> View {
        match self {
            Self::Named(view) | Self::Usual(view) => view,
        }
    }
}

/// A profile in progress.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) subject: &'a Subject,
    pub(super) input: Input,
    /// Time after which a process is stopped, or no longer looked at.
    pub(super) limit: Option<Duration>,
    /// Samples of processor time a second.
    pub(super) hz: u32,
    /// The sampler of processor time; the best that works if none is named.
    pub(super) sampler: Option<Sampler>,
    /// Folder of the profiles, on whose disk recordings are kept.
    pub(super) profiles: &'a Path,
    pub(super) folder: Folder,
    pub(super) progress: Progress,
    pub(super) ends: BTreeMap<View, ProcessEnd>,
}

impl Session<'_> {
    /// Makes the views, as far as there is no interrupt. Returns those that are there.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub(super) fn views(&mut self, views: &[Wanted]) -> Result<Vec<View>> {
        let mut made = Vec::new();
        self.progress.expect(views.len());
        for wanted in views.iter().take_while(|_| interrupted().is_none()) {
            let view = wanted.view();
            self.progress.show(&self.subject.title, view.name());
            match self.view(*wanted) {
                Ok(Made::View) => made.push(view),
                Ok(Made::Nothing) => {}
                Err(error) => self.miss(view, &error)?,
            }
            self.progress.step();
        }
        for end in std::mem::take(&mut self.ends).into_values() {
            self.folder.record(&ProfileRecord::Process(end))?;
        }
        Ok(made)
    }

    fn miss(&mut self, view: View, error: &anyhow::Error) -> Result<()> {
        let why = match interrupted() {
            Some(_) => "it was interrupted before there was anything to show".to_owned(),
            None => format!("{error:#}"),
        };
        self.progress.note(&format!("no view of {}: {why}", view.name()));
        self.folder.record(&ProfileRecord::Missing(MissingView { view, why }))
    }

    fn view(&mut self, wanted: Wanted) -> Result<Made> {
        let title = self.subject.title.clone();
        match wanted.view() {
            View::Cpu => cpu::view(self)?.write(&title, &mut self.folder)?,
            View::Instructions => {
                counted::instructions(self, View::Instructions)?.write(&title, &mut self.folder)?;
            }
            View::Memory => {
                let (stacks, sites) = counted::memory(self)?;
                stacks.map_or(Ok(()), |stacks| stacks.write(&title, &mut self.folder))?;
                self.folder.record(&ProfileRecord::AllocationSites(sites))?;
            }
            View::Waiting => {
                let (stacks, waits) = waits::view(self)?;
                stacks.map_or(Ok(()), |stacks| stacks.write(&title, &mut self.folder))?;
                self.folder.record(&ProfileRecord::Waits(waits))?;
            }
            View::Timeline => return timeline::view(self, wanted),
        }
        Ok(Made::View)
    }

    /// Runs a process for a view, and notes its end.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn run(
        &mut self,
        view: View,
        mut command: Command,
        watch: Watch<'_>,
    ) -> Result<Ran> {
        command.stdin(self.input.stdin()?);
        let ran = watch.run(command)?;
        let is_there = fs::metadata(watch.output).is_ok_and(|about| about.len() > 0);
        if !is_there {
            // An empty file says nothing.
            let _ = fs::remove_file(watch.output);
        }
        let output = watch.output.file_name().filter(|_| is_there);
        let (ending, code) = ending(&ran.end);
        self.ends.insert(
            view,
            ProcessEnd {
                view,
                ending: ending.into(),
                code,
                lasted_ns: u64::try_from(ran.lasted.as_nanos()).unwrap_or(u64::MAX),
                output: output.map(|name| name.to_string_lossy().into_owned()),
            },
        );
        Ok(ran)
    }

    /// The file that gets what a process of this view prints.
    pub(super) fn output(&self, view: View) -> std::path::PathBuf {
        self.folder.path(&format!("{}-output.txt", view.name()))
    }

    /// Notes of all views: on the program, and on a process that was stopped.
    pub(super) fn notes(&self, ran: &Ran) -> Vec<String> {
        let mut notes = self.subject.executable.notes.clone();
        notes.extend(ran.notes.iter().cloned());
        // A process that ran already goes on: perf was stopped.
        if let (End::Stopped(how), Origin::Started(_)) = (ran.end, &self.subject.origin) {
            notes.push(how.note(ran.recorded.unwrap_or(ran.lasted)));
        }
        notes
    }
}

/// The outcome of a view without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    View,
    /// It says nothing of this program.
    Nothing,
}

/// Says in which way a tool failed, with the last words that it and the program printed.
pub(super) fn failed<T>(tool: &str, ran: &Ran, said: &str) -> Result<T> {
    let status = match ran.end {
        End::Itself(status) => format!(": it {}", how_ended(status)),
        End::Stopped(how) => format!(". {}", how.note(ran.recorded.unwrap_or(ran.lasted))),
    };
    let said = simple_records::harmless(&last_lines(said));
    match said.is_empty() {
        true => bail!("{tool} left nothing{status}"),
        false => bail!("{tool} left nothing{status}; the last lines were: {said}"),
    }
}

/// `ended with exit code 3`, `was ended by signal 11`.
pub(super) fn how_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (code, _) => format!("ended with exit code {}", code.unwrap_or(0)),
    }
}

fn ending(end: &End) -> (Ending, Option<i32>) {
    match end {
        End::Stopped(_) => (Ending::Stopped, None),
        End::Itself(status) => match status.code() {
            Some(code) => (Ending::Exited, Some(code)),
            None => (Ending::Signalled, status.signal()),
        },
    }
}
