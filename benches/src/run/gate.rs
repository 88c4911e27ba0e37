//! What a comparison of two builds has this program do: say what there is to judge, and
//! take turns with another build.

use super::child::prepare;
use crate::instruments::turns;
use crate::{Effort, catalogue};
use anyhow::{Context, Result, bail};
use clap::Args;
use simple_records::harness;
use simple_records::paired::{Reply, Request};
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the workloads that are judged, as JSON lines.
#[derive(Debug, Args)]
pub(super) struct Candidates {
    #[arg(long)]
    setting: Effort,
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
        let served = self.serve();
        if let Err(error) = &served {
            reply(&Reply::Failed { why: format!("{error:#}") })?;
        }
        served.map(|()| ExitCode::SUCCESS)
    }

    fn serve(&self) -> Result<()> {
        let mut prepared = prepare(&self.workload, &self.data)?;
        prepared.time(1)?;
        reply(&Reply::Ready)?;
        for line in io::stdin().lock().lines() {
            let request = serde_json::from_str(&line?).context("an illegible request")?;
            let done = match request {
                Request::WarmUp { at_least_ns } => turns::warm_up(&mut prepared, at_least_ns)?,
                Request::Measure { iterations, samples } => {
                    turns::time(&mut prepared, iterations, samples)?
                }
            };
            reply(&match done {
                harness::Reply::WarmedUp { iteration_ns } => Reply::WarmedUp { iteration_ns },
                harness::Reply::Timed { totals_ns, page_faults_minor, involuntary_switches } => {
                    Reply::Measured { totals_ns, page_faults_minor, involuntary_switches }
                }
                other => bail!("no reply to the gate: {other:?}"),
            })?;
        }
        Ok(())
    }
}

fn reply(reply: &Reply) -> Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, reply)?;
    writeln!(out).and_then(|()| out.flush()).context("nobody listens")
}
