//! Reports of measurements: records to read, files to write, and advice if that fails.

mod refusal;

use crate::console::print::{self, Output};
use crate::target::Target;
use crate::{files, gate, say};
use clap::{Args, ValueEnum};
use refusal::CliError;
use simple_records::RecordError;
use simple_reports::analysis::{Agreement, Report};
use simple_reports::export::Format;
use simple_reports::html::{Context, Copied};
use simple_reports::input::{Input, InputError, Reported, bench_curve, operating_curve};
use simple_reports::profiles::Profiles;
use simple_reports::{export, html, text};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write one HTML page of whatever records there are; beside it, if there are profiles, their pictures. In a
/// repository with a lab.toml it is beside the page of the gate.
#[derive(Debug, Args)]
pub struct Html {
    #[command(flatten)]
    wanted: Wanted,
    /// Folder for `index.html`; created if needed.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Folders of gate calibrations; the first one found is shown.
    #[arg(long, value_name = "FOLDER")]
    calibrations: Vec<PathBuf>,
    /// Folder of profiles, with one folder per workload; cards show them.
    #[arg(long, value_name = "FOLDER")]
    profiles: Option<PathBuf>,
}

/// Print the verdicts of a run; of two runs, the changes.
#[derive(Debug, Args)]
pub struct Summary {
    #[command(flatten)]
    wanted: Wanted,
    /// The format.
    #[arg(long, value_enum, default_value = "terminal")]
    format: SummaryFormat,
    /// Print every comparison with its figures, not only the verdicts.
    #[arg(long)]
    all: bool,
    /// Cut Markdown to this many bytes: GitHub accepts 1 MiB as a job summary, and 65536 characters as
    /// a comment.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    most_bytes: usize,
}

/// Print all figures for other programs.
#[derive(Debug, Args)]
pub struct Export {
    /// A run: its name, its file, or a folder of which the newest is taken. The newest run if none is
    /// named.
    #[arg(conflicts_with = "records")]
    run: Option<PathBuf>,
    /// The same, for scripts.
    #[arg(long, value_name = "RUN")]
    records: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum)]
    format: Format,
    #[command(flatten)]
    target: Target,
}

/// Say how far several runs of the same questions agree.
#[derive(Debug, Args)]
pub struct Agree {
    /// The runs, at least two: names, files, or folders of which the newest is taken.
    #[arg(value_name = "RUN", num_args = 2.., required = true)]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// The runs that are reported.
#[derive(Debug, Args)]
struct Wanted {
    /// A run, or two that are compared: names, files, or folders of which the newest is taken. The
    /// newest run if none is named.
    #[arg(value_name = "RUN", num_args = 0..=2, conflicts_with = "records")]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,
}

impl Wanted {
    /// The records that are named, or those of the target folder.
    ///
    /// # Errors
    /// If a folder that is named does not exist.
    fn input(&self) -> Result<Input, InputError> {
        self.input.check()?;
        Ok(match self.input.is_named() {
            true => self.input.clone(),
            false => self.input.of(&self.runs, &self.target.records()),
        })
    }
}

/// The format of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SummaryFormat {
    /// Plain text.
    Terminal,
    /// GitHub Flavored Markdown.
    Markdown,
}

/// Returns the exit code: 0 done, even if the reader closed the output early; 2 wrong usage, unusable
/// input or unwritable output.
fn ended(done: Result<(), CliError>) -> ExitCode {
    match done {
        Ok(()) if print::output() == Output::Failed => ExitCode::from(2),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say!("error: {error}");
            if let Some(advice) = error.advice() {
                say!("help: {advice}");
            }
            ExitCode::from(2)
        }
    }
}

impl Html {
    pub(crate) fn run(&self) -> ExitCode {
        ended(self.write())
    }

    fn write(&self) -> Result<(), CliError> {
        let input = self.wanted.input()?;
        exist("--profiles", self.profiles.as_slice())?;
        exist("--calibrations", &self.calibrations)?;
        let target = &self.wanted.target;
        let pages = gate::target_here(target);
        if self.wanted.input.is_named() {
            let out = self.out.as_deref().ok_or(CliError::NoFolder)?;
            let sources = Sources {
                calibrations: &self.calibrations,
                profiles: self.profiles.as_deref(),
                run: RunWanted::Named,
            };
            return write_html(&input, out, &sources);
        }
        let out = self.out.clone().unwrap_or_else(|| pages.report());
        let profiles = self.profiles.clone().unwrap_or_else(|| target.profiles());
        let calibrations = match self.calibrations.is_empty() {
            true => gate::calibrations(target),
            false => self.calibrations.clone(),
        };
        let run = if self.wanted.runs.is_empty() { RunWanted::Newest } else { RunWanted::Named };
        let sources = Sources { calibrations: &calibrations, profiles: Some(&profiles), run };
        write_html(&input, &out, &sources)
    }
}

/// The contents of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summed {
    Figures,
    /// The run was ended before anything was measured.
    Nothing,
}

impl Summary {
    /// Returns the exit code; 1 if nothing was measured.
    pub(crate) fn run(&self) -> ExitCode {
        match self.print() {
            Ok(Summed::Nothing) => {
                say!("error: nothing was measured: the run was ended before; measure again");
                ExitCode::FAILURE
            }
            done => ended(done.map(drop)),
        }
    }

