//! The command line.

use super::child::{self, Orders};
use super::plan::{self, Key};
use super::session::{Session, unix_s};
use super::{gate, interrupt, repeat, settings, valgrind, verify};
use crate::catalogue::{self, Family};
use crate::instruments::instructions;
use crate::{Data, Filter, Instrument, Profile};
use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};
use simple_lab::fingerprint;
use simple_records::{Record, RecordWriter, Run, RunStart, SCHEMA_VERSION, newest_run, read_run};
use std::collections::{BTreeMap, HashSet};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Measure the runtime's workloads.
#[derive(Debug, Parser)]
#[command(name = "simple-bench", version)]
struct Cli {
    /// Only workloads whose name contains this (`*` and `?` stand for any text and any one
    /// character), or that stand there on an axis: `workers=2`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// How much to measure.
    #[arg(long, value_enum, default_value = "quick")]
    profile: Profile,
    /// Only with these instruments.
    #[arg(long, value_enum, value_delimiter = ',')]
    instruments: Vec<Instrument>,
    /// List the workloads with the reason for each, and stop.
    #[arg(long)]
    list: bool,
    /// Run each workload once, compare its answer with the right one, and stop.
    #[arg(long, conflicts_with = "list")]
    check: bool,
    /// Go on with the newest run, which was interrupted.
    #[arg(long, conflicts_with_all = ["list", "check", "seed"])]
    resume: bool,
    /// Keep measuring processes on these processors, as taskset(1) names them: `0,1`.
    #[arg(long, value_name = "CPUS")]
    pin: Option<String>,
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

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

/// Parses the command line and does what it says.
///
/// Exit codes: 0 done; 1 nothing could be measured, or a workload is wrong; 2 what was asked
/// for cannot be done; 130 interrupted.
pub fn main() -> ExitCode {
    let done = match instructions::workload_to_count() {
        Some(workload) => instructions::count_here(&workload).map(|()| ExitCode::SUCCESS),
        None => run(&Cli::parse()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
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
    let families = cli.selected()?;
    if cli.list {
        list(&families);
        return Ok(ExitCode::SUCCESS);
    }
    if cli.check {
        return verify::check(&families, &Data::new(cli.data.clone()));
    }
    cli.measure(&families)
}

impl Cli {
    /// The part of the catalogue that is asked for. Listing and checking know no profiles.
    fn selected(&self) -> Result<Vec<Family>> {
        let filter = Filter::new(&self.filters);
        let all = self.list || self.check;
        let mut families = catalogue::all();
        for family in &mut families {
            family.workloads.retain(|workload| filter.wants(workload));
        }
        let matching: usize = families.iter().map(|family| family.workloads.len()).sum();
        let filters = self.filters.join(" ");
        ensure!(matching > 0, "no workload matches '{filters}': `just list` shows all of them");
        for family in &mut families {
            family.workloads.retain(|workload| all || workload.profile <= self.profile);
        }
        families.retain(|family| !family.workloads.is_empty());
        ensure!(
            !families.is_empty(),
            "workloads match '{filters}', but none of them is in the profile {}: take a larger \
             one (`just bench full ...`)",
            self.profile.name()
        );
        Ok(families)
    }

    fn wanted_instruments(&self) -> Vec<Instrument> {
        let wanted =
            |one: &Instrument| self.instruments.is_empty() || self.instruments.contains(one);
        Instrument::ALL.into_iter().filter(wanted).collect()
    }

    /// Measures `families` and writes a run's records.
    fn measure(&self, families: &[Family]) -> Result<ExitCode> {
        interrupt::note_interrupts()?;
        let settings = settings::settings(self.profile);
        let rounds = settings::rounds(self.profile);
        let pin = self.pin.as_deref();
        let (writer, seed, done) = if self.resume { self.go_on()? } else { self.begin(families)? };
        let log_path = writer.path().with_extension("log");
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log_path)
            .with_context(|| format!("cannot write {}", log_path.display()))?;
        let instruments = self.wanted_instruments();
        let groups = plan::groups(families, &instruments, rounds, seed, &done);
        let steps = groups.iter().map(|group| group.steps.len()).sum();
        let all: usize = catalogue::all().iter().map(|family| family.workloads.len()).sum();
        let selected: usize = families.iter().map(|family| family.workloads.len()).sum();
        let target = target();
        let orders =
            Orders { data: &self.data, settings, pin, log: &log, log_path: &log_path, target };
        Session::new(orders, writer, &done, steps, (all - selected) as u64).run(&groups)
    }

    fn planned_rounds(&self) -> BTreeMap<String, u32> {
        let rounds = settings::rounds(self.profile);
        let of = |one: Instrument| (one.name().to_owned(), rounds.of(one));
        self.wanted_instruments().into_iter().map(of).collect()
    }

    /// The records of a new run.
    fn begin(&self, families: &[Family]) -> Result<(RecordWriter, u64, HashSet<Key>)> {
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let now = SystemTime::now();
        let run = humantime::format_rfc3339_seconds(now).to_string().replace(':', "-");
        let mut writer = RecordWriter::create(&self.records, &run)?;
        writer.write(&Record::Run(RunStart {
            schema: SCHEMA_VERSION,
            run,
            started_unix_s: unix_s(now),
            tool: concat!("simple-bench ", env!("CARGO_PKG_VERSION")).to_owned(),
            profile: self.profile.name().to_owned(),
            seed,
            rounds: self.planned_rounds(),
            settings: settings::as_map(settings::settings(self.profile), self.pin.as_deref()),
            fingerprint: fingerprint::collect().told(),
        }))?;
        for family in families {
            writer.write(&Record::Comparison(family.comparison.clone()))?;
        }
        Ok((writer, seed, HashSet::new()))
    }

    /// The records of the newest run, which must be unfinished and of the same kind.
    fn go_on(&self) -> Result<(RecordWriter, u64, HashSet<Key>)> {
        let path = newest_run(&self.records)?;
        let run = read_run(&path)?;
        let shown = path.display();
        ensure!(run.end.is_none(), "{shown} is complete: there is nothing to resume");
        let (was, is) = (&run.start.profile, self.profile.name());
        ensure!(
            was == is,
            "{shown} is of the profile {was}: resume it with `just bench {was} --resume`"
        );
        let here = fingerprint::collect().fingerprint;
        if let Some(difference) = run.start.fingerprint.differences(&here).first() {
            bail!(
                "{shown} cannot be resumed here: its {} was {}, here it is {}",
                difference.field,
                difference.left,
                difference.right
            );
        }
        ensure!(
            (&run.start.fingerprint.commit, run.start.fingerprint.modified)
                == (&here.commit, here.modified),
            "{shown} is of another state of the sources: begin a new run"
        );
        let done = done_steps(&run);
        eprintln!("going on with {shown}: {} measurements are there", done.len());
        Ok((RecordWriter::resume(&path)?, run.start.seed, done))
    }
}

fn done_steps(run: &Run) -> HashSet<Key> {
    let samples =
        run.samples.iter().map(|s| (s.subject.workload.clone(), s.instrument.clone(), s.round));
    let counts =
        run.counts.iter().map(|c| (c.subject.workload.clone(), c.instrument.clone(), c.round));
    let latencies =
        run.latencies.iter().map(|l| (l.subject.workload.clone(), l.instrument.clone(), l.round));
    samples.chain(counts).chain(latencies).collect()
}

fn list(families: &[Family]) {
    for family in families {
        println!("{}: {}", family.comparison.id, family.comparison.title);
        for workload in &family.workloads {
            let peer = if workload.peer { " (peer)" } else { "" };
            let profile = workload.profile.name();
            println!("  {:54} {profile:9} {}{peer}", workload.name, workload.reason);
        }
    }
}
