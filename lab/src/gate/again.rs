//! The verb that judges an earlier comparison again.

use crate::files::newest;
use crate::gate::cli::VerdictArgs;
use crate::gate::repository;
use crate::gate::verdict::Verdict;
use anyhow::{Context, Result};
use clap::Args;
use simple_records::{Gate, LogFile};
use std::path::PathBuf;
use std::process::ExitCode;

/// Judge an earlier comparison again.
#[derive(Debug, Args)]
pub struct Judge {
    /// The record, or a folder whose newest record is judged.
    record: Option<PathBuf>,
    #[command(flatten)]
    verdict: VerdictArgs,
}

impl Judge {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let found = repository::find();
        let verdict = match &found {
            Some(found) => Verdict::of_suite(&self.verdict, found)?,
            None => Verdict::of_ours(&self.verdict)?,
        };
        let command = if found.is_some() { "lab gate REV" } else { "just gate REV" };
        let folder = self.record.clone().unwrap_or_else(|| verdict.target.gate());
        let record = newest(&folder, command)?;
        let gate = Gate::read(&record).with_context(|| {
            format!("{} is not a comparison: `{command}` makes one", record.display())
        })?;
        Ok(verdict.judge(&gate, &record))
    }
}
