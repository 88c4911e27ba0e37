//! Code that only moves: heads that are the base with their functions in another order. None of them is
//! slower, so whatever is called slower is a false alarm. Each is judged twice: with the one layout that it
//! has, as a commit has one, and with layouts that blocks run in turn.

use super::record::open;
use super::{Calibrate, pair};
use crate::console::interrupt;
use crate::gate::block::Arena;
use crate::gate::matter::Matter;
use crate::gate::order::Order;
use crate::gate::session::Session;
use crate::gate::sides::{Layouts, Programs, Sides, USUAL_LAYOUTS};
use crate::harness::block::seed;
use crate::harness::builds::{Kept, Program};
use crate::owned::scratch_in;
use crate::{out, say};
use anyhow::{Context, Result, ensure};
use simple_records::{
    AxisValue, Calibration, CalibrationRecord, Candidate, GateLimits, Log, Side, Stage, Subject,
    Trial, TrialKind, Witness,
};
use simple_reports::judge::{GateReport, Judging, Task};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Longest iteration of a workload that takes part. Where code lies matters most to short ones.
const LONGEST_NS: f64 = 100_000.0;
/// Workloads whose spread is shown.
const SHOWN: usize = 15;

/// A calibration in progress.
struct Run<'a> {
    asked: &'a Calibrate,
    program: &'a Program,
    link: Kept,
    writer: Log<Calibration>,
    record: Calibration,
    workloads: BTreeSet<String>,
    /// Logarithms of ratios of the heads that have one layout each, by workload.
    found: BTreeMap<String, Vec<f64>>,
}

/// Judges `heads` heads, and prints how many were accused.
pub(super) fn run(asked: &Calibrate, program: &Program, heads: u32) -> Result<ExitCode> {
    let link = Kept::of(&program.path)
        .with_context(|| format!("{} cannot be linked again", program.path.display()))?;
    let (writer, record) = open(asked, program, None)?;
    interrupt::keeps("`lab calibrate --moved N --resume` goes on");
    let (workloads, found) = (BTreeSet::new(), BTreeMap::new());
    let mut this = Run { asked, program, link, writer, record, workloads, found };
    this.workloads = this.short()?;
    ensure!(!this.workloads.is_empty(), "no workload is short enough for its layout to matter");
    say!("{} workloads with one thread and short iterations", this.workloads.len());
    for number in 0..heads {
        for layouts in [0, USUAL_LAYOUTS] {
            this.judge(number, layouts)?;
        }
    }
    for layouts in [0, USUAL_LAYOUTS] {
        out!("{}", this.summary(layouts));
    }
    out!("{}", this.spread());
    out!("record: {}", this.writer.path().display());
    Ok(ExitCode::SUCCESS)
}

