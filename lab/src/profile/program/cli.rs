//! The part of the verb `profile` that is about programs of anybody.

use super::cpu;
use super::input::Input;
use super::session::{Session, Wanted};
use super::subject::{Origin, Subject};
use crate::console::interrupt::{interrupted, note_interrupts};
use crate::console::{Amount, Progress};
use crate::profile::cpu::Sampler;
use crate::profile::folder::{self, Folder, build_of};
use crate::profile::print;
use crate::target::Target;
use crate::words::some_time;
use crate::{files, fingerprint, out, owned, say};
use anyhow::{Context, Result, bail};
use clap::Args;
use simple_records::{Ending, LogFile, PROFILE_FILE, Profile, View};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Views of a process that runs already: the others begin with their program.
const OF_RUNNING: [View; 2] = [View::Cpu, View::Waiting];

/// A program of anybody, or a process.
#[derive(Debug, Args)]
pub(in crate::profile) struct Anybody {
    /// Profile the process of this number for --for (10s), and leave it as it is.
    #[arg(long, value_name = "PID", conflicts_with_all = ["program", "for_ms", "input", "command"])]
    pid: Option<u32>,
    /// Stop the program after this time, such as 10s, and keep its profile; of a process, the time for
    /// which it is looked at.
    #[arg(long = "for", id = "for", value_name = "TIME", value_parser = some_time)]
    #[arg(allow_hyphen_values = true)]
    #[arg(conflicts_with_all = ["workload", "for_ms"])]
    limit: Option<Duration>,
    /// A file that the program reads as its standard input, instead of the one of this program.
    #[arg(long, value_name = "FILE", conflicts_with = "workload")]
    input: Option<PathBuf>,
    /// Samples of processor time a second, of a program or a process.
    #[arg(long, value_name = "NUMBER", default_value_t = 997, conflicts_with = "workload")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=20_000))]
    hz: u32,
    /// A program with its arguments, after `--`: profiled as a whole, once for each view, with the
    /// programs that it starts.
    #[arg(value_name = "PROGRAM", last = true, conflicts_with_all = ["program", "for_ms"])]
    command: Vec<OsString>,
}

/// Options beside the views.
#[derive(Debug, Clone, Copy)]
pub(in crate::profile) struct Asked<'a> {
    /// Views that were named, each once; empty for the usual ones.
    pub(in crate::profile) views: &'a [View],
    /// The sampler of processor time, if one was named.
    pub(in crate::profile) sampler: Option<Sampler>,
    pub(in crate::profile) target: &'a Target,
}

impl Anybody {
    /// Returns whether a program or a process was named.
    pub(in crate::profile) fn is_named(&self) -> bool {
        self.pid.is_some() || !self.command.is_empty()
    }

    /// Profiles the program or process.
    ///
    /// # Errors
    /// If it cannot be started or looked at. Then the exit code is 2.
    pub(in crate::profile) fn profile(&self, asked: Asked<'_>) -> Result<ExitCode> {
        let subject = match self.pid {
            Some(pid) => Subject::running(pid)?,
            None => Subject::started(&self.command)?,
        };
        cpu::check(asked.sampler, &subject.origin)?;
        let views = wanted(asked.views, &subject)?;
        let named = self.input.as_deref().map(Input::named).transpose()?;
        note_interrupts()?;
        // Processes that a program leaves behind are named.
        owned::adopt_orphans()?;
        let profiles = std::path::absolute(asked.target.profiles())?;
        std::fs::create_dir_all(&profiles)
            .with_context(|| format!("cannot create the folder {}", profiles.display()))?;
        let _lock = files::lock(&profiles)?;
        owned::remove_leftovers(&profiles);
        let input = match (named, &subject.origin) {
            (Some(named), _) => named,
            (None, Origin::Running(_)) => Input::Empty,
            (None, Origin::Started(_)) => {
                Input::inherited(views.len(), |line| say!("note: {line}"))?
            }
        };
        let began = Instant::now();
        let mut session = self.session(&subject, &profiles, input, (asked, &views))?;
        let made = session.views(&views)?;
        let Session { folder, progress, .. } = session;
        drop(progress);
        self.conclude(&subject, folder, &made, began)
    }

