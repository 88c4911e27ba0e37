//! Trials: one use of the gate each, whose right answer is known.

use super::dose::{LEAST_MEASURED, Setting, environment, fraction, set};
use super::noise::{Load, described};
use super::plan::{Change, Costs, Slowed, Wanted};
use super::{Calibrate, pair};
use crate::console::interrupt;
use crate::gate::block::Arena;
use crate::gate::matter::Matter;
use crate::gate::order::Order;
use crate::gate::session::Session;
use crate::gate::sides::{Layouts, Programs};
use crate::harness::builds::Program;
use crate::say;
use anyhow::{Context, Result, ensure};
use simple_records::{
    Calibration, CalibrationRecord, Dose, DoseOf, GateLimits, LeftOut, Log, LogFile, Trial, Witness,
};
use simple_reports::judge::{GateReport, Judging, Row};
use simple_reports::text;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A calibration in progress.
pub(super) struct Run<'a> {
    pub(super) program: Program,
    pub(super) writer: Log<Calibration>,
    pub(super) record: Calibration,
    pub(super) asked: &'a Calibrate,
    pub(super) limits: GateLimits,
    /// Workloads that are timed with the effort.
    pub(super) timed: u32,
    /// The layouts that all trials run: linking others for each would take longer than a trial.
    pub(super) layouts: Option<Arc<Layouts>>,
}

/// Variables of a side.
type Environment = Vec<(String, String)>;