impl Run<'_> {
    /// The workloads that take part: short, and with one thread.
    fn short(&self) -> Result<BTreeSet<String>> {
        let programs = Programs::new(&pair(self.program), &self.asked.target, None)?;
        let warm_up_ns = programs.pace(Some(1)).warm_up_ns;
        let arena = Arena::new(Box::new(programs), Some(0));
        let mut short = BTreeSet::new();
        for candidate in Matter::of_programs(&pair(self.program), &self.order())?.candidates {
            let workload = candidate.subject.workload.clone();
            if !has_one_thread(&candidate.subject) {
                continue;
            }
            let task = Task { workload, stage: Stage::Screen, block: 0 };
            let mut random = fastrand::Rng::with_seed(0);
            let started = arena.sides.start(&task, Side::Base, None, &mut random);
            // A workload that cannot run is no subject here.
            let iteration_ns = started.and_then(|mut process| process.warm_up(warm_up_ns));
            interrupt::hold_if_ending();
            if iteration_ns.is_ok_and(|ns| ns < LONGEST_NS) {
                short.insert(task.workload);
            }
        }
        Ok(short)
    }

    fn order(&self) -> Order {
        Order {
            effort: self.asked.effort,
            // Also those that are nobody's defaults: their code is as good a subject.
            filters: vec!["*".to_owned()],
            exactly: None,
            instruments: vec![Witness::Time],
            limits: GateLimits::default(),
        }
    }

    /// Judges one head, unless that is on record.
    fn judge(&mut self, number: u32, layouts: u32) -> Result<()> {
        let kind_of_trial = TrialKind::Moved { layouts };
        let is_it = |trial: &Trial| trial.kind_of_trial == kind_of_trial && trial.number == number;
        if self.record.trials.iter().any(is_it) {
            return Ok(());
        }
        say!("moved code, head {}, {}", number + 1, words(layouts));
        let began = Instant::now();
        let report = self.gate(number, layouts)?;
        let slower = report.rows.iter().filter(|row| row.takes_longer());
        let workloads = slower.map(|row| row.workload.clone()).collect();
        if layouts == 0 {
            for row in &report.rows {
                let change = row.time.as_ref().map(|time| time.change.ln_1p());
                self.found.entry(row.workload.clone()).or_default().extend(change);
            }
        }
        let trial = Trial {
            kind_of_trial,
            number,
            verdict: report.verdict.word().to_owned(),
            workloads,
            found: None,
            dose: None,
            noise: None,
            elapsed_s: began.elapsed().as_secs_f64(),
        };
        say!("{}: {}", trial.verdict, trial.workloads.join(", "));
        interrupt::hold_if_ending();
        self.writer.append(&CalibrationRecord::Trial(trial.clone())).context("a trial is lost")?;
        self.record.trials.push(trial);
        Ok(())
    }

    fn gate(&self, number: u32, layouts: u32) -> Result<GateReport> {
        let target = &self.asked.target;
        let place = std::path::absolute(target.trials())?;
        fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
        let folder = scratch_in(&place)?;
        let mut pair = pair(self.program);
        pair.head.path = folder.path().join("head");
        // The same head whoever makes it, and whenever.
        let order = (seed(&format!("moved {number}")) >> 33) as u32;
        self.link.link(order, &pair.head.path).context("a head cannot be linked")?;
        let mut programs = Programs::new(&pair, target, None)?;
        if layouts > 0 {
            let links = [self.link.clone(), self.link.clone()];
            let made = Layouts::new(links, layouts, fastrand::u64(..), &place)?;
            programs.layouts = Some(Arc::new(made));
        }
        let order = self.order();
        let mut matter = Matter::of_programs(&pair, &order)?;
        let is_short = |one: &Candidate| self.workloads.contains(&one.subject.workload);
        matter.candidates.retain(is_short);
        let arena = Arena::new(Box::new(programs), None);
        let session = Session::begin(&target.trials(), matter, arena, &order, None)?;
        let (gate, _) = session.without_profiles().run()?;
        Ok(Judging::default().judge(&gate))
    }

    fn summary(&self, layouts: u32) -> String {
        let kind = TrialKind::Moved { layouts };
        let trials = self.record.trials.iter().filter(|trial| trial.kind_of_trial == kind);
        let trials: Vec<&Trial> = trials.collect();
        let accused = trials.iter().filter(|trial| trial.verdict == "regression").count();
        let workloads: usize = trials.iter().map(|trial| trial.workloads.len()).sum();
        format!(
            "{}: {accused} of {} heads accused, {workloads} of {} workloads",
            words(layouts),
            trials.len(),
            trials.len() * self.workloads.len()
        )
    }

    /// The workloads whose time depends most on the layout.
    fn spread(&self) -> String {
        let all = self.found.iter().filter(|(_, found)| found.len() > 1);
        let mut all: Vec<(f64, &str)> =
            all.map(|(name, found)| (deviation(found), name.as_str())).collect();
        all.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
        let line =
            |(deviation, name): &(f64, &str)| format!("\n  {:5.1}%  {name}", deviation * 100.0);
        let lines: String = all.iter().take(SHOWN).map(line).collect();
        format!("standard deviation between heads of one layout, noise included:{lines}")
    }
}

fn words(layouts: u32) -> String {
    match layouts {
        0 => "one layout each".to_owned(),
        layouts => format!("{layouts} layouts of each side"),
    }
}

fn has_one_thread(subject: &Subject) -> bool {
    let numbers = ["threads", "workers"].into_iter().filter_map(|axis| subject.axes.get(axis));
    numbers.filter_map(AxisValue::number).all(|number| number <= 1)
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}
