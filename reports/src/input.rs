//! Which records a report is made of: files, folders, names of runs, and a folder of history.

use crate::analysis::{History, MOST_RUNS, Report, RunComparison};
use crate::judge::{BenchCurve, OperatingCurve};
use simple_records::{
    Calibration, Difference, LogFile, RecordError, Run, empty_after, harmless, newest_run,
    record_files,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Sources of records.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Input {
    /// One run to report, or two: the second is reported and compared with the first. Each is
    /// a run's file, a folder of which the newest run is taken, or a run's name in the folder
    /// of --history.
    #[arg(long, value_name = "RUN", num_args = 1..=2)]
    records: Vec<PathBuf>,
    /// Folder of previous runs: those of the same machine and effort make the history.
    #[arg(long, value_name = "FOLDER")]
    history: Option<PathBuf>,
    /// Compare two runs even if they are not of the same machine and tools.
    #[arg(long)]
    anyway: bool,
}

/// Why records make no report.
#[derive(Debug, Error)]
pub enum InputError {
    /// A file cannot be used.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// Nothing of that name.
    #[error("no run {name}: neither a file or folder, nor a run in {folder}")]
    NoSuchRun {
        /// The run that was asked for.
        name: String,
        /// The folder that was searched.
        folder: String,
    },
    /// A folder or file that an option names does not exist.
    #[error("{option} {place}: there is no such file or folder")]
    NoPlace {
        /// The option.
        option: &'static str,
        /// Its value.
        place: String,
    },
    /// Two runs whose figures do not belong together.
    #[error("these two runs cannot be compared: {}", listed(.0))]
    NotComparable(Vec<Difference>),
}

/// Records of a report.
#[derive(Debug)]
pub struct Reported {
    /// The run.
    pub report: Report,
    /// The run against an earlier one, if two were named.
    pub baseline: Option<RunComparison>,
}

impl Input {
    /// Returns whether records were named by `--records`.
    pub fn is_named(&self) -> bool {
        !self.records.is_empty()
    }

    /// Refuses a folder of previous runs that does not exist: without it there would silently be no
    /// history.
    ///
    /// # Errors
    /// If one is named and does not exist.
    pub fn check(&self) -> Result<(), InputError> {
        match &self.history {
            Some(folder) if !folder.exists() => Err(InputError::NoPlace {
                option: "--history",
                place: folder.display().to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// These runs, or the newest one if there are none, with `folder` for names and for history.
    pub fn of(&self, runs: &[PathBuf], folder: &Path) -> Self {
        let records = if runs.is_empty() { vec![folder.to_owned()] } else { runs.to_vec() };
        let history = self.history.clone().or_else(|| Some(folder.to_owned()));
        Self { records, history, anyway: self.anyway }
    }

    /// Reads the runs that were named.
    ///
    /// # Errors
    /// If a named run is not there or not usable, or if two runs may not be compared.
    pub fn read(&self) -> Result<Reported, InputError> {
        let paths: Vec<PathBuf> =
            self.records.iter().map(|name| self.find(name)).collect::<Result<_, _>>()?;
        let folders = self.records.iter().map(|name| name.is_dir());
        let is_newest: BTreeMap<&PathBuf, bool> = paths.iter().zip(folders).collect();
        let read = |path: &PathBuf| {
            let mut run = Run::read(path)?;
            if is_newest[path] {
                run.warnings.extend(empty_after(path).iter().map(|empty| newer_but_empty(empty)));
            }
            Ok::<_, InputError>(Report::new(run))
        };
        let (report, baseline) = match &paths[..] {
            [before, after] => {
                let (before, after) = (read(before)?, read(after)?);
                let comparison = RunComparison::new(&before, &after);
                if !comparison.differences.is_empty() && !self.anyway {
                    return Err(InputError::NotComparable(comparison.differences));
                }
                (after, Some(comparison))
            }
            [only, ..] => (read(only)?, None),
            [] => return Err(RecordError::NoRecords(PathBuf::new()).into()),
        };
        Ok(Reported { report, baseline })
    }

    /// The run among previous ones, if a folder of them was named. Files that cannot be read are
    /// left out, with a note.
    pub fn history(&self, report: &Report) -> Option<History> {
        self.history.as_deref().map(|folder| history(folder, report))
    }

    /// The file that is meant.
    fn find(&self, name: &Path) -> Result<PathBuf, InputError> {
        let folder = match &self.history {
            Some(folder) if !name.exists() && name.components().count() == 1 => folder,
            _ => return Ok(newest_run(name)?),
        };
        let mut file = folder.join(name).into_os_string();
        if name.extension().is_none_or(|extension| extension != "jsonl") {
            file.push(".jsonl");
        }
        let file = PathBuf::from(file);
        if file.is_file() {
            return Ok(file);
        }
        let (name, folder) = (name.display().to_string(), folder.display().to_string());
        Err(InputError::NoSuchRun { name, folder })
    }
}

/// Reliability of the regression gate, from the first of these folders (of which the newest
/// file is taken) or files that holds a calibration of it.
pub fn operating_curve(places: &[PathBuf]) -> Option<OperatingCurve> {
    // One that has only begun says nothing.
    let found = calibrations(places).find(|one| !one.trials.is_empty())?;
    Some(OperatingCurve::new(&found))
}

/// Reliability of runs, from the same places.
pub fn bench_curve(places: &[PathBuf]) -> Option<BenchCurve> {
    let found = calibrations(places).find(|one| !one.bench_trials.is_empty())?;
    BenchCurve::new(&found)
}

/// All calibrations that can be read: place by place, the newest of a folder first.
fn calibrations(places: &[PathBuf]) -> impl Iterator<Item = Calibration> {
    let files = places.iter().flat_map(|place| match place.is_file() {
        true => vec![place.clone()],
        false => {
            let files = record_files(place).unwrap_or_default();
            files.into_iter().rev().map(|file| file.path).collect()
        }
    });
    files.filter_map(|file| Calibration::read(&file).ok())
}

/// The newest runs of a folder. A folder that is not there holds none.
fn history(folder: &Path, report: &Report) -> History {
    let files = record_files(folder).unwrap_or_default();
    // Of those that are damaged nobody knows whether they are among the newest: all are told.
    let (files, damaged): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.started_unix_s.is_some());
    let mut notes = Vec::new();
    let older = files.len().saturating_sub(MOST_RUNS);
    if older > 0 {
        notes.push(format!(
            "Of {} files in the folder, the newest {MOST_RUNS} are read.",
            files.len()
        ));
    }
    let mut others = Vec::new();
    for file in files[older..].iter().chain(&damaged) {
        match Run::read(&file.path) {
            Ok(run) => others.push(Report::new(run)),
            Err(error) => notes.push(format!("left out: {error}")),
        }
    }
    History::new(report, &others, notes)
}

fn newer_but_empty(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "{} is newer but empty: its run was ended before it wrote anything; delete it",
        harmless(&name)
    )
}

fn listed(differences: &[Difference]) -> String {
    let shown = differences.iter().map(|difference| {
        let Difference { field, left, right } = difference;
        format!("\n  {field}: {left} in the first, {right} in the second")
    });
    shown.collect()
}
