//! The command line: what to read, what to write, and what to do when that fails.

use crate::analysis::Report;
use crate::export::Format;
use crate::html::{Context, Copied};
use crate::input::{Input, InputError, Reported, operating_curve};
use crate::profiles::Profiles;
use crate::{export, html, present};
use clap::{Parser, Subcommand, ValueEnum};
use simple_records::{RecordError, newest_run, read_run};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Report what was measured.
#[derive(Debug, Parser)]
#[command(name = "simple-reports", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to make of the records.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write one HTML page; beside it, if there are profiles, their pictures.
    Html {
        #[command(flatten)]
        input: Input,
        /// Folder for `index.html`; made if need be.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        /// Folders of calibrations of the gate: the first that has one is shown.
        #[arg(long, value_name = "FOLDER")]
        calibrations: Vec<PathBuf>,
        /// Folder of profiles, with a folder for each workload: its card shows it.
        #[arg(long, value_name = "FOLDER")]
        profiles: Option<PathBuf>,
    },
    /// Print verdicts and tables; of two runs, what changed.
    Summary {
        #[command(flatten)]
        input: Input,
        /// How to write it.
        #[arg(long, value_enum, default_value = "terminal")]
        format: SummaryFormat,
    },
    /// Print all figures for other programs.
    Export {
        /// A run's file, or a folder of runs of which the newest is taken.
        #[arg(long, value_name = "FILE_OR_FOLDER")]
        records: PathBuf,
        /// For which program.
        #[arg(long, value_enum)]
        format: Format,
    },
}

/// How a summary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SummaryFormat {
    /// Plain text.
    Terminal,
    /// GitHub Flavored Markdown.
    Markdown,
}

/// Why there is no report.
#[derive(Debug, Error)]
enum CliError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("cannot write {path}: {source}", path = .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot write to the standard output: {0}")]
    Print(io::Error),
    #[error("cannot make the report: {0}")]
    Render(String),
}

impl CliError {
    /// What would help, where the message does not say it itself.
    fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Input(InputError::Records(RecordError::Malformed { .. })) => {
                Some("the file is damaged: delete that line, or measure again with `just bench`")
            }
            Self::Input(InputError::Records(RecordError::NoRun(_))) => {
                Some("name a file that `just bench` wrote under target/records, or its folder")
            }
            Self::Input(InputError::Records(RecordError::Io { .. })) => {
                Some("check that the path of --records is right and may be read")
            }
            Self::Input(InputError::NoSuchRun { .. }) => {
                Some("names of runs are those of the files there, without .jsonl")
            }
            Self::Input(InputError::NotComparable(_)) => {
                Some("measure both on one machine, or add --anyway and read with care")
            }
            Self::Write { .. } => Some("name a folder that may be written to with --out"),
            Self::Input(InputError::Records(_)) | Self::Print(_) | Self::Render(_) => None,
        }
    }
}

/// Parses the command line and does what it says.
///
/// Exit codes: 0 done, 2 usage, unusable input or unwritable output.
pub fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has enough: `simple-reports summary | head`.
        Err(CliError::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(advice) = error.advice() {
                eprintln!("help: {advice}");
            }
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Html { input, out, calibrations, profiles } => {
            write_html(input, out, calibrations, profiles.as_deref())
        }
        Command::Summary { input, format } => {
            let Reported { report, baseline } = input.read()?;
            print(&match (format, &baseline) {
                (SummaryFormat::Terminal, None) => present::terminal(&report),
                (SummaryFormat::Terminal, Some(changes)) => present::changes_terminal(changes),
                (SummaryFormat::Markdown, None) => present::markdown(&report),
                (SummaryFormat::Markdown, Some(changes)) => present::changes_markdown(changes),
            })
        }
        Command::Export { records, format } => {
            let report = report(records)?;
            let text = export::export(&report, *format)
                .map_err(|error| CliError::Render(error.to_string()))?;
            print(&text)
        }
    }
}

fn write_html(
    input: &Input,
    out: &Path,
    calibrations: &[PathBuf],
    profiles: Option<&Path>,
) -> Result<(), CliError> {
    let Reported { report, baseline } = input.read()?;
    let history = input.history(&report);
    let curve = operating_curve(calibrations);
    let profiles = profiles.map(Profiles::read);
    for warning in profiles.iter().flat_map(|profiles| &profiles.warnings) {
        eprintln!("warning: {warning}");
    }
    let context = Context {
        baseline: baseline.as_ref(),
        history: history.as_ref(),
        profiles: profiles.as_ref(),
        curve: curve.as_ref(),
        has_gate: out.join("gate.html").is_file(),
    };
    let pages =
        html::pages(&report, &context).map_err(|error| CliError::Render(error.to_string()))?;
    // Before the page: it must not lead to what is not there.
    pages.copied.iter().try_for_each(|copied| copy(copied, out))?;
    let path = out.join("index.html");
    write_page(out, &path, &pages.html)?;
    eprintln!("report: {}", path.display());
    Ok(())
}

fn copy(copied: &Copied, out: &Path) -> Result<(), CliError> {
    let to = out.join(&copied.to);
    let folder = to.parent().unwrap_or(out);
    let done = std::fs::create_dir_all(folder).and_then(|()| std::fs::copy(&copied.from, &to));
    match done {
        Ok(_) => Ok(()),
        Err(source) => Err(CliError::Write { path: to, source }),
    }
}

fn report(records: &Path) -> Result<Report, CliError> {
    let path = newest_run(records).map_err(InputError::from)?;
    Ok(Report::new(read_run(&path).map_err(InputError::from)?))
}

/// Writes beside the page and renames, so that a reader never sees half of it.
fn write_page(folder: &Path, path: &Path, page: &str) -> Result<(), CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CliError::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let half = folder.join(format!(".index.html.{}", std::process::id()));
    let written = std::fs::write(&half, page).and_then(|()| std::fs::rename(&half, path));
    written.map_err(|error| {
        // Best effort: the error that matters is the one above.
        let _ = std::fs::remove_file(&half);
        failed(path)(error)
    })
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Print)
}
