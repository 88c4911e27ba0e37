//! The process of one measurement, from both sides.

use crate::instruments;
use crate::{Data, Instrument, Prepared, catalogue};
use anyhow::{Context, Result, bail};
use clap::Args;
use simple_lab::owned::{self, Ended};
use simple_lab::programs::{self, Failed};
use simple_records::harness::{Measured, Settings};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Longer than any workload may take, prepared and measured by any profile: something hangs.
const PATIENCE: Duration = Duration::from_secs(300);
const ANSWER_FILE: &str = "answer.json";
const FAILURE_FILE: &str = "failure.txt";

/// Measures one workload.
#[derive(Debug, Args)]
pub(super) struct Measure {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    instrument: Instrument,
    #[arg(long)]
    data: PathBuf,
    /// As JSON.
    #[arg(long)]
    settings: String,
    /// Where to leave the answer, or the reason why there is none.
    #[arg(long)]
    home: PathBuf,
}

/// Runs one workload a few times and looks at its answers and its effects.
#[derive(Debug, Args)]
pub(super) struct Once {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
}

/// What a run has its children do.
#[derive(Debug)]
pub(super) struct Orders<'a> {
    pub(super) data: &'a Path,
    pub(super) settings: Settings,
    /// Processors to stay on, as taskset(1) names them.
    pub(super) pin: Option<&'a str>,
    /// Gets what the children print.
    pub(super) log: &'a File,
    pub(super) log_path: &'a Path,
    /// Where cargo builds, and where tools of our own are.
    pub(super) target: PathBuf,
}

impl Orders<'_> {
    /// Measures `workload` in a process of its own.
    pub(super) fn measure(&self, workload: &str, instrument: Instrument) -> Result<Measured> {
        let home = owned::scratch()?;
        let mut command = this_program(self.pin)?;
        command
            .args(["measure", "--workload", workload, "--instrument", instrument.name()])
            .args(["--settings", &serde_json::to_string(&self.settings)?])
            .arg("--data")
            .arg(self.data)
            .arg("--home")
            .arg(home.path())
            // Criterion would ask cargo where it builds, which takes longer than to measure.
            .env("CRITERION_HOME", home.path())
            .stdout(self.log.try_clone()?)
            .stderr(self.log.try_clone()?);
        let mut child = owned::spawn(&mut command).context("cannot start the measuring process")?;
        let Ended::Itself(status) = child.wait_for(PATIENCE)? else {
            bail!("it hung: killed after {} seconds", PATIENCE.as_secs());
        };
        if status.success() {
            let answer = fs::read(home.path().join(ANSWER_FILE))?;
            return serde_json::from_slice(&answer).context("its answer is illegible");
        }
        match fs::read_to_string(home.path().join(FAILURE_FILE)) {
            Ok(why) => bail!(why),
            Err(_) => {
                bail!("the measuring process ended with {status}, see {}", self.log_path.display())
            }
        }
    }
}

/// Runs `workload` a few times in a process of its own, and returns what is wrong with it.
pub(super) fn check(workload: &str, data: &Data) -> Result<Option<String>> {
    let mut command = this_program(None)?;
    command.args(["once", "--workload", workload, "--data"]).arg(data.folder());
    match programs::run(command, PATIENCE) {
        Ok(_) => Ok(None),
        Err(error) => match error.downcast::<Failed>() {
            Ok(failed) => Ok(Some(format!("{failed} ({})", failed.status))),
            Err(error) => Err(error.context("the checking process")),
        },
    }
}

fn this_program(pin: Option<&str>) -> Result<Command> {
    let program = std::env::current_exe()?;
    Ok(match pin {
        None => programs::measured(&program),
        Some(processors) => {
            let mut command = programs::taskset(processors);
            command.arg(program);
            command
        }
    })
}

impl Measure {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let settings = serde_json::from_str(&self.settings)?;
        let answer = self.home.join(ANSWER_FILE);
        let measured = prepare(&self.workload, &self.data).and_then(|mut prepared| {
            prepared.time(1)?;
            let data = Data::new(self.data.clone());
            let measured = instruments::measure(prepared, self.instrument, settings, &data)?;
            fs::write(&answer, serde_json::to_vec(&measured)?).context("cannot write the answer")
        });
        if let Err(error) = measured {
            fs::write(self.home.join(FAILURE_FILE), format!("{error:#}"))?;
            return Err(error);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Once {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let prepared = prepare(&self.workload, &self.data)?;
        // Twice: what the first run leaves behind must not change the answer of the next.
        prepared.check(2)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The workload of this name, ready to run.
pub(super) fn prepare(workload: &str, data: &Path) -> Result<Prepared> {
    let found = catalogue::find(workload);
    let workload = found.with_context(|| format!("no workload is called {workload}"))?;
    workload.prepare(&Data::new(data.to_owned())).context("it cannot be prepared here")
}