    fn session<'a>(
        &self,
        subject: &'a Subject,
        profiles: &'a Path,
        input: Input,
        (asked, views): (Asked<'_>, &[Wanted]),
    ) -> Result<Session<'a>> {
        // The sources around the current folder are those of somebody else: what is not known of them
        // is not missed.
        let fingerprint = fingerprint::collect().fingerprint;
        let mut build = build_of(&subject.file(), true, &fingerprint)?;
        build.name = subject.executable.path.display().to_string();
        let of_profile = folder::Subject { name: &subject.name, program: Some(&subject.program) };
        let replaced: Vec<View> = views.iter().map(|wanted| wanted.view()).collect();
        Ok(Session {
            subject,
            input,
            limit: self.limit,
            hz: self.hz,
            sampler: asked.sampler,
            profiles,
            folder: Folder::begin(profiles, of_profile, &build, &fingerprint, &replaced)?,
            progress: Progress::of(Amount::Grows),
            ends: BTreeMap::new(),
        })
    }

    /// Keeps and prints what there is. Returns the exit code.
    fn conclude(
        &self,
        subject: &Subject,
        folder: Folder,
        made: &[View],
        began: Instant,
    ) -> Result<ExitCode> {
        if made.is_empty() {
            let Some(code) = interrupted() else {
                say!("error: no view is available, for the reasons above");
                return Ok(ExitCode::FAILURE);
            };
            say!("interrupted: nothing was profiled yet");
            return Ok(ExitCode::from(code));
        }
        let place = folder.finish()?;
        print::profile(&place, made)?;
        warn_of_failures(&Profile::read(&place.join(PROFILE_FILE))?, made, &subject.title);
        out!(
            "profiled {} in {:.0} s: {}",
            subject.title,
            began.elapsed().as_secs_f64(),
            place.display()
        );
        let Some(code) = interrupted() else { return Ok(ExitCode::SUCCESS) };
        say!("interrupted: what was profiled until then is kept");
        Ok(ExitCode::from(code))
    }
}

/// The views, in their order.
fn wanted(named: &[View], subject: &Subject) -> Result<Vec<Wanted>> {
    let Origin::Running(running) = &subject.origin else {
        return Ok(match named.is_empty() {
            true => View::ALL.into_iter().map(Wanted::Usual).collect(),
            false => named.iter().copied().map(Wanted::Named).collect(),
        });
    };
    if named.is_empty() {
        return Ok(OF_RUNNING.into_iter().map(Wanted::Usual).collect());
    }
    if let Some(view) = named.iter().find(|view| !OF_RUNNING.contains(view)) {
        bail!(
            "the view of {} begins with its program, and process {} runs already: --views \
             cpu,waiting, or have lab start the program: `lab profile -- PROGRAM`",
            view.name(),
            running.pid
        );
    }
    Ok(named.iter().copied().map(Wanted::Named).collect())
}

/// Says which processes did not end well; each end once.
fn warn_of_failures(profile: &Profile, made: &[View], title: &str) {
    let ends = profile.processes.iter().filter(|end| made.contains(&end.view));
    let mut said: Vec<String> = Vec::new();
    for end in ends {
        let code = end.code.unwrap_or(0);
        let how = match end.ending.known() {
            Some(Ending::Exited) if code != 0 => format!("ended with exit code {code}"),
            Some(Ending::Signalled) => format!("was ended by signal {code}"),
            _ => continue,
        };
        if !said.contains(&how) {
            say!("warning: {title} {how}: what it did until then is shown");
            said.push(how);
        }
    }
}
