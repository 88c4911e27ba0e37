//! The command line: a verb for each thing that a user does.

use crate::{gate, profile, report, run, say};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Measure, judge and look into the runtime of the Simple language.
#[derive(Debug, Parser)]
#[command(name = "lab", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure workloads and write the records of a run.
    ///
    /// Exit codes: 0 done; 1 nothing could be measured; 2 it cannot be done; 130 interrupted, or
    /// 128 and the number of another signal.
    Run(run::Run),
    /// List workloads with the reason for each.
    List(run::List),
    /// Run each workload twice and compare its results and effects with the right ones.
    ///
    /// Exit codes: 0 all are right; 1 some are wrong; 2 it cannot be done.
    Check(run::Check),
    /// Write the HTML report of the newest measurements, or of named ones.
    Report(report::Html),
    /// Print verdicts and tables; of two runs, what changed.
    Summary(report::Summary),
    /// Print all figures for other programs.
    Export(report::Export),
    /// Compare this checkout with a revision.
    ///
    /// Exit codes: 0 nothing got slower; 1 something did; 2 it cannot be done; 3 it cannot be
    /// said; 130 interrupted, or 128 and the number of another signal.
    Gate(gate::Compare),
    /// Judge a comparison that was made before.
    Judge(gate::Judge),
    /// Find out how often the gate is right.
    Calibrate(gate::Calibrate),
    /// Profile one workload.
    ///
    /// Exit codes: 0 done; 1 no view is available; 2 it cannot be done.
    Profile(profile::OneWorkload),
    /// Profile many workloads: processor time of those of the quick setting, unless told otherwise.
    ///
    /// Exit codes: 0 done; 1 no view is available; 2 it cannot be done.
    ProfileAll(profile::AllWorkloads),
    /// Show what grew and what shrank in a workload since a revision.
    ///
    /// Exit codes: 0 done; 2 it cannot be done.
    ProfileDiff(profile::Diff),
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    perform(&Cli::parse().verb).unwrap_or_else(|error| {
        say!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn perform(verb: &Verb) -> Result<ExitCode> {
    match verb {
        Verb::Run(run) => run.run(),
        Verb::List(list) => list.run(),
        Verb::Check(check) => check.run(),
        Verb::Report(html) => Ok(html.run()),
        Verb::Summary(summary) => Ok(summary.run()),
        Verb::Export(export) => Ok(export.run()),
        Verb::Gate(compare) => compare.run(),
        Verb::Judge(judge) => judge.run(),
        Verb::Calibrate(calibrate) => gate::calibrate(calibrate),
        Verb::Profile(one) => one.run(),
        Verb::ProfileAll(all) => all.run(),
        Verb::ProfileDiff(diff) => diff.run(),
    }
}