    fn print(&self) -> Result<Summed, CliError> {
        let Reported { report, baseline } = self.wanted.input()?.read()?;
        let short = |markdown| text::shortened(markdown, self.most_bytes);
        print::text_out(&match (self.format, &baseline) {
            (SummaryFormat::Terminal, None) if self.all => text::terminal(&report),
            (SummaryFormat::Terminal, None) => text::brief(&report),
            (SummaryFormat::Terminal, Some(changes)) => text::changes_terminal(changes),
            (SummaryFormat::Markdown, None) => short(text::markdown(&report)),
            (SummaryFormat::Markdown, Some(changes)) => short(text::changes_markdown(changes)),
        });
        let has_figures = report.comparisons.iter().any(|compared| {
            let (counted, latencies) = (&compared.counted, &compared.latencies);
            !compared.workloads.is_empty() || !counted.is_empty() || !latencies.is_empty()
        });
        Ok(if has_figures { Summed::Figures } else { Summed::Nothing })
    }
}

impl Export {
    pub(crate) fn run(&self) -> ExitCode {
        ended(self.print())
    }

    fn print(&self) -> Result<(), CliError> {
        let runs = self.run.iter().chain(&self.records).cloned().collect::<Vec<_>>();
        let read = Input::default().of(&runs, &self.target.records()).read()?;
        write_export(&read.report, self.format)
    }
}

impl Agree {
    pub(crate) fn run(&self) -> ExitCode {
        ended(self.print())
    }

    fn print(&self) -> Result<(), CliError> {
        let folder = self.target.records();
        let read = |run: &PathBuf| {
            let one = std::slice::from_ref(run);
            Ok::<_, CliError>(Input::default().of(one, &folder).read()?.report)
        };
        let reports = self.runs.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<&str> = reports.iter().map(|one| one.start.run.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
            return Err(CliError::Twice { run: twice[0].to_owned() });
        }
        print::text_out(&text::agreement(&Agreement::of(&reports)));
        Ok(())
    }
}

/// Prints the figures; warnings go to the standard error, outside of the format.
fn write_export(report: &Report, format: Format) -> Result<(), CliError> {
    report.warnings.iter().for_each(|warning| say!("warning: {warning}"));
    if report.workloads().next().is_none() {
        let asked: Vec<_> = report.start.rounds.keys().map(|one| one.name()).collect();
        let has = if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") };
        return Err(CliError::NothingToExport { run: report.start.run.clone(), has });
    }
    let text = export::export(report, format);
    print::text_out(&text.map_err(|error| CliError::Render(error.to_string()))?);
    Ok(())
}

/// Records that a page shows beside its run.
#[derive(Debug)]
struct Sources<'a> {
    calibrations: &'a [PathBuf],
    profiles: Option<&'a Path>,
    run: RunWanted,
}

/// The need of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunWanted {
    /// One was named.
    Named,
    /// The newest one, if there is any.
    Newest,
}

/// Returns whether there is no run that could be read, as opposed to one that is damaged.
fn is_without_run(error: &InputError) -> bool {
    use RecordError::{Empty, NoPlace, NoRecords};
    matches!(error, InputError::Records(NoRecords(_) | NoPlace(_) | Empty(_)))
}

fn write_html(input: &Input, out: &Path, sources: &Sources) -> Result<(), CliError> {
    let read = input.read();
    let calibrations = sources.calibrations;
    let (curve, bench) = (operating_curve(calibrations), bench_curve(calibrations));
    let profiles = sources.profiles.map(Profiles::read);
    for warning in profiles.iter().flat_map(|profiles| &profiles.warnings) {
        say!("warning: {warning}");
    }
    let (reported, history);
    let mut context = Context {
        profiles: profiles.as_ref(),
        curve: curve.as_ref(),
        bench: bench.as_ref(),
        has_gate: out.join("gate.html").is_file(),
        ..Context::default()
    };
    let pages = match read {
        Ok(read) => {
            history = input.history(&read.report);
            reported = read;
            context.baseline = reported.baseline.as_ref();
            context.history = history.as_ref();
            html::pages(&reported.report, &context).map_err(unrendered)?
        }
        Err(error) => {
            let is_needed = sources.run == RunWanted::Named || !is_without_run(&error);
            let error = CliError::from(error);
            if is_needed {
                return Err(error);
            }
            let help = error.advice().map_or(String::new(), |advice| format!(": {advice}"));
            let missing = format!("there is no run ({error}){help}");
            let pages = html::page_without_run(&context, vec![missing.clone()]);
            let Some(pages) = pages.map_err(unrendered)? else { return Err(error) };
            say!("note: {missing}");
            pages
        }
    };
    // Before the page, whose links lead to them.
    pages.copied.iter().try_for_each(|copied| copy(copied, out))?;
    let path = out.join("index.html");
    files::write(&path, &pages.html).map_err(unwritten)?;
    say!("report: {}", path.display());
    Ok(())
}

/// Refuses places that were named and do not exist.
fn exist(option: &'static str, places: &[PathBuf]) -> Result<(), InputError> {
    match places.iter().find(|place| !place.exists()) {
        Some(place) => Err(InputError::NoPlace { option, place: place.display().to_string() }),
        None => Ok(()),
    }
}

fn copy(copied: &Copied, out: &Path) -> Result<(), CliError> {
    files::copy(&copied.from, &out.join(&copied.to)).map_err(unwritten)
}

fn unrendered(error: html::PageError) -> CliError {
    CliError::Render(error.to_string())
}

fn unwritten(error: anyhow::Error) -> CliError {
    CliError::Write(format!("{error:#}"))
}
