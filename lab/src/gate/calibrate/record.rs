//! The record of a calibration: a new one, or the newest, which is resumed.

use super::Calibrate;
use crate::files::{self, begin_record, can_resume, newest, unix_s};
use crate::fingerprint;
use crate::harness::builds::Program;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use simple_records::{
    Calibration, CalibrationRecord, CalibrationStart, GateLimits, LeftOut, Log, LogFile,
    SCHEMA_VERSION, Trial,
};
use std::path::PathBuf;
use std::time::SystemTime;

/// Folders of calibrations: those of this machine, then the committed one.
pub fn places(target: &Target) -> Vec<PathBuf> {
    vec![target.calibration(), files::workspace().join("reports/baselines/calibration")]
}

/// Begins a record, or opens the newest with its trials.
pub(super) fn open(
    asked: &Calibrate,
    program: &Program,
) -> Result<(Log<Calibration>, Vec<Trial>, Vec<LeftOut>)> {
    let folder = asked.target.calibration();
    let fingerprint = fingerprint::collect().told();
    if asked.resume {
        let path = newest(&folder, "just calibrate")?;
        let calibration = Calibration::read(&path)?;
        let shown = path.display();
        let start = &calibration.start;
        can_resume(&start.fingerprint, &fingerprint).with_context(|| shown.to_string())?;
        ensure!(
            start.effort == asked.effort,
            "{shown} is of the effort {}: name it with --effort",
            start.effort
        );
        ensure!(
            (start.program.as_str(), &start.limits)
                == (program.build.key.as_str(), &GateLimits::default()),
            "{shown} is of another program or other limits: start a new calibration"
        );
        return Ok((Log::<Calibration>::resume(&path)?, calibration.trials, calibration.left_out));
    }
    let now = SystemTime::now();
    let (run, mut writer) = begin_record(&folder, now)?;
    writer.append(&CalibrationRecord::Calibration(Box::new(CalibrationStart {
        schema: SCHEMA_VERSION,
        run,
        started_unix_s: unix_s(now),
        tool: concat!("simple-gate ", env!("CARGO_PKG_VERSION")).to_owned(),
        effort: asked.effort.into(),
        program: program.build.key.clone(),
        limits: GateLimits::default(),
        fingerprint,
    })))?;
    Ok((writer, Vec::new(), Vec::new()))
}