impl Run<'_> {
    /// Makes these trials, and says how far it is.
    pub(super) fn make(&mut self, all: &[Wanted]) -> Result<()> {
        for (index, one) in all.iter().enumerate() {
            // Another size of the path may have been left out meanwhile.
            if !one.is_open(&self.record) {
                continue;
            }
            let left_s = Costs::of(&self.record).of_all(&all[index..], &self.record);
            say!(
                "trial {} of {}, {} left: {}",
                index + 1,
                all.len(),
                text::duration(Duration::from_secs_f64(left_s)),
                told(one)
            );
            match one.change {
                Change::Nothing => self.null(one)?,
                Change::Slowed(slowed) => self.slowed(one, slowed)?,
            }
        }
        Ok(())
    }

    /// A build against itself.
    fn null(&mut self, wanted: &Wanted) -> Result<()> {
        let began = Instant::now();
        let order = Order {
            effort: self.asked.effort,
            filters: Vec::new(),
            exactly: None,
            instruments: Vec::new(),
            limits: self.limits.clone(),
        };
        let (report, record) = self.gate(wanted, &order, &[], &[])?;
        let slower = report.rows.iter().filter(|row| row.takes_longer() || row.more_instructions());
        let workloads = slower.map(|row| row.workload.clone()).collect();
        // Nobody needs the record of a right verdict.
        if report.verdict.word() == "pass" {
            remove(&record);
        }
        self.write(wanted, &report, workloads, None, None, began)
    }

    /// A path slowed by a share.
    fn slowed(&mut self, wanted: &Wanted, slowed: Slowed) -> Result<()> {
        let Some(dose) = self.dose(slowed)? else { return Ok(()) };
        let Slowed { path, witness, by } = slowed;
        let began = Instant::now();
        let base: Environment = environment(path, dose.every, 0);
        let head: Environment = environment(path, dose.every, dose.steps);
        let (report, record) = self.gate(wanted, &self.order_of(&slowed), &base, &head)?;
        ensure!(report.retired.is_empty(), "{} cannot be measured", path.workload);
        remove(&record);
        let change = |row: &Row| match witness {
            Witness::Time => row.time.as_ref().map(|time| time.change),
            Witness::Instructions => row.instructions.map(|found| found.change),
        };
        let found = report.rows.first().and_then(change);
        say!(
            "{} +{} by {} (set {}, found {}): {}",
            path.workload,
            text::percent(by),
            path.form,
            text::shift(dose.share),
            found.map_or("nothing".to_owned(), text::shift),
            report.verdict.word()
        );
        self.write(wanted, &report, vec![path.workload.to_owned()], found, Some(dose), began)
    }

    /// The dose for a path, found once: finding it takes longer than a trial.
    fn dose(&mut self, slowed: Slowed) -> Result<Option<Dose>> {
        if let Some(dose) = self.known_dose(&slowed) {
            return Ok(Some(dose));
        }
        let wanted = Wanted { change: Change::Slowed(slowed), noise: None, number: u32::MAX };
        if !wanted.is_open(&self.record) {
            return Ok(None);
        }
        let Slowed { path, witness, by } = slowed;
        let least = Slowed { by: LEAST_MEASURED, ..slowed };
        let is_part = witness == Witness::Time && by < LEAST_MEASURED;
        let known = if is_part { self.dose(least)? } else { self.known_dose(&least) };
        let part = known.as_ref().filter(|_| is_part).and_then(|dose| fraction(dose, by));
        let setting = match (part, is_part && known.is_none()) {
            (Some(part), _) => Setting::Set(part),
            (None, true) => Setting::Impossible("no larger dose can be set".to_owned()),
            (None, false) => {
                let mut programs = Programs::new(&pair(&self.program), &self.asked.target, None)?;
                programs.layouts = self.layouts.clone();
                set(&programs, path, witness, by, known.as_ref()).context(path.workload)?
            }
        };
        interrupt::hold_if_ending();
        let (kind_of_trial, workload) = (slowed.kind(), path.workload.to_owned());
        let (line, dose) = match setting {
            Setting::Set(dose) => {
                let [low, high] = dose.interval.map(text::percent);
                let (steps, every) = (dose.steps, dose.every);
                let set = text::shift(dose.share);
                say!("dose: {steps} steps at one of {every} visits: {set} [{low}, {high}]");
                let line = DoseOf { kind_of_trial, workload, dose: dose.clone() };
                (CalibrationRecord::Dose(line), Some(dose))
            }
            Setting::Impossible(why) => {
                let share = text::percent(by);
                say!("{workload} cannot be slowed by {share} by {}: {why}", path.form);
                let (form, why) = (Some(path.form.into()), Some(why));
                let line = LeftOut { kind_of_trial, workload, form, why };
                (CalibrationRecord::LeftOut(line), None)
            }
        };
        self.append(line)?;
        Ok(dose)
    }

    fn known_dose(&self, slowed: &Slowed) -> Option<Dose> {
        let mut doses = self.record.doses.iter();
        let of =
            doses.find(|one| slowed.is(&one.kind_of_trial, &one.workload, one.dose.form.known()));
        of.map(|one| one.dose.clone())
    }

    /// One workload, judged as strictly as if it were one of all of the effort that got slower.
    fn order_of(&self, slowed: &Slowed) -> Order {
        let mut limits = self.limits.clone();
        limits.false_discovery_rate /= f64::from(self.timed.max(1));
        Order {
            effort: self.asked.effort,
            filters: vec![slowed.path.workload.to_owned()],
            exactly: Some(slowed.path.workload.to_owned()),
            instruments: vec![slowed.witness],
            limits,
        }
    }

    fn gate(
        &self,
        wanted: &Wanted,
        order: &Order,
        base: &[(String, String)],
        head: &[(String, String)],
    ) -> Result<(GateReport, PathBuf)> {
        let load = wanted.noise.map(|kind| Load::start(kind, self.seed_of(wanted)));
        let pair = pair(&self.program);
        let mut programs = Programs::new(&pair, &self.asked.target, None)?;
        programs.base_environment = base.to_vec();
        programs.head_environment = head.to_vec();
        programs.layouts = self.layouts.clone();
        let folder = self.asked.target.trials();
        let matter = Matter::of_programs(&pair, order)?;
        let arena = Arena::new(Box::new(programs), None);
        let session = Session::begin(&folder, matter, arena, order, None)?;
        // Functions that grew are of no use: there are none, or they are known.
        let (gate, record) = session.without_profiles().run()?;
        drop(load);
        Ok((Judging::default().judge(&gate), record))
    }

    /// The seed of a trial's noise: trials of one number have the same.
    fn seed_of(&self, wanted: &Wanted) -> u64 {
        self.asked.seed.wrapping_add(u64::from(wanted.number))
    }

    fn write(
        &mut self,
        wanted: &Wanted,
        report: &GateReport,
        workloads: Vec<String>,
        found: Option<f64>,
        dose: Option<Dose>,
        began: Instant,
    ) -> Result<()> {
        interrupt::hold_if_ending();
        self.append(CalibrationRecord::Trial(Trial {
            kind_of_trial: wanted.kind(),
            number: wanted.number,
            verdict: report.verdict.word().to_owned(),
            workloads,
            found,
            dose,
            noise: wanted.noise.map(|kind| described(kind, self.seed_of(wanted))),
            elapsed_s: began.elapsed().as_secs_f64(),
        }))
    }

    fn append(&mut self, line: CalibrationRecord) -> Result<()> {
        self.writer.append(&line).context("a line of the record is lost")?;
        self.record.add(line);
        Ok(())
    }
}

/// `against itself, beside noise of the kind steal`.
fn told(wanted: &Wanted) -> String {
    let change = match &wanted.change {
        Change::Nothing => "against itself".to_owned(),
        Change::Slowed(Slowed { path, by, .. }) => {
            format!("{} slowed by {} by {}", path.workload, text::percent(*by), path.form)
        }
    };
    match wanted.noise {
        Some(noise) => format!("{change}, beside noise of the kind {noise}"),
        None => change,
    }
}

fn remove(record: &Path) {
    // A file that stays does no harm.
    let _ = fs::remove_file(record);
}
