//! The run: rounds, random order, one process a measurement, records as they come.

use super::cli::Cli;
use super::progress::Progress;
use super::settings::Settings;
use super::{child, criterion_format};
use crate::catalogue::Family;
use crate::{Data, Instrument, Workload};
use anyhow::{Context, Result, bail};
use simple_records::{
    Fingerprint, Record, RecordWriter, RunEnd, RunStart, SCHEMA_VERSION, Samples, Skipped,
};
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

/// One run in progress.
struct Session<'a> {
    settings: Settings,
    data: PathBuf,
    writer: RecordWriter,
    log: File,
    log_path: PathBuf,
    progress: Progress,
    measured: HashSet<&'a str>,
    skipped: HashSet<&'a str>,
}

/// Measures all `families` and writes a run's records.
pub(super) fn measure(cli: &Cli, families: &[Family]) -> Result<ExitCode> {
    let settings = cli.profile.settings();
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..));
    let now = SystemTime::now();
    let run = humantime::format_rfc3339_seconds(now).to_string().replace(':', "-");
    let mut writer = RecordWriter::create(&cli.records, &run)?;
    let log_path = writer.path().with_extension("log");
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log_path)
        .with_context(|| format!("cannot write {}", log_path.display()))?;
    writer.write(&Record::Run(RunStart {
        schema: SCHEMA_VERSION,
        run,
        started_unix_s: unix_s(now),
        tool: concat!("simple-bench ", env!("CARGO_PKG_VERSION")).to_owned(),
        profile: cli.profile.name().to_owned(),
        seed,
        settings: settings.as_map(),
        fingerprint: Fingerprint::collect(),
    }))?;
    for family in families {
        writer.write(&Record::Comparison(family.comparison.clone()))?;
    }
    let workloads: usize = families.iter().map(|family| family.workloads.len()).sum();
    let session = Session {
        settings,
        data: cli.data.clone(),
        writer,
        log,
        log_path,
        progress: Progress::new(workloads as u64 * u64::from(settings.rounds)),
        measured: HashSet::new(),
        skipped: HashSet::new(),
    };
    session.run(families, &mut fastrand::Rng::with_seed(seed))
}

impl<'a> Session<'a> {
    fn run(mut self, families: &'a [Family], random: &mut fastrand::Rng) -> Result<ExitCode> {
        for round in 0..self.settings.rounds {
            for family in families {
                let mut order: Vec<&Workload> = family.workloads.iter().collect();
                random.shuffle(&mut order);
                let rounds = self.settings.rounds;
                let group = format!("round {} of {rounds}: {}", round + 1, family.comparison.id);
                for workload in order {
                    self.progress.show(&group, &workload.name);
                    self.measure_or_skip(workload, round)?;
                    self.progress.step();
                }
            }
        }
        self.finish()
    }

    fn measure_or_skip(&mut self, workload: &'a Workload, round: u32) -> Result<()> {
        if self.skipped.contains(workload.name.as_str()) {
            return Ok(());
        }
        match self.measure(workload, round) {
            Ok(samples) => {
                self.writer.write(&Record::Samples(samples))?;
                self.measured.insert(&workload.name);
            }
            Err(error) => {
                let why = format!("{error:#}");
                self.progress.note(&format!("skipped {}: {why}", workload.name));
                self.writer.write(&Record::Skipped(Skipped {
                    workload: workload.name.clone(),
                    comparison: workload.comparison.clone(),
                    why,
                }))?;
                self.skipped.insert(&workload.name);
            }
        }
        Ok(())
    }

    fn measure(&self, workload: &Workload, round: u32) -> Result<Samples> {
        let home = tempfile::tempdir().context("cannot make a temporary folder")?;
        let mut command =
            child::measure_command(&workload.name, &self.data, self.settings, home.path())?;
        self.run_child(&mut command, home.path())?;
        let work = child::work(home.path())?;
        Ok(Samples {
            workload: workload.name.clone(),
            comparison: workload.comparison.clone(),
            reason: workload.reason.to_owned(),
            axes: workload.axes.clone(),
            peer: workload.peer,
            items: work.items,
            bytes: work.bytes,
            instrument: Instrument::Wall.name().to_owned(),
            round,
            samples: criterion_format::read_samples(home.path())?,
        })
    }

    /// What the child prints goes to the log; what it says about a failure is the error.
    fn run_child(&self, command: &mut Command, home: &Path) -> Result<()> {
        let status = command
            .stdout(self.log.try_clone()?)
            .stderr(self.log.try_clone()?)
            .status()
            .context("cannot start the measuring process")?;
        if status.success() {
            return Ok(());
        }
        match child::failure(home) {
            Some(why) => bail!(why),
            None => {
                bail!("the measuring process ended with {status}, see {}", self.log_path.display())
            }
        }
    }

    fn finish(mut self) -> Result<ExitCode> {
        let (measured, skipped) = (self.measured.len() as u64, self.skipped.len() as u64);
        self.writer.write(&Record::End(RunEnd {
            finished_unix_s: unix_s(SystemTime::now()),
            measured,
            skipped,
        }))?;
        let took = self.progress.finish();
        let path = self.writer.path().display();
        eprintln!("measured {measured} workloads in {took}, skipped {skipped}: {path}");
        Ok(if measured > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn unix_s(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Runs each workload once, in a process of its own, and lists those that are wrong.
pub(super) fn check(families: &[Family], data: &Data) -> Result<ExitCode> {
    let workloads: Vec<_> = families.iter().flat_map(|family| &family.workloads).collect();
    let mut progress = Progress::new(workloads.len() as u64);
    let mut wrong = 0;
    for workload in &workloads {
        progress.show(&format!("checking {}", workload.comparison), &workload.name);
        let output = child::once_command(&workload.name, data)?
            .output()
            .context("cannot start the checking process")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            progress.note(&format!(
                "wrong: {}: {} ({})",
                workload.name,
                said.trim(),
                output.status
            ));
            wrong += 1;
        }
        progress.step();
    }
    progress.finish();
    eprintln!("{} workloads checked, {wrong} wrong", workloads.len());
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
