//! The command line.

use super::settings::Profile;
use super::{child, driver};
use crate::{Data, catalogue};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measure the runtime's workloads.
#[derive(Debug, Parser)]
#[command(name = "simple-bench", version)]
pub(super) struct Cli {
    /// How long to measure.
    #[arg(long, value_enum, default_value = "quick")]
    pub(super) profile: Profile,
    /// Only workloads whose name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// List the workloads with the reason for each, and stop.
    #[arg(long)]
    list: bool,
    /// Run each workload once, compare its answer with the right one, and stop.
    #[arg(long, conflicts_with = "list")]
    check: bool,
    /// Folder for the records.
    #[arg(long, value_name = "FOLDER", default_value_os_t = target().join("records"))]
    pub(super) records: PathBuf,
    /// Folder for the files that workloads read.
    #[arg(long, value_name = "FOLDER", default_value_os_t = target().join("bench-data"))]
    pub(super) data: PathBuf,
    /// Seed of the random order; the default differs from run to run.
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
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
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

/// Parses the command line and does what it says.
///
/// Exit codes: 0 done, 1 something could not be measured at all or is wrong, 2 usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    match &cli.child {
        Some(Child::Measure(measure)) => return measure.run(),
        Some(Child::Once(once)) => return once.run(),
        None => {}
    }
    let families = selected(cli.filter.as_deref());
    if families.is_empty() {
        let filter = cli.filter.as_deref().unwrap_or_default();
        eprintln!("error: no workload's name contains '{filter}': `just list` shows all names");
        return Ok(ExitCode::from(2));
    }
    if cli.list {
        list(&families);
        return Ok(ExitCode::SUCCESS);
    }
    if cli.check {
        return driver::check(&families, &Data::new(cli.data.clone()));
    }
    driver::measure(cli, &families)
}

fn selected(filter: Option<&str>) -> Vec<catalogue::Family> {
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let mut families = catalogue::all();
    for family in &mut families {
        family.workloads.retain(|workload| wanted(&workload.name));
    }
    families.retain(|family| !family.workloads.is_empty());
    families
}

fn list(families: &[catalogue::Family]) {
    for family in families {
        println!("{}: {}", family.comparison.id, family.comparison.title);
        for workload in &family.workloads {
            let peer = if workload.peer { " (peer)" } else { "" };
            println!("  {:44} {}{peer}", workload.name, workload.reason);
        }
    }
}
