//! From a comparison to its verdict: limits, waivers, and the places of what is written.

use super::cli::VerdictArgs;
use crate::files;
use crate::gate::calibrate;
use crate::gate::output::Output;
use crate::gate::repository::Found;
use crate::target::Target;
use anyhow::{Context, Result};
use simple_records::{Gate, newest_run};
use simple_reports::judge::{Day, GateFile, Judging, Resume, Waiver};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// The way to a verdict: limits, waivers, and the places of what is written.
#[derive(Debug)]
pub(super) struct Verdict<'a> {
    arguments: &'a VerdictArgs,
    /// The folder for everything that is generated.
    pub(super) target: Target,
    /// The file of limits and waivers, if there is one.
    path: Option<PathBuf>,
    /// Its contents; nothing if there is none.
    pub(super) file: GateFile,
}

impl<'a> Verdict<'a> {
    /// For the runtime's own workloads.
    pub(super) fn of_ours(arguments: &'a VerdictArgs) -> Result<Self> {
        let usual = files::workspace().join("reports/gate/gate.toml");
        Self::new(arguments, arguments.target.clone(), usual)
    }

    /// For benchmarks of a `lab.toml`.
    pub(super) fn of_suite(arguments: &'a VerdictArgs, found: &Found) -> Result<Self> {
        Self::new(arguments, found.target(&arguments.target), found.limits())
    }

    fn new(arguments: &'a VerdictArgs, target: Target, usual: PathBuf) -> Result<Self> {
        let path = arguments.file.clone().or_else(|| Some(usual).filter(|usual| usual.exists()));
        let file = path.as_deref().map(read_gate_file).transpose()?.unwrap_or_default();
        Ok(Self { arguments, target, path, file })
    }

    /// Judges a comparison and presents the verdict beside its record.
    pub(super) fn judge(&self, gate: &Gate, record: &Path) -> ExitCode {
        let allowed = self.arguments.allow.iter().map(|workload| Waiver {
            workload: workload.clone(),
            reason: "allowed by --allow".to_owned(),
            expires: None,
        });
        let (allowed, today) = (allowed.collect::<Vec<_>>(), Day::of(SystemTime::now()));
        let mut report =
            Judging { file: Some((&self.file, &today)), allowed: &allowed }.judge(gate);
        if !self.is_newest(record) {
            report.resume = Resume::Impossible;
        }
        // Others are of the runtime's own workloads.
        let calibrations = match gate.start.suite {
            Some(_) => Vec::new(),
            None => calibrate::places(&self.target),
        };
        let output = Output {
            record,
            page: self.target.gate_page(),
            markdown: self.arguments.markdown.as_deref(),
            annotations: self.arguments.annotations,
            inputs: self.path.iter().cloned().chain(calibrations.clone()).collect(),
            calibrations,
        };
        output.present(&report);
        ExitCode::from(report.verdict.exit_code())
    }

    /// Returns whether a record is the one that `--resume` takes.
    fn is_newest(&self, record: &Path) -> bool {
        newest_run(&self.target.gate()).is_ok_and(|newest| files::is_same(&newest, record))
    }
}

/// Reads limits and waivers.
fn read_gate_file(path: &Path) -> Result<GateFile> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    GateFile::parse(&text).with_context(|| format!("{shown} cannot be used"))
}
