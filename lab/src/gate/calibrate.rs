//! Calibration of the gate: it judges a build against itself, and against the same build with a hot
//! path slowed by a known amount. `bench` does the same for the verdicts of a run.
//!
//! Both sides run one program: a feature of the runtime lets an environment variable slow chosen
//! places. The sides differ only in the slow-down, so any other verdict is wrong.

mod bench;
mod dose;
mod moved;
mod noise;
mod plan;
mod record;
mod trials;

pub use noise::Generator;
pub use record::places;

use crate::console::interrupt;
use crate::files::{self, Lock};
use crate::gate::matter::candidates;
use crate::gate::order::Order;
use crate::gate::shuffle::layouts_of;
use crate::harness::builds::{Builder, Pair, Program};
use crate::harness::catalogue;
use crate::harness::git::Git;
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::words;
use crate::{out, say};
use anyhow::{Result, ensure};
use clap::Args;
use plan::{Amounts, Costs, plan};
use record::open;
use simple_records::{Build, Effort, GateLimits, Harness, NoiseKind, Witness};
use simple_reports::judge::OperatingCurve;
use simple_reports::text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use trials::Run;

const FEATURE: &str = "injected-slowdown";

/// Find out how often the gate is right, or with --bench a run.
#[derive(Debug, Args)]
pub struct Calibrate {
    /// Find out how often verdicts of `just bench` are right, in about ten minutes: two copies of an
    /// alternative are compared, one of which is slowed by 0, 2, 5 or 10%. For example: `just
    /// calibrate --bench --trials 8`.
    #[arg(long, conflicts_with_all = ["null", "under_load", "slowed", "slowed_under_load", "noise", "seed"])]
    bench: bool,
    /// With --bench: number of pairs of each workload at each amount.
    #[arg(long, value_name = "NUMBER", default_value = "4", requires = "bench")]
    trials: u32,
    /// Find out how often code that only moved is called slower: this many heads are the base with its
    /// functions in another order, judged with one layout each and with layouts in turn.
    #[arg(long, value_name = "HEADS", conflicts_with_all = ["bench", "null", "under_load", "slowed", "slowed_under_load", "noise", "seed"])]
    moved: Option<u32>,
    /// Number of times that a build is judged against itself.
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    null: u32,
    /// The same under each kind of noise.
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    under_load: u32,
    /// Number of times that each hot path is slowed by each amount.
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    slowed: u32,
    /// The same under each kind of noise.
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    slowed_under_load: u32,
    /// Kinds of noise: a process that is always busy, one that comes and goes, processors that get slower
    /// by steps, processes of higher priority that take up to 30% of each processor.
    #[arg(
        long, value_name = "KINDS", value_delimiter = ',', value_parser = words::noise(),
        default_value = "busy,neighbour,steps,steal"
    )]
    noise: Vec<NoiseKind>,
    /// Seed of the noise.
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    /// The effort whose workloads are judged when nothing is slowed.
    #[arg(long, aliases = ["setting", "profile"], default_value = "quick", value_parser = words::effort())]
    effort: Effort,
    /// Go on with the newest calibration, which was interrupted or is to have more trials.
    #[arg(long)]
    resume: bool,
    /// A program that is judged, instead of building this checkout; for tests.
    #[arg(long, hide = true)]
    program: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// Makes all trials that were asked for.
pub fn run(asked: &Calibrate) -> Result<ExitCode> {
    let folder = std::path::absolute(asked.target.gate())?;
    interrupt::end_on_interrupt()?;
    let lock = files::lock(&folder)?;
    let program = program(asked, &folder, &lock)?;
    if asked.bench {
        return bench::run(asked, &program);
    }
    if let Some(heads) = asked.moved {
        return moved::run(asked, &program, heads);
    }
    provide(&[Tool::Valgrind], &asked.target);
    let timed = timed_in(&program, asked.effort)?;
    let (writer, record) = open(asked, &program, None)?;
    interrupt::keeps("`just calibrate --resume` goes on");
    let has = workloads(&program)?;
    let mut wanted = plan(&asked.amounts());
    wanted.retain(|one| one.workload().is_none_or(|name| has.contains(name)));
    wanted.retain(|one| one.is_open(&record));
    let left = Costs::of(&record).of_all(&wanted, &record);
    say!(
        "{}, about {} in all; `just calibrate --resume` goes on after an interrupt",
        text::number_of(wanted.len(), "trial"),
        text::duration(Duration::from_secs_f64(left))
    );
    let limits = GateLimits::default();
    let layouts = layouts_of(&program.path, &folder);
    let mut run = Run { program, writer, record, asked, limits, timed, layouts };
    run.make(&wanted)?;
    out!("{}", text::curve_terminal(&OperatingCurve::new(&run.record)).trim_end());
    out!("record: {}", run.writer.path().display());
    Ok(ExitCode::SUCCESS)
}

impl Calibrate {
    fn amounts(&self) -> Amounts {
        let Self { null, under_load, slowed, slowed_under_load, .. } = *self;
        let mut noises = self.noise.clone();
        noises.sort_unstable();
        noises.dedup();
        Amounts { null, under_load, slowed, slowed_under_load, noises }
    }
}

/// The program that is judged: this checkout, in which places can be slowed.
fn program(asked: &Calibrate, folder: &Path, lock: &Lock) -> Result<Program> {
    if let Some(path) = &asked.program {
        ensure!(path.is_file(), "there is no program {}: name one with --program", path.display());
        let (path, key) = (std::path::absolute(path)?, path.display().to_string());
        return Ok(Program { path, build: Build { key, ..Build::default() } });
    }
    let git = Git::here(asked.target.path(), lock)?;
    Builder { git: &git, folder, features: &[FEATURE], with_removed: false }.checkout()
}

/// A program against itself.
fn pair(program: &Program) -> Pair {
    let (base, head) = (program.clone(), program.clone());
    Pair { base, head, harness: Harness::Same, base_own: None, notes: Vec::new() }
}

/// Names of all workloads of a program.
fn workloads(program: &Program) -> Result<BTreeSet<String>> {
    let families = catalogue(&program.path)?.families;
    let all = families.into_iter().flat_map(|family| family.workloads);
    Ok(all.map(|workload| workload.workload).collect())
}

/// Number of workloads that are timed with an effort. With the false discovery rate divided by it, a
/// workload that is judged alone is judged as the only one of them that got slower.
fn timed_in(program: &Program, effort: Effort) -> Result<u32> {
    let order = Order {
        effort,
        filters: Vec::new(),
        exactly: None,
        instruments: vec![Witness::Time],
        limits: GateLimits::default(),
    };
    Ok(candidates(&program.path, &order)?.len() as u32)
}
