//! The workloads that suit wall time as ordinary benchmarks of criterion, with its output, filters
//! and baselines: `cargo bench -p simple-benches -- --help`.
//!
//! All of them run in one process and one after the other. That is for a quick look, for critcmp
//! and for cargo-criterion; `just bench` measures each in a process of its own, in rounds.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use regex::Regex;
use simple_benches::instruments::wall;
use simple_benches::{Data, Effort, Instrument, Prepared, Workload, catalogue};
use simple_records::harness::valgrind::DATA_VARIABLE;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The effort whose workloads are benchmarks. Without it these are the quick ones, or with a filter
/// all.
const EFFORT_VARIABLE: &str = "SIMPLE_BENCH_EFFORT";

/// Options of criterion after which a value comes.
const WITH_VALUE: [&str; 19] = [
    "-c",
    "--color",
    "-s",
    "--save-baseline",
    "-b",
    "--baseline",
    "--baseline-lenient",
    "--format",
    "--profile-time",
    "--load-baseline",
    "--sample-size",
    "--warm-up-time",
    "--measurement-time",
    "--nresamples",
    "--noise-threshold",
    "--confidence-level",
    "--significance-level",
    "--plotting-backend",
    "--output-format",
];

/// The part of criterion's command line that must be known before it runs anything.
#[derive(Debug)]
enum Wanted {
    /// Names only: nothing is prepared.
    List,
    All,
    Matching(Regex),
    Exactly(String),
}

impl Wanted {
    fn of_arguments(arguments: &[String]) -> Result<Self, String> {
        let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
        if has("--list") {
            return Ok(Self::List);
        }
        let mut before = "";
        let mut filter = None;
        for argument in arguments {
            if !argument.starts_with('-') && !WITH_VALUE.contains(&before) {
                filter = filter.or(Some(argument));
            }
            before = argument;
        }
        match filter {
            None => Ok(Self::All),
            Some(filter) if has("--exact") => Ok(Self::Exactly(filter.clone())),
            Some(filter) => Regex::new(filter).map(Self::Matching).map_err(|error| {
                format!("the filter '{filter}' is no regular expression: {error}")
            }),
        }
    }

    fn wants(&self, name: &str) -> bool {
        match self {
            Self::List => false,
            Self::All => true,
            Self::Matching(filter) => filter.is_match(name),
            Self::Exactly(filter) => filter == name,
        }
    }

    /// The effort whose workloads are benchmarks.
    fn effort(&self) -> Result<Effort, String> {
        match std::env::var(EFFORT_VARIABLE) {
            Ok(word) => word.parse().map_err(|error| format!("{EFFORT_VARIABLE}: {error}")),
            Err(_) if matches!(self, Self::Matching(_) | Self::Exactly(_)) => Ok(Effort::Full),
            Err(_) => Ok(Effort::Quick),
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let asked = Wanted::of_arguments(&arguments);
    let (wanted, effort) =
        match asked.and_then(|asked| asked.effort().map(|effort| (asked, effort))) {
            Ok(asked) => asked,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(20)
        .configure_from_args();
    let data = Data::new(data());
    for family in catalogue::all() {
        let suits = |workload: &&Workload| {
            workload.effort <= effort && workload.instruments.contains(&Instrument::Wall)
        };
        let workloads: Vec<_> = family.workloads.iter().filter(suits).collect();
        if workloads.is_empty() {
            continue;
        }
        let mut group = criterion.benchmark_group(&family.comparison.id);
        for workload in workloads {
            let benched = bench(&mut group, workload, &wanted, &data);
            if let Err(why) = benched {
                eprintln!("skipped: {}: {why}", workload.name);
            }
        }
        group.finish();
    }
    criterion.final_summary();
    ExitCode::SUCCESS
}

/// The folder of workloads' files, the same as under `just bench`.
fn data() -> PathBuf {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-data");
    std::env::var_os(DATA_VARIABLE).map_or(ours, PathBuf::from)
}

/// Makes a workload a benchmark, and runs it if criterion wants to.
fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    workload: &Workload,
    wanted: &Wanted,
    data: &Data,
) -> Result<(), String> {
    // Groups have the name of the comparison.
    let name = &workload.name[workload.comparison.len() + 1..];
    if wanted.wants(&workload.name) {
        let mut prepared = prepare(workload, data)?;
        wall::sample(group, name, &mut prepared).map_err(|error| format!("{error:#}"))?;
    } else {
        // For the list, and for those who count what is left out; its code is not run.
        group.bench_function(name, |_| unreachable!("{name} is not prepared"));
    }
    Ok(())
}

/// Prepares a workload and runs it once.
fn prepare(workload: &Workload, data: &Data) -> Result<Prepared, String> {
    let prepare = || {
        let mut prepared = workload.prepare(data)?;
        prepared.time(1).map(|_| prepared)
    };
    match catch_unwind(AssertUnwindSafe(prepare)) {
        Ok(prepared) => prepared.map_err(|error| format!("{error:#}")),
        Err(_) => Err("it panicked".to_owned()),
    }
}
