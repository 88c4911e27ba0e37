//! All figures for other programs, one file per format.

mod bencher;
mod csv;
mod gate;
mod github_action_benchmark;

pub use gate::gate_json;

use crate::analysis::Report;
use clap::ValueEnum;

/// A format to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values (RFC 4180) with a header, one workload per line.
    Csv,
    /// Bencher Metric Format, for `bencher run --adapter json`.
    Bencher,
    /// For github-action-benchmark with `tool: customSmallerIsBetter`.
    GithubActionBenchmark,
}

/// The figures of all workloads in that format, with a line break at the end.
///
/// # Errors
/// If a figure cannot be written as JSON, which no figure of a [`Report`] should be.
pub fn export(report: &Report, format: Format) -> Result<String, serde_json::Error> {
    match format {
        Format::Csv => Ok(csv::csv(report)),
        Format::Bencher => bencher::json(report),
        Format::GithubActionBenchmark => github_action_benchmark::json(report),
    }
}
