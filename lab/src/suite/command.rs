//! Whole processes: an iteration is one process from its start to its end.

use super::config::Process;
use super::{Adapter, Counted, Place, Timed, Worker};
use crate::compare::command::{Launch, Measured};
use crate::compare::fault::Asked;
use crate::compare::process::{Failures, Finished, Printed, Runner, Treatment};
use crate::console::interrupt::interrupted;
use crate::programs;
use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Programs whose instructions say nothing of what they start.
const STARTERS: [&str; 8] = ["sh", "bash", "dash", "ksh", "zsh", "fish", "env", "cargo"];

/// The commands of a suite.
#[derive(Debug)]
pub(super) struct Commands {
    processes: Vec<Process>,
}

/// A command that is measured in a block.
#[derive(Debug)]
struct Repeated {
    name: String,
    /// The program, as `lab.toml` calls it.
    program: String,
    /// The process, with absolute paths.
    measured: Measured,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    prepare: Option<String>,
    timeout: Duration,
    runner: Runner,
    random: fastrand::Rng,
}

impl Commands {
    pub(super) fn new(processes: Vec<Process>) -> Self {
        Self { processes }
    }

    fn repeated(&self, place: &Place, benchmark: &str) -> Result<Repeated> {
        let process = self.processes.iter().find(|process| process.name == benchmark);
        let process = process.with_context(|| format!("there is no command '{benchmark}'"))?;
        let mut words = process.words.clone();
        words[0] = located(&process.words[0], &place.folder)?;
        let treatment = Treatment {
            printed: Printed::Ignored,
            failures: Failures::End,
            timeout: place.timeout,
            asked: Asked::File,
        };
        Ok(Repeated {
            name: format!("command '{benchmark}'"),
            program: process.words[0].clone(),
            measured: Measured {
                launch: Launch::Words(words),
                environment: process.environment.clone(),
                input: process.input.as_ref().map(|input| place.folder.join(input)),
            },
            folder: place.folder.clone(),
            environment: place.environment.clone(),
            prepare: process.prepare.clone(),
            timeout: place.timeout,
            runner: Runner::new(treatment)?,
            random: fastrand::Rng::new(),
        })
    }
}

impl Adapter for Commands {
    fn list(&self, _place: &Place) -> Result<Vec<String>> {
        Ok(self.processes.iter().map(|process| process.name.clone()).collect())
    }

    fn start(&self, place: &Place, benchmark: &str) -> Result<Box<dyn Worker>> {
        Ok(Box::new(self.repeated(place, benchmark)?))
    }

    /// The command itself. What it prepares is done here: the process must be started soon.
    fn counted(&self, place: &Place, benchmark: &str) -> Result<Option<Counted>> {
        let repeated = self.repeated(place, benchmark)?;
        let program = repeated.measured.program();
        if starts_others(Path::new(program)) {
            return Ok(None);
        }
        repeated.prepare()?;
        let mut command = programs::of_user(program);
        if let Launch::Words(words) = &repeated.measured.launch {
            command.args(&words[1..]);
        }
        repeated.surround(&mut command);
        Ok(Some(Counted { command, input: repeated.measured.input }))
    }
}

/// The file of a program. One that is named by a path lies below the folder; others are found by the PATH.
fn located(program: &str, folder: &Path) -> Result<String> {
    if !program.contains('/') {
        return Ok(program.to_owned());
    }
    let path = folder.join(program).into_os_string().into_string();
    path.map_err(|path| anyhow!("the path {} is no text: rename its folders", path.display()))
}

/// Returns whether a program only starts another one: a shell, or a script.
fn starts_others(program: &Path) -> bool {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let mut start = [0; 2];
    let read = File::open(program).and_then(|mut file| file.read_exact(&mut start));
    STARTERS.contains(&&*name) || (read.is_ok() && start == *b"#!")
}

impl Repeated {
    /// Gives a process the folder and the variables.
    fn surround(&self, command: &mut Command) {
        command.current_dir(&self.folder);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // Those of the command come last: they win.
        command.envs(self.measured.environment.iter().map(|(name, value)| (name, value)));
    }

    fn prepare(&self) -> Result<()> {
        let Some(script) = &self.prepare else { return Ok(()) };
        let mut command = programs::sh(script);
        self.surround(&mut command);
        command.stdout(Stdio::null());
        programs::run(command, self.timeout)
            .with_context(|| format!("{}: prepare '{script}' failed: correct it", self.name))?;
        Ok(())
    }

    fn run(&mut self) -> Result<Finished> {
        self.prepare()?;
        let command = self.measured.command(&mut self.random);
        let mut command = command.with_context(|| format!("{} cannot be started", self.name))?;
        self.surround(&mut command);
        let finished = self.runner.run_process(command, &self.program, &self.name)?;
        if interrupted().is_some() {
            bail!("interrupted");
        }
        Ok(finished)
    }

    /// Runs processes for at least `at_least_ns` ns, and at least `least` of them.
    fn repeat(&mut self, at_least_ns: u64, least: u32) -> Result<Vec<Finished>> {
        let (mut all, mut spent_ns) = (Vec::new(), 0.0);
        while spent_ns < at_least_ns as f64 || all.len() < least as usize {
            let finished = self.run()?;
            spent_ns += finished.wall_ns;
            all.push(finished);
        }
        Ok(all)
    }
}

impl Worker for Repeated {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        let all = self.repeat(at_least_ns, 1)?;
        Ok(all.iter().map(|one| one.wall_ns).sum::<f64>() / all.len() as f64)
    }

    fn turn(&mut self, about_ns: u64, least_samples: u32) -> Result<Timed> {
        let all = self.repeat(about_ns, least_samples.max(1))?;
        Ok(Timed {
            iterations: 1,
            totals_ns: all.iter().map(|one| one.wall_ns).collect(),
            page_faults_minor: all.iter().map(|one| one.usage.page_faults_minor).sum(),
            involuntary_switches: all.iter().map(|one| one.usage.switches_involuntary).sum(),
        })
    }
}
