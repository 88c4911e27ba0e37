//! The command line.

use crate::console::interrupt;
use crate::files::{self, Lock, newest};
use crate::gate::block::Arena;
use crate::gate::matter::Matter;
use crate::gate::order::{Asked, Order};
use crate::gate::repository::{self, Found};
use crate::gate::same::{same_program, same_sources};
use crate::gate::session::Session;
use crate::gate::shuffle::Wanted;
use crate::gate::sides::{Programs, Suites};
use crate::gate::trial::try_out;
use crate::gate::verdict::Verdict;
use crate::harness::builds::{Builder, Kept, Pair, Program};
use crate::harness::filters;
use crate::harness::git::Git;
use crate::harness::{sources, valgrind};
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::words::some_time;
use crate::{owned, programs, suite, words};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use simple_records::{Build, Effort, Gate, GateLimits, Harness, LogFile, SameProgram, Witness};
use simple_reports::judge::GateFile;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Compare this checkout with a revision.
#[derive(Debug, Args)]
pub struct Compare {
    /// The revision to compare with: a branch, tag or commit. A comparison that is resumed knows its
    /// own.
    #[arg(required_unless_present = "resume")]
    revision: Option<String>,
    /// Only workloads whose name contains this; `*` and `?` match any text and any one character.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The effort whose workloads are judged: quick, unless a comparison is resumed.
    #[arg(long, aliases = ["setting", "profile"], value_parser = words::effort())]
    effort: Option<Effort>,
    /// Use only these instruments.
    #[arg(long, value_parser = words::witness(), value_delimiter = ',')]
    instruments: Vec<Witness>,
    /// The slow-down in time that is to be found, in percent, from 1 to 99; 5, unless another one
    /// is resumed.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_effect: Option<f64>,
    /// Time for all blocks, such as 5m: 10 minutes, unless another one is resumed. Six blocks of each
    /// workload, and twenty fresh ones of each that looks different, may take a fifth longer, or a minute;
    /// workloads for which that does not suffice stay open, and the gate says so early. What is open
    /// otherwise gets what is left, if that can decide it.
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    budget: Option<Duration>,
    /// Measure also if both builds turn out to be the same program.
    #[arg(long)]
    measure_anyway: bool,
    /// Resume the newest comparison, which was interrupted, with its own options.
    #[arg(long)]
    resume: bool,
    /// Seed of all orders; the default differs from run to run.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Number of code layouts of each side that blocks run in turn: 32, unless another comparison is
    /// resumed. 0 runs the programs as they were linked.
    #[arg(long, value_name = "NUMBER")]
    layouts: Option<u32>,
    /// Have workloads that read sources read the files below this folder, instead of a generated
    /// tree that is the same everywhere.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
    /// A program that is compared with, instead of building REVISION; for tests.
    #[arg(long, hide = true, requires = "head_program")]
    base_program: Option<PathBuf>,
    /// A program that is judged, instead of building this checkout; for tests.
    #[arg(long, hide = true, requires = "base_program")]
    head_program: Option<PathBuf>,
    #[command(flatten)]
    verdict: VerdictArgs,
}

#[derive(Debug, Args)]
pub(super) struct VerdictArgs {
    /// Workloads that may be slower this time; `*` and `?` match any text and any one character.
    #[arg(long, value_name = "WORKLOAD")]
    pub(super) allow: Vec<String>,
    /// File of limits and waivers; by default reports/gate/gate.toml, or gate.toml beside a lab.toml, if
    /// it exists.
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also append the Markdown to this file, such as `$GITHUB_STEP_SUMMARY`. An empty name costs a
    /// warning only.
    #[arg(long, value_name = "FILE", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(super) markdown: Option<PathBuf>,
    /// Also print the verdict as annotations, which GitHub shows beside a pull request.
    #[arg(long)]
    pub(super) annotations: bool,
    #[command(flatten)]
    pub(super) target: Target,
}

/// The growth in instructions of a whole process that is a regression. The start of a process is counted
/// as well, and varies a little.
const INSTRUCTIONS_OF_PROCESS: f64 = 0.01;

/// The bounds of --min-effect, in percent. Nothing smaller is calibrated, and no comparison would end
/// before its last block.
const EFFECTS: std::ops::RangeInclusive<f64> = 1.0..=99.0;

fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if EFFECTS.contains(&percent) => Ok(percent / 100.0),
        _ => Err(format!(
            "not a percentage from {} to {}, the slow-downs that the gate can find",
            EFFECTS.start(),
            EFFECTS.end()
        )),
    }
}

