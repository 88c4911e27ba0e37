//! The command line: one verb per task.

use crate::console::interrupt::interrupted;
use crate::{compare, doctor, gate, profile, report, run, say, tune};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The part of the help that is about all verbs.
const COMMON: &str = "\
Results are in the target folder, the one cargo builds in unless --target names another:
  records/              a file for each run of `lab run`
  report/index.html     the report of `lab report`
  compare/              a file for each run of `lab compare` and `lab tune`
  gate/                 a file for each comparison of `lab gate`; report/gate.html shows the newest
                        (in a repository with a lab.toml, in `.lab` beside it)
  profiles/             a folder for each workload or program of `lab profile`
  calibration/          a file for each calibration of the gate, or of runs

Exit codes: 0 success; 1 something is wrong or got slower, or nothing could be measured; 2 the request
cannot be carried out; 3 inconclusive (gate, judge, compare, tune); 130 interrupted.
`lab VERB --help` says more.";

/// Examples of profiles.
const OF_PROFILES: &str = "\
Example: lab profile executor/empty-tasks/threaded/1 --views cpu,memory
Example: lab profile -- ./program its arguments
Example: lab profile --views cpu,waits --for 10s --input data.txt -- ./server --port 0
Example: lab profile --pid 4711 --for 10s";

/// Measure, judge and look into the runtime of the Simple language.
#[derive(Debug, Parser)]
#[command(name = "lab", version, after_help = COMMON)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure workloads and write the records of a run.
    ///
    /// Exit codes: 0 done; 1 nothing could be measured, or a workload of --program failed; 2 cannot be
    /// done; 130 interrupted, or 128 plus the number of another signal.
    #[command(after_help = "Example: lab run registry --effort standard")]
    Run(run::Run),
    /// List workloads with the reason for each.
    #[command(after_help = "Example: lab list 'file/*/1MiB'")]
    List(run::List),
    /// Run each workload twice and check its results and effects.
    ///
    /// Exit codes: 0 all are right; 1 some are wrong; 2 cannot be done.
    #[command(after_help = "Example: lab check executor")]
    Check(run::Check),
    /// Compare commands: whole processes of any programs, in turns, with a null control.
    ///
    /// Exit codes: 0 done; 1 slower than --fail-if-slower allows; 2 cannot be done; 3 inconclusive: the
    /// same command twice seemed to differ, or --fail-if-slower stayed open; 130 interrupted, or 128
    /// plus the number of another signal.
    #[command(after_help = "Example: lab compare 'sort a.txt' 'sort --parallel=1 a.txt'")]
    Compare(compare::Compare),
    /// Find the settings of the runtime that suit a program: workers, and how files are loaded.
    ///
    /// Exit codes: 0 done; 2 cannot be done; 3 inconclusive: the same setting twice seemed to differ;
    /// 130 interrupted, or 128 plus the number of another signal.
    #[command(after_help = "Example: lab tune --budget 2m -- ./program input.txt")]
    Tune(tune::Tune),
    /// Write the HTML report of the newest measurements, or of named ones.
    #[command(after_help = "Example: lab report 2026-05-01T10-00-00-000Z")]
    Report(report::Html),
    /// Print verdicts and tables; of two runs, what changed.
    #[command(after_help = "Example: lab summary --format markdown")]
    Summary(report::Summary),
    /// Compare several runs: the number of questions that each settles, and contradictions.
    #[command(after_help = "Example: lab agree 2026-05-01T10-00-00-000Z 2026-05-02T10-00-00-000Z")]
    Agree(report::Agree),
    /// Print all figures for other programs.
    #[command(after_help = "Example: lab export 2026-05-01T10-00-00-000Z --format csv")]
    Export(report::Export),
    /// Compare this checkout with a revision: the runtime's workloads, or the benchmarks of the lab.toml of
    /// any repository.
    ///
    /// Exit codes: 0 nothing got slower; 1 something did; 2 cannot be done; 3 inconclusive; 130
    /// interrupted, or 128 plus the number of another signal.
    #[command(after_help = "Example: lab gate main registry")]
    Gate(gate::Compare),
    /// Judge an earlier comparison again.
    ///
    /// Exit codes: as for gate.
    #[command(after_help = "Example: lab judge --allow registry/get-only/slab/2/1000")]
    Judge(gate::Judge),
    /// Find out how often the gate is right, or with --bench a run.
    ///
    /// Exit codes: 0 done; 2 cannot be done; 130 interrupted, or 128 plus the number of another signal.
    #[command(after_help = "Example: lab calibrate --bench --trials 8")]
    Calibrate(gate::Calibrate),
    /// Put a load on the machine until it is killed; calibrations start it.
    #[command(hide = true, after_help = "Example: lab noise steal --seed 3")]
    Noise(gate::Generator),
    /// Profile one workload, or a program of anybody: behind `--`, or by the number of its process.
    ///
    /// A program is profiled as a whole, once for each view; its output goes to files beside its
    /// profile. Exit codes: 0 done, whatever the program's own, which is told; 1 no view is available;
    /// 2 cannot be done; 130 interrupted, with what there is until then, or 128 plus the number of
    /// another signal.
    #[command(after_help = OF_PROFILES)]
    Profile(profile::One),
    /// Profile many workloads: by default, the processor time of the quick ones.
    ///
    /// Exit codes: 0 done; 1 no view is available; 2 cannot be done.
    #[command(after_help = "Example: lab profile-all registry --views cpu")]
    ProfileAll(profile::AllWorkloads),
    /// Show what grew and what shrank in a workload since a revision.
    ///
    /// Exit codes: 0 done; 2 cannot be done.
    #[command(after_help = "Example: lab profile-diff main registry/get-only/slab/2/1000")]
    ProfileDiff(profile::Diff),
    /// Show what can be measured on this machine, what is missing, and how long a run takes.
    #[command(after_help = "Example: lab doctor --install valgrind,perf")]
    Doctor(doctor::Doctor),
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    perform(&Cli::parse().verb).unwrap_or_else(|error| {
        // A child that was ended by a signal to us has not failed.
        match interrupted() {
            Some(_) => say!("interrupted"),
            None => say!("error: {error:#}"),
        }
        ExitCode::from(interrupted().unwrap_or(2))
    })
}

