//! What happens in the process of one measurement.

use crate::{Data, Prepared, catalogue};
use anyhow::{Context, Result, ensure};
use clap::Args;
use criterion::{Criterion, SamplingMode};
use serde::{Deserialize, Serialize};
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// The name of the one benchmark that criterion sees here.
pub(super) const BENCHMARK: &str = "workload";
const WORK_FILE: &str = "work.json";
const FAILURE_FILE: &str = "failure.txt";

/// Where criterion puts what it measures.
const CRITERION_HOME: &str = "CRITERION_HOME";

/// Measures one workload; results go to the folder that `CRITERION_HOME` names.
#[derive(Debug, Args)]
pub(super) struct Measure {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    warm_up_ms: u64,
    #[arg(long)]
    measurement_ms: u64,
    #[arg(long)]
    samples: usize,
}

/// Runs one workload once and looks at its answer and its effects.
#[derive(Debug, Args)]
pub(super) struct Once {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
}

/// What an iteration processes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) items: u64,
    pub(super) bytes: Option<u64>,
}

/// A command line that makes this program measure `workload`.
pub(super) fn measure_command(
    workload: &str,
    data: &Path,
    settings: super::settings::Settings,
    home: &Path,
) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("measure").arg("--workload").arg(workload).arg("--data").arg(data);
    for (flag, value) in [
        ("--warm-up-ms", settings.warm_up_ms),
        ("--measurement-ms", settings.measurement_ms),
        ("--samples", settings.samples as u64),
    ] {
        command.arg(flag).arg(value.to_string());
    }
    command.env(CRITERION_HOME, home);
    Ok(command)
}

/// A command line that makes this program run `workload` once.
pub(super) fn once_command(workload: &str, data: &Data) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("once").arg("--workload").arg(workload).arg("--data").arg(data.folder());
    Ok(command)
}

/// What the child that had this home says an iteration processes.
pub(super) fn work(home: &Path) -> Result<Work> {
    Ok(serde_json::from_slice(&fs::read(home.join(WORK_FILE))?)?)
}

/// Why the child that had this home gave up, if it could still say so.
pub(super) fn failure(home: &Path) -> Option<String> {
    fs::read_to_string(home.join(FAILURE_FILE)).ok()
}

fn prepared(name: &str, data: &Path) -> Result<Prepared> {
    let workload = catalogue::all()
        .into_iter()
        .flat_map(|family| family.workloads)
        .find(|workload| workload.name == name)
        .with_context(|| format!("no workload is called {name}"))?;
    workload.prepare(&Data::new(data.to_owned())).context("it cannot be prepared here")
}

impl Measure {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let home = PathBuf::from(std::env::var_os(CRITERION_HOME).context("no CRITERION_HOME")?);
        if let Err(error) = self.measure(&home) {
            fs::write(home.join(FAILURE_FILE), format!("{error:#}"))?;
            return Err(error);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn measure(&self, home: &Path) -> Result<()> {
        let mut prepared = prepared(&self.workload, &self.data)?;
        let work = Work { items: prepared.items, bytes: prepared.bytes };
        fs::write(home.join(WORK_FILE), serde_json::to_vec(&work)?)?;
        // A wrong answer is not worth a measurement.
        let answer = (prepared.run)();
        ensure!(answer == prepared.expected, "wrong answer: {answer} not {}", prepared.expected);
        let mut criterion = Criterion::default();
        let mut group = criterion.benchmark_group(BENCHMARK);
        group
            // As many iterations in each sample: slow workloads stay within the time.
            .sampling_mode(SamplingMode::Flat)
            .warm_up_time(Duration::from_millis(self.warm_up_ms))
            .measurement_time(Duration::from_millis(self.measurement_ms))
            .sample_size(self.samples)
            // Its analysis is not used, the raw samples are: the least it accepts.
            .nresamples(2);
        group.bench_function(BENCHMARK, |bencher| bencher.iter(|| black_box((prepared.run)())));
        group.finish();
        Ok(())
    }
}

impl Once {
    pub(super) fn run(&self) -> Result<ExitCode> {
        // Twice: what the first run leaves behind must not change the answer of the next.
        prepared(&self.workload, &self.data)?.check(2)?;
        Ok(ExitCode::SUCCESS)
    }
}
