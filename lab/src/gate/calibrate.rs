//! Calibration of the gate: it judges a build against itself, and against the same build with a hot
//! path slowed by a known amount. `bench` does the same for the verdicts of a run.
//!
//! Both sides run one program: a feature of the runtime lets an environment variable slow chosen
//! places. The sides differ only in the slow-down, so any other verdict is wrong.

mod bench;
mod dose;
mod load;
mod moved;
mod record;

pub use record::places;

use crate::console::interrupt;
use crate::files::Lock;
use crate::gate::block::Arena;
use crate::gate::matter::{Matter, candidates};
use crate::gate::order::Order;
use crate::gate::session::Session;
use crate::gate::shuffle::layouts_of;
use crate::gate::sides::{Layouts, Programs};
use crate::harness::builds::{Builder, Pair, Program};
use crate::harness::git::Git;
use crate::target::Target;
use crate::tools::{Tool, provide};
use crate::words;
use crate::{files, out, say};
use anyhow::{Context, Result, ensure};
use clap::Args;
use dose::{COUNTED, Dose, Path as Slowed, TIMED, dose, environment};
use load::Load;
use record::open;
use simple_records::{
    Build, Calibration, CalibrationRecord, Effort, GateLimits, Harness, LeftOut, Log, Trial,
    TrialKind, Witness,
};
use simple_reports::judge::{GateReport, Judging, Row};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Slow-downs that are injected.
const LEVELS: [f64; 4] = [0.01, 0.02, 0.05, 0.10];
const FEATURE: &str = "injected-slowdown";

