//! What a comparison of two builds has this program do: say what there is to judge, and
//! take turns with another build.

use crate::instruments::paired;
use crate::{Profile, catalogue};
use anyhow::Result;
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the workloads that are judged, as JSON lines.
#[derive(Debug, Args)]
pub(super) struct Candidates {
    #[arg(long, value_enum)]
    setting: Profile,
    filters: Vec<String>,
}

/// Prepares one workload and serves requests on the standard input.
#[derive(Debug, Args)]
pub(super) struct Paired {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
}

impl Candidates {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let mut out = io::stdout().lock();
        for candidate in catalogue::gated(self.setting, &self.filters) {
            serde_json::to_writer(&mut out, &candidate)?;
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Paired {
    pub(super) fn run(&self) -> Result<ExitCode> {
        paired::serve(&self.workload, &self.data, io::stdin().lock(), io::stdout().lock())?;
        Ok(ExitCode::SUCCESS)
    }
}