fn perform(verb: &Verb) -> Result<ExitCode> {
    match verb {
        Verb::Run(run) => run.run(),
        Verb::List(list) => list.run(),
        Verb::Check(check) => check.run(),
        Verb::Compare(compare) => compare.run(),
        Verb::Tune(tune) => tune.run(),
        Verb::Report(html) => Ok(html.run()),
        Verb::Summary(summary) => Ok(summary.run()),
        Verb::Agree(agree) => Ok(agree.run()),
        Verb::Export(export) => Ok(export.run()),
        Verb::Gate(compare) => compare.run(),
        Verb::Judge(judge) => judge.run(),
        Verb::Calibrate(calibrate) => gate::calibrate(calibrate),
        Verb::Noise(noise) => noise.run(),
        Verb::Profile(one) => one.run(),
        Verb::ProfileAll(all) => all.run(),
        Verb::ProfileDiff(diff) => diff.run(),
        Verb::Doctor(doctor) => Ok(doctor.run()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_whole_and_every_verb_has_an_example() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        for verb in cli.get_subcommands() {
            let example = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(!example.is_empty(), "{}", verb.get_name());
            for line in example.lines() {
                let line = line.strip_prefix("Example: ").unwrap();
                let words = shell_words::split(line).unwrap();
                let parsed = Cli::command().try_get_matches_from(words).unwrap();
                assert_eq!(parsed.subcommand_name(), Some(verb.get_name()));
            }
        }
    }
}