/// Find out how often the gate is right, or with --bench a run.
#[derive(Debug, Args)]
pub struct Calibrate {
    /// Find out how often verdicts of `just bench` are right, in about ten minutes: two copies of an
    /// alternative are compared, one of which is slowed by 0, 2, 5 or 10%. For example: `just
    /// calibrate --bench --trials 8`.
    #[arg(long, conflicts_with_all = ["null", "under_load", "slowed"])]
    bench: bool,
    /// With --bench: number of pairs of each workload at each amount.
    #[arg(long, value_name = "NUMBER", default_value = "4", requires = "bench")]
    trials: u32,
    /// Find out how often code that only moved is called slower: this many heads are the base with its
    /// functions in another order, judged with one layout each and with layouts in turn.
    #[arg(long, value_name = "HEADS", conflicts_with_all = ["bench", "null", "under_load", "slowed"])]
    moved: Option<u32>,
    /// Number of times that a build is judged against itself.
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    null: u32,
    /// The same while another program keeps a processor busy.
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    under_load: u32,
    /// Number of times that each hot path is slowed by each amount.
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    slowed: u32,
    /// The effort whose workloads are judged when nothing is slowed.
    #[arg(long, aliases = ["setting", "profile"], default_value = "quick", value_parser = words::effort())]
    effort: Effort,
    /// Resume the newest calibration, which was interrupted.
    #[arg(long)]
    resume: bool,
    /// A program that is judged, instead of building this checkout; for tests.
    #[arg(long, hide = true)]
    program: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// A calibration in progress.
struct Run<'a> {
    program: Program,
    writer: Log<Calibration>,
    record: Calibration,
    /// Doses of each path for a witness, by the slow-down in thousandths.
    doses: HashMap<(&'static str, Witness, u32), Option<Dose>>,
    asked: &'a Calibrate,
    limits: GateLimits,
    /// Workloads that are timed with the effort.
    timed: u32,
    /// The layouts that all trials run: linking others for each would take longer than a trial.
    layouts: Option<Arc<Layouts>>,
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
    let limits = GateLimits::default();
    let at_once = timed_in(&program, asked.effort)?;
    let (writer, record) = open(asked, &program, None)?;
    interrupt::keeps("`just calibrate --resume` goes on");
    let layouts = layouts_of(&program.path, &folder);
    let doses = HashMap::new();
    let mut run = Run { program, writer, record, doses, asked, limits, timed: at_once, layouts };
    for number in 0..asked.null.max(asked.under_load).max(asked.slowed) {
        // Alternating, so that an interrupted calibration has some of each.
        if number < asked.null {
            run.null(TrialKind::Null, number)?;
        }
        if number < asked.under_load {
            run.null(TrialKind::NullUnderLoad, number)?;
        }
        if number < asked.slowed {
            run.slowed(number)?;
        }
    }
    out!("record: {}", run.writer.path().display());
    Ok(ExitCode::SUCCESS)
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

impl Run<'_> {
    /// A build against itself.
    fn null(&mut self, kind: TrialKind, number: u32) -> Result<()> {
        if self.is_done(&kind, number, None) {
            return Ok(());
        }
        say!(
            "against itself, number {}{}",
            number + 1,
            match kind {
                TrialKind::NullUnderLoad => ", under load",
                _ => "",
            }
        );
        let load = (kind == TrialKind::NullUnderLoad).then(Load::start);
        let began = Instant::now();
        let order = Order {
            effort: self.asked.effort,
            filters: Vec::new(),
            exactly: None,
            instruments: Vec::new(),
            limits: self.limits.clone(),
        };
        let (report, record) = self.gate(&order, &[], &[])?;
        drop(load);
        let slower = report.rows.iter().filter(|row| row.takes_longer() || row.more_instructions());
        let workloads = slower.map(|row| row.workload.clone()).collect();
        let trial = Trial {
            kind_of_trial: kind,
            number,
            verdict: report.verdict.word().to_owned(),
            workloads,
            found: None,
            elapsed_s: began.elapsed().as_secs_f64(),
        };
        // Nobody needs the record of a right verdict.
        if trial.verdict == "pass" {
            remove(&record);
        }
        self.write(trial)
    }

    /// Every hot path, slowed by every amount.
    fn slowed(&mut self, number: u32) -> Result<()> {
        for by in LEVELS {
            for path in TIMED.iter() {
                self.slowed_one(Witness::Time, path, by, number)?;
            }
            for path in &COUNTED {
                self.slowed_one(Witness::Instructions, path, by, number)?;
            }
        }
        Ok(())
    }

    fn slowed_one(
        &mut self,
        witness: Witness,
        path: &'static Slowed,
        by: f64,
        number: u32,
    ) -> Result<()> {
        let kind = slowed_for(witness, by);
        if self.is_done(&kind, number, Some(path.workload)) {
            return Ok(());
        }
        let Some(dose) = self.dose(path, witness, by)? else {
            // The slow-down cannot be set that precisely there.
            return Ok(());
        };
        let began = Instant::now();
        let order = self.order_of(path, witness);
        let (base, head) = (environment(path, 0), environment(path, dose.steps));
        let (report, record) = self.gate(&order, &base, &head)?;
        ensure!(report.retired.is_empty(), "{} cannot be measured", path.workload);
        remove(&record);
        let change = |row: &Row| match witness {
            Witness::Time => row.time.as_ref().map(|time| time.change),
            Witness::Instructions => row.instructions.map(|found| found.change),
        };
        let trial = Trial {
            kind_of_trial: kind,
            number,
            verdict: report.verdict.word().to_owned(),
            workloads: vec![path.workload.to_owned()],
            found: report.rows.first().and_then(change),
            elapsed_s: began.elapsed().as_secs_f64(),
        };
        say!(
            "{} +{:.0}% (set {:+.1}%, found {:+.1}%): {}",
            path.workload,
            by * 100.0,
            dose.share * 100.0,
            trial.found.unwrap_or(f64::NAN) * 100.0,
            trial.verdict
        );
        self.write(trial)
    }

    /// The dose for a path, found once: finding it takes longer than a trial.
    fn dose(&mut self, path: &'static Slowed, witness: Witness, by: f64) -> Result<Option<Dose>> {
        let key = (path.workload, witness, (by * 1000.0).round() as u32);
        if let Some(dose) = self.doses.get(&key) {
            return Ok(*dose);
        }
        let kind_of_trial = slowed_for(witness, by);
        let is_left_out =
            |one: &LeftOut| one.workload == path.workload && one.kind_of_trial == kind_of_trial;
        if self.record.left_out.iter().any(is_left_out) {
            return Ok(None);
        }
        let mut programs = Programs::new(&pair(&self.program), &self.asked.target, None)?;
        programs.layouts = self.layouts.clone();
        let dose = dose(&programs, path, witness, by, None).with_context(|| path.workload)?;
        if dose.is_none() {
            say!("{} cannot be slowed by {}%", path.workload, by * 100.0);
            let left_out = LeftOut { kind_of_trial, workload: path.workload.to_owned() };
            self.writer.append(&CalibrationRecord::LeftOut(left_out))?;
        }
        self.doses.insert(key, dose);
        Ok(dose)
    }

    /// One workload, judged as strictly as if it were one of all of the effort that got slower.
    fn order_of(&self, path: &Slowed, witness: Witness) -> Order {
        let mut limits = self.limits.clone();
        limits.false_discovery_rate /= f64::from(self.timed.max(1));
        Order {
            effort: self.asked.effort,
            filters: vec![path.workload.to_owned()],
            exactly: Some(path.workload.to_owned()),
            instruments: vec![witness],
            limits,
        }
    }

    fn gate(
        &self,
        order: &Order,
        base: &[(String, String)],
        head: &[(String, String)],
    ) -> Result<(GateReport, PathBuf)> {
        let pair = pair(&self.program);
        let mut programs = Programs::new(&pair, &self.asked.target, None)?;
        programs.base_environment = base.to_vec();
        programs.head_environment = head.to_vec();
        programs.layouts = self.layouts.clone();
        let folder = self.asked.target.trials();
        let matter = Matter::of_programs(&pair, order)?;
        let arena = Arena::new(Box::new(programs), None);
        let session = Session::begin(&folder, matter, arena, order, None)?;
        let (gate, record) = session.without_profiles().run()?;
        Ok((Judging::default().judge(&gate), record))
    }

    fn is_done(&self, kind: &TrialKind, number: u32, workload: Option<&str>) -> bool {
        self.record.trials.iter().any(|trial| {
            trial.kind_of_trial == *kind
                && trial.number == number
                && workload.is_none_or(|name| trial.workloads == [name])
        })
    }

    fn write(&mut self, trial: Trial) -> Result<()> {
        interrupt::hold_if_ending();
        self.writer.append(&CalibrationRecord::Trial(trial.clone())).context("a trial is lost")?;
        self.record.trials.push(trial);
        Ok(())
    }
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

/// A trial with one path slowed by a share, judged by a witness.
fn slowed_for(witness: Witness, by: f64) -> TrialKind {
    match witness {
        Witness::Time => TrialKind::SlowedTime { by },
        Witness::Instructions => TrialKind::SlowedInstructions { by },
    }
}

fn remove(record: &Path) {
    // A file that stays does no harm.
    let _ = fs::remove_file(record);
}
