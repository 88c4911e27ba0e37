//! What a profiler has this program do: say what could be profiled, and run a workload again
//! and again.

use super::child::prepare;
use crate::instruments::repeat::repeat;
use crate::{Filter, Instrument, catalogue};
use anyhow::{Context, Result};
use clap::Args;
use simple_records::harness;
use simple_records::harness::Amount;
use simple_records::repeat::Listed;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the workloads, as JSON lines.
#[derive(Debug, Args)]
pub(super) struct Workloads {
    filters: Vec<String>,
}

/// Runs one workload again and again, and says when.
#[derive(Debug, Args)]
pub(super) struct Repeat {
    #[arg(long)]
    workload: String,
    #[arg(long)]
    data: PathBuf,
    /// Where to leave the answer.
    #[arg(long)]
    answer: PathBuf,
    /// Exactly so often.
    #[arg(long, conflicts_with = "for_ms")]
    iterations: Option<u64>,
    /// As often as takes so long.
    #[arg(long, default_value_t = 1000)]
    for_ms: u64,
    /// Take so many of its own stacks in a second of processor time.
    #[arg(long)]
    sample_hz: Option<u32>,
    /// Write a timeline of the executor here.
    #[arg(long)]
    timeline: Option<PathBuf>,
}

impl Workloads {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let filter = Filter::new(&self.filters);
        let mut out = io::stdout().lock();
        let workloads = catalogue::all().into_iter().flat_map(|family| family.workloads);
        for workload in workloads.filter(|workload| filter.wants(workload)) {
            let listed = Listed {
                setting: workload.effort.name().to_owned(),
                peer: workload.peer,
                is_counted: workload.instruments.contains(&Instrument::Instructions),
                workload: workload.name,
            };
            serde_json::to_writer(&mut out, &listed)?;
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Repeat {
    pub(super) fn run(&self) -> Result<ExitCode> {
        end_with_parent();
        let amount = match self.iterations {
            Some(iterations) => Amount::Iterations(iterations),
            None => Amount::ForMs(self.for_ms),
        };
        let (sample_hz, timeline) = (self.sample_hz, self.timeline.clone());
        let wanted = harness::Repeat { amount, sample_hz, timeline };
        let mut prepared = prepare(&self.workload, &self.data)?;
        prepared.time(1)?;
        let repeated = repeat(&mut prepared, &wanted)?;
        let answer = serde_json::to_vec(&repeated)?;
        fs::write(&self.answer, answer)
            .with_context(|| format!("cannot write {}", self.answer.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A profiler that is killed for want of patience must not leave a workload behind that keeps a
/// processor busy.
fn end_with_parent() {
    // SAFETY: it only tells the kernel which signal this process gets when its parent ends.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}