impl Compare {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if self.base_program.is_some() {
            return self.compare_programs();
        }
        match repository::find() {
            Some(found) => self.compare_suites(&found),
            None => repository::missing().map_or_else(|| self.compare_programs(), Err),
        }
    }

    fn compare_programs(&self) -> Result<ExitCode> {
        let verdict = Verdict::of_ours(&self.verdict)?;
        if let (false, None, Some(revision)) = (self.resume, &self.base_program, &self.revision) {
            filters::check(&self.filters, Some(revision))?;
        }
        let folder = verdict.target.gate();
        let corpus = self.corpus.as_deref().map(sources::corpus).transpose()?;
        interrupt::end_on_interrupt()?;
        // Another program would build in the same place and disturb the measurement.
        let lock = files::lock(&folder)?;
        owned::remove_leftovers(&folder);
        let resumed = self.resumed(&folder, "just gate REV")?;
        let pair = self.pair(&self.revision(resumed.as_deref())?, &folder, &lock)?;
        let begun = resumed.as_deref().map(Gate::read).transpose()?.map(|gate| gate.start);
        let corpus = corpus.or_else(|| begun.as_ref()?.corpus.clone());
        let mut programs = Programs::new(&pair, &verdict.target, corpus.as_deref())?;
        let session = match (resumed, begun) {
            (Some(record), Some(begun)) => {
                let (count, seed) = (begun.layouts, begun.seed);
                Wanted { count, seed, place: &folder }.resume(&mut programs)?;
                let arena = Arena::new(Box::new(programs), Some(seed));
                let builds = (&pair.base.build, &pair.head.build);
                Session::resume(&record, builds, arena, &self.asked()?)?
            }
            _ => {
                let order = self.order(&verdict.file);
                let matter = self.unless_same(Matter::of_programs(&pair, &order)?, || {
                    same_program(&pair.base, &pair.head)
                })?;
                let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
                let wanted = Wanted { count: self.layouts, seed, place: &folder };
                // Given programs are nobody's builds.
                let is_silent = self.base_program.is_some() && Kept::of(&pair.base.path).is_err();
                let matter = match is_silent {
                    true => matter,
                    false => wanted.begin(&mut programs, matter),
                };
                let arena = Arena::new(Box::new(programs), Some(seed));
                Session::begin(&folder, matter, arena, &order, corpus)?
            }
        };
        interrupt::keeps("`just gate --resume` goes on");
        let (gate, record) = session.run()?;
        Ok(verdict.judge(&gate, &record))
    }

    fn compare_suites(&self, found: &Found) -> Result<ExitCode> {
        self.check_suite_options()?;
        let verdict = Verdict::of_suite(&self.verdict, found)?;
        let suite = suite::read(&found.file())?;
        let folder = verdict.target.gate();
        interrupt::end_on_interrupt()?;
        let _leftovers =
            owned::Leftovers::watch().context("cannot watch what benchmarks leave behind")?;
        found.ignore(&verdict.target)?;
        let lock = files::lock(&folder)?;
        let resumed = self.resumed(&folder, "lab gate REV")?;
        let revision = self.revision(resumed.as_deref())?;
        let mut sides = repository::prepare(found, &suite, &revision, &verdict.target, &lock)?;
        if let Some(record) = &resumed {
            repository::check_unchanged(found, record, &verdict.target, &lock, &sides.head)?;
        }
        let order = self.order_of_suite(&verdict.file, &mut sides.notes)?;
        // Only a new comparison lists them.
        let matter = match &resumed {
            Some(_) => None,
            None => {
                let matter = Matter::of_suite(&suite, &sides, &order)?;
                let same = || Ok(same_sources(&sides.base, &sides.head));
                Some(try_out(self.unless_same(matter, same)?, &suite, &sides, &order.limits)?)
            }
        };
        let builds = (sides.base.clone(), sides.head.clone());
        let arena = Arena::new(Box::new(Suites { suite, sides }), self.seed);
        let session = match (resumed, matter) {
            (Some(record), _) => {
                Session::resume(&record, (&builds.0, &builds.1), arena, &self.asked()?)?
            }
            (None, Some(matter)) => Session::begin(&folder, matter, arena, &order, None)?,
            (None, None) => bail!("there is nothing to compare"),
        };
        interrupt::keeps("`lab gate --resume` goes on");
        let (gate, record) = session.run()?;
        Ok(verdict.judge(&gate, &record))
    }

    /// The matter without workloads, if both builds are one program and it is not to be measured anyway.
    /// Programs that are given may differ in their environment.
    fn unless_same(
        &self,
        matter: Matter,
        find: impl FnOnce() -> Result<Option<SameProgram>>,
    ) -> Result<Matter> {
        if self.measure_anyway || self.base_program.is_some() {
            return Ok(matter);
        }
        Ok(match find()? {
            Some(same) => matter.same(same),
            None => matter,
        })
    }

    /// Refuses options that only workloads of the runtime have.
    fn check_suite_options(&self) -> Result<()> {
        let given = [
            ("--effort", self.effort.is_some()),
            ("--corpus", self.corpus.is_some()),
            ("--layouts", self.layouts.is_some()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => bail!(
                "{option} is about workloads of the runtime and says nothing of the benchmarks of a \
                 {}: leave it out",
                suite::FILE
            ),
            None => Ok(()),
        }
    }

    /// The record that is resumed; none if a comparison begins.
    fn resumed(&self, folder: &Path, command: &str) -> Result<Option<PathBuf>> {
        self.resume.then(|| newest(folder, command)).transpose()
    }

    /// The order of a comparison of suites. Without valgrind nothing is counted, which is noted, unless
    /// only that was asked for.
    fn order_of_suite(&self, file: &GateFile, notes: &mut Vec<String>) -> Result<Order> {
        let mut order = self.order(file);
        order.limits.instructions = INSTRUCTIONS_OF_PROCESS;
        let wants_counts =
            order.instruments.is_empty() || order.instruments.contains(&Witness::Instructions);
        if wants_counts && !programs::is_there("valgrind") {
            ensure!(
                order.instruments != [Witness::Instructions],
                "instructions cannot be counted: {}; without --instruments times are compared",
                valgrind::MISSING
            );
            notes.push(format!("instructions are not counted: {}", valgrind::MISSING));
            order.instruments = vec![Witness::Time];
        }
        Ok(order)
    }

    fn order(&self, file: &GateFile) -> Order {
        let usual = GateLimits::default();
        Order {
            effort: self.effort.unwrap_or(Effort::Quick),
            filters: self.filters.clone(),
            exactly: None,
            instruments: self.instruments.clone(),
            limits: GateLimits {
                min_effect: self.min_effect.unwrap_or(usual.min_effect),
                budget_s: self.budget.map_or(usual.budget_s, |budget| Some(budget.as_secs_f64())),
                instructions_of: file.instructions.clone(),
                ..usual
            },
        }
    }

    /// The options that were given.
    fn asked(&self) -> Result<Asked> {
        Ok(Asked {
            effort: self.effort,
            filters: self.filters.clone(),
            instruments: self.instruments.clone(),
            min_effect: self.min_effect,
            budget_s: self.budget.map(|budget| budget.as_secs_f64()),
            seed: self.seed,
            layouts: self.layouts,
            corpus: self.corpus.as_deref().map(sources::corpus).transpose()?,
        })
    }

    /// The revision that is named, or that of the comparison that is resumed: its commit, because a
    /// branch moves.
    fn revision(&self, resumed: Option<&Path>) -> Result<String> {
        match (&self.revision, resumed) {
            (Some(named), _) => Ok(named.clone()),
            (None, Some(record)) => {
                let base = Gate::read(record)?.start.base;
                Ok(base.commit.unwrap_or(base.name))
            }
            (None, None) => bail!("name the revision to compare with"),
        }
    }

    fn pair(&self, revision: &str, folder: &Path, lock: &Lock) -> Result<Pair> {
        if let (Some(base), Some(head)) = (&self.base_program, &self.head_program) {
            let program = |path: &PathBuf, name: &str| -> Result<Program> {
                ensure!(path.is_file(), "there is no program {}", path.display());
                let (name, key) = (name.to_owned(), path.display().to_string());
                let path = std::path::absolute(path)?;
                Ok(Program { path, build: Build { name, key, ..Build::default() } })
            };
            let (base, head) = (program(base, revision)?, program(head, "this checkout")?);
            let harness = Harness::Own;
            return Ok(Pair { base, head, harness, base_own: None, notes: Vec::new() });
        }
        let folder = std::path::absolute(folder)?;
        provide(&[Tool::Valgrind], &self.verdict.target);
        let git = Git::here(self.verdict.target.path(), lock)?;
        Builder { git: &git, folder: &folder, features: &[], with_removed: true }.pair(revision)
    }
}
