//! The command line.

use super::asked::{Asked, Request};
use super::child::{self, Orders};
use super::record::RunRecord;
use super::session::Session;
use super::target::target;
use super::{gate, plan, repeat, settings, valgrind, verify};
use crate::catalogue::{self, Family};
use crate::instruments::instructions;
use crate::{Data, Filter, Workload};
use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};
use simple_lab::console::interrupt::note_interrupts;
use simple_lab::{out, say};
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure the runtime's workloads.
#[derive(Debug, Parser)]
#[command(name = "simple-bench", version)]
struct Cli {
    #[command(flatten)]
    request: Request,
    /// List the workloads with the reason for each, and stop.
    #[arg(long)]
    list: bool,
    /// Run each workload once, compare its answer with the right one, and stop.
    #[arg(long, conflicts_with = "list")]
    check: bool,
    /// Go on with the newest run, which was interrupted, as it was asked for.
    #[arg(long, conflicts_with_all = ["list", "check", "seed"])]
    resume: bool,
    /// Folder for the records.
    #[arg(long, value_name = "FOLDER", default_value_os_t = target().join("records"))]
    records: PathBuf,
    /// Folder for the files that workloads read.
    #[arg(long, value_name = "FOLDER", default_value_os_t = target().join("bench-data"))]
    data: PathBuf,
    /// Seed of the random order; the default differs from run to run.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// What `cargo bench` adds to every command line.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    child: Option<Child>,
}

/// What this program tells itself to do in a process of its own.
#[derive(Debug, Subcommand)]
#[command(hide = true)]
enum Child {
    #[command(hide = true)]
    Measure(child::Measure),
    #[command(hide = true)]
    Once(child::Once),
    #[command(hide = true)]
    Candidates(gate::Candidates),
    #[command(hide = true)]
    Paired(gate::Paired),
    /// By its former name, the gate asks also builds of old revisions.
    #[command(hide = true, alias = "callgrind")]
    Valgrind(valgrind::Valgrind),
    #[command(hide = true)]
    Workloads(repeat::Workloads),
    #[command(hide = true)]
    Repeat(repeat::Repeat),
}

/// Parses the command line and does what it says.
///
/// Exit codes: 0 done; 1 nothing could be measured, or a workload is wrong; 2 what was asked
/// for cannot be done; 130 interrupted.
pub fn main() -> ExitCode {
    let done = match std::env::var(WORKLOAD_VARIABLE) {
        Ok(workload) => count_here(&workload).map(|()| ExitCode::SUCCESS),
        Err(_) => run(&Cli::parse()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            say!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The workload that this process is to count under valgrind, in the folder of its data.
pub(super) const WORKLOAD_VARIABLE: &str = "SIMPLE_BENCH_WORKLOAD";

fn count_here(workload: &str) -> Result<()> {
    let mut prepared = child::prepare(workload, ".".as_ref())?;
    prepared.time(1)?;
    instructions::count(&mut prepared)
}

fn run(cli: &Cli) -> Result<ExitCode> {
    match &cli.child {
        Some(Child::Measure(measure)) => return measure.run(),
        Some(Child::Once(once)) => return once.run(),
        Some(Child::Candidates(candidates)) => return candidates.run(),
        Some(Child::Paired(paired)) => return paired.run(),
        Some(Child::Valgrind(valgrind)) => return valgrind.run(),
        Some(Child::Workloads(workloads)) => return workloads.run(),
        Some(Child::Repeat(repeat)) => return repeat.run(),
        None => {}
    }
    if cli.list {
        list(&cli.matching(&cli.request.filters)?);
        return Ok(ExitCode::SUCCESS);
    }
    if cli.check {
        let families = cli.matching(&cli.request.filters)?;
        return verify::check(&families, &Data::new(cli.data.clone()));
    }
    cli.measure()
}

impl Cli {
    /// The part of the catalogue that `filters` choose.
    fn matching(&self, filters: &[String]) -> Result<Vec<Family>> {
        let mut families = catalogue::all();
        let listed: Vec<_> =
            families.iter().flat_map(|one| &one.workloads).map(Workload::named).collect();
        if let Some(complaint) = simple_names::complaint(filters, &listed) {
            bail!(complaint);
        }
        let filter = Filter::new(filters);
        for family in &mut families {
            family.workloads.retain(|workload| filter.wants(workload));
        }
        families.retain(|family| !family.workloads.is_empty());
        Ok(families)
    }

    /// The part of the catalogue that a run measures.
    fn selected(&self, asked: &Asked) -> Result<Vec<Family>> {
        let mut families = self.matching(&asked.filters)?;
        let suits = |workload: &Workload| {
            asked.instruments.iter().any(|one| workload.instruments.contains(one))
        };
        let filters = asked.filters.join(" ");
        ensure!(
            families.iter().flat_map(|family| &family.workloads).any(suits),
            "workloads match '{filters}', but none of them suits the instruments that are asked for"
        );
        for family in &mut families {
            family.workloads.retain(|workload| workload.effort <= asked.profile);
        }
        families.retain(|family| family.workloads.iter().any(suits));
        ensure!(
            !families.is_empty(),
            "workloads match '{filters}', but none of them is in the profile {}: take a larger \
             one (`just bench full ...`)",
            asked.profile.name()
        );
        Ok(families)
    }

    /// Measures what is asked for and writes a run's records.
    fn measure(&self) -> Result<ExitCode> {
        note_interrupts("`just report` shows it, `just bench --resume` goes on")?;
        let (record, asked, families) = if self.resume {
            let (record, asked) = RunRecord::resume(&self.records, &self.request)?;
            let (shown, count) = (record.path().display(), record.done.len());
            say!("going on with {shown}: {count} measurements are there");
            let families = self.selected(&asked)?;
            (record, asked, families)
        } else {
            let asked = self.request.of_new_run();
            let families = self.selected(&asked)?;
            (RunRecord::begin(&self.records, &asked, self.seed, &families)?, asked, families)
        };
        let log_path = record.log_path();
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log_path)
            .with_context(|| format!("cannot write {}", log_path.display()))?;
        let rounds = settings::rounds(asked.profile);
        let groups = plan::groups(&families, &asked.instruments, rounds, record.seed, &record.done);
        let orders = Orders {
            data: &self.data,
            settings: settings::settings(asked.profile),
            pin: asked.pin.as_deref(),
            log: &log,
            log_path: &log_path,
            target: target(),
        };
        let workloads = |families: &[Family]| -> usize {
            families.iter().map(|family| family.workloads.len()).sum()
        };
        let not_selected = workloads(&catalogue::all()) - workloads(&families);
        Session::new(orders, record, &groups, not_selected as u64).run(&groups)
    }
}

fn list(families: &[Family]) {
    for family in families {
        out!("{}: {}", family.comparison.id, family.comparison.title);
        for workload in &family.workloads {
            let peer = if workload.peer { " (peer)" } else { "" };
            let profile = workload.effort.name();
            out!("  {:54} {profile:9} {}{peer}", workload.name, workload.reason);
        }
    }
}
