//! The record of a calibration: a new one, or the newest, which is resumed.

use super::Calibrate;
use crate::files::{self, begin_record, can_resume, unix_s};
use crate::fingerprint;
use crate::harness::builds::Program;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use simple_records::{
    BenchLimits, Calibration, CalibrationRecord, CalibrationStart, GateLimits, Log, LogFile,
    SCHEMA_VERSION, record_files,
};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders of calibrations: those of this machine, then the committed one.
pub fn places(target: &Target) -> Vec<PathBuf> {
    vec![target.calibration(), files::workspace().join("reports/baselines/calibration")]
}

/// Verdicts show the newest calibration, and those of moved code say nothing of slower code.
fn folder(asked: &Calibrate) -> PathBuf {
    let folder = asked.target.calibration();
    if asked.moved.is_some() { folder.join("moved") } else { folder }
}

/// Begins a record, or opens the newest of its kind with its trials. `bench` has the limits of runs,
/// if they are calibrated.
pub(super) fn open(
    asked: &Calibrate,
    program: &Program,
    bench: Option<BenchLimits>,
) -> Result<(Log<Calibration>, Calibration)> {
    let folder = folder(asked);
    let fingerprint = fingerprint::collect().told();
    if asked.resume {
        let (path, calibration) = match bench {
            None => newest_that(&folder, "just calibrate", |start| start.bench.is_none())?,
            Some(_) => {
                newest_that(&folder, "just calibrate --bench", |start| start.bench.is_some())?
            }
        };
        let shown = path.display();
        let start = &calibration.start;
        can_resume(&start.fingerprint, &fingerprint).with_context(|| shown.to_string())?;
        ensure!(
            start.effort == asked.effort,
            "{shown} is of the effort {}: name it with --effort",
            start.effort
        );
        ensure!(
            (start.program.as_str(), &start.limits, start.bench)
                == (program.build.key.as_str(), &GateLimits::default(), bench),
            "{shown} is of another program or other limits: start a new calibration"
        );
        return Ok((Log::<Calibration>::resume(&path)?, calibration));
    }
    let now = SystemTime::now();
    let (run, mut writer) = begin_record(&folder, now)?;
    let start = CalibrationStart {
        schema: SCHEMA_VERSION,
        run,
        started_unix_s: unix_s(now),
        tool: concat!("simple-gate ", env!("CARGO_PKG_VERSION")).to_owned(),
        effort: asked.effort.into(),
        program: program.build.key.clone(),
        limits: GateLimits::default(),
        bench,
        fingerprint,
    };
    let first = CalibrationRecord::Calibration(Box::new(start));
    writer.append(&first)?;
    let record = Calibration::begin(first).context("the first line begins a calibration")?;
    Ok((writer, record))
}

/// The newest calibration of a kind, with its file; `command` makes one.
fn newest_that(
    folder: &Path,
    command: &str,
    is_wanted: fn(&CalibrationStart) -> bool,
) -> Result<(PathBuf, Calibration)> {
    let files = record_files(folder).unwrap_or_default().into_iter().rev();
    let mut read = files.filter_map(|file| Some((Calibration::read(&file.path).ok()?, file.path)));
    let found = read.find(|(calibration, _)| is_wanted(&calibration.start));
    let (calibration, path) = found.with_context(|| {
        format!("{} holds nothing to resume: begin with `{command}`", folder.display())
    })?;
    Ok((path, calibration))
}
