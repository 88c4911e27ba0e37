//! Calibration of runs: two copies of one alternative are compared as `just bench` compares
//! alternatives, by the same blocks and the same rules. One copy is slowed by a known amount.

use super::dose::{BENCHED_TOO, Path as Slowed, SPUN, Setting, environment, set};
use super::record::open;
use super::{Calibrate, pair};
use crate::console::{Amount, Progress, interrupt};
use crate::gate::sides::Programs;
use crate::harness::block::{Contestant, seed};
use crate::harness::builds::Program;
use crate::harness::turns::{Processes, TurnOrder, samples_of};
use crate::harness::{catalogue, subject};
use crate::{out, run};
use anyhow::{Context, Result, ensure};
use simple_records::harness::Settings;
use simple_records::{
    BenchLimits, BenchTrial, Calibration, CalibrationRecord, Dose, DoseOf, LeftOut, Log, RunLimits,
    Samples, Subject, TrialKind, Witness,
};
use simple_reports::analysis::{Duel, Rules};
use simple_reports::judge::{BenchCurve, Outcome, outcome};
use simple_reports::stats::FIRST_LOOK;
use simple_reports::text;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// Slow-downs of one copy, as shares of the time.
const LEVELS: [f64; 4] = [0.0, 0.02, 0.05, 0.10];
/// Blocks of a pair that stays open: a run of the effort `quick` reaches that look.
const MOST_BLOCKS: u32 = 46;

/// A hot path that a pair is slowed on, and the workload that goes through it.
struct Subjected {
    path: &'static Slowed,
    subject: Subject,
}

/// A pair to compare.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// Index of the workload.
    index: usize,
    /// Index of the level.
    level: usize,
    number: u32,
}

/// A calibration in progress.
struct Run<'a> {
    program: &'a Program,
    writer: Log<Calibration>,
    record: Calibration,
    subjected: Vec<Subjected>,
    programs: Programs,
    /// Seed of all orders.
    seed: u64,
    settings: Settings,
    limits: BenchLimits,
    /// Doses by the indices of workload and level.
    doses: BTreeMap<(usize, usize), Dose>,
}

/// Compares all pairs that were asked for, and prints the table.
pub(super) fn run(asked: &Calibrate, program: &Program) -> Result<ExitCode> {
    let RunLimits { error, same, same_threaded, .. } = run::limits(asked.effort);
    let limits = BenchLimits { error, same, same_threaded, most_blocks: MOST_BLOCKS };
    let subjected = subjected(program)?;
    let (writer, record) = open(asked, program, Some(limits))?;
    interrupt::keeps("`just calibrate --bench --resume` goes on");
    let mut this = Run {
        program,
        writer,
        record,
        subjected,
        programs: Programs::new(&pair(program), &asked.target, None)?,
        seed: fastrand::u64(..),
        settings: run::settings(asked.effort),
        limits,
        doses: BTreeMap::new(),
    };
    this.set_doses(&this.wanted(asked.trials))?;
    this.compare(&this.wanted(asked.trials))?;
    if let Some(curve) = BenchCurve::new(&this.record) {
        out!("{}", text::bench_terminal(&curve).trim_end());
    }
    out!("record: {}", this.writer.path().display());
    Ok(ExitCode::SUCCESS)
}

/// The hot paths whose workloads the program has.
fn subjected(program: &Program) -> Result<Vec<Subjected>> {
    let families = catalogue(&program.path)?.families;
    let listed = |path: &Slowed| {
        families
            .iter()
            .flat_map(|family| &family.workloads)
            .find(|one| one.workload == path.workload)
    };
    let paths = SPUN.iter().chain(&BENCHED_TOO);
    let subjected: Vec<Subjected> = paths
        .filter_map(|path| Some(Subjected { path, subject: subject(listed(path)?) }))
        .collect();
    let why = "no workload of the program goes through a path that can be slowed";
    ensure!(!subjected.is_empty(), "{}: {why}: name another program", program.path.display());
    Ok(subjected)
}

impl Run<'_> {
    /// Pairs that are not on record and not left out. Workloads and levels alternate, so that an
    /// interrupted calibration has some of each.
    fn wanted(&self, trials: u32) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for number in 0..trials {
            for level in 0..LEVELS.len() {
                let all = (0..self.subjected.len()).map(|index| Wanted { index, level, number });
                wanted.extend(all.filter(|one| !self.is_done(*one) && !self.is_left_out(*one)));
            }
        }
        wanted
    }

    fn is_done(&self, Wanted { index, level, number }: Wanted) -> bool {
        self.record.bench_trials.iter().any(|trial| {
            trial.workload == self.subjected[index].path.workload
                && trial.by == LEVELS[level]
                && trial.number == number
        })
    }

    fn is_left_out(&self, Wanted { index, level, .. }: Wanted) -> bool {
        let kind_of_trial = TrialKind::SlowedTime { by: LEVELS[level] };
        self.record.left_out.iter().any(|one| {
            one.workload == self.subjected[index].path.workload
                && one.kind_of_trial == kind_of_trial
        })
    }

    /// Finds the doses of these pairs, and leaves out what cannot be slowed.
    fn set_doses(&mut self, wanted: &[Wanted]) -> Result<()> {
        let slowed = wanted.iter().filter(|one| LEVELS[one.level] > 0.0);
        let mut places: Vec<(usize, usize)> = slowed.map(|one| (one.index, one.level)).collect();
        places.sort_unstable();
        places.dedup();
        let mut progress = Progress::of(Amount::Steps(places.len() as u64));
        let mut known: Option<(usize, Dose)> = None;
        for (index, level) in places {
            let (path, by) = (self.subjected[index].path, LEVELS[level]);
            progress.show("finding the doses", path.workload);
            let near = known.as_ref().filter(|(of, _)| *of == index).map(|(_, dose)| dose);
            let found = match self.dose_on_record(index, level) {
                Some(dose) => Ok(Setting::Set(dose)),
                None => set(&self.programs, path, Witness::Time, by, near),
            };
            interrupt::hold_if_ending();
            let (kind_of_trial, workload) =
                (TrialKind::SlowedTime { by }, path.workload.to_owned());
            match found.with_context(|| format!("{} cannot be measured", path.workload))? {
                Setting::Set(dose) => {
                    if self.dose_on_record(index, level).is_none() {
                        let dose = dose.clone();
                        self.write(CalibrationRecord::Dose(DoseOf {
                            kind_of_trial,
                            workload,
                            dose,
                        }))?;
                    }
                    known = Some((index, dose.clone()));
                    self.doses.insert((index, level), dose);
                }
                Setting::Impossible(why) => {
                    progress.note(&format!(
                        "{} cannot be slowed by {:.0}% closely enough: {why}: left out",
                        path.workload,
                        by * 100.0
                    ));
                    let (form, why) = (Some(path.form.into()), Some(why));
                    let left_out = LeftOut { kind_of_trial, workload, form, why };
                    self.write(CalibrationRecord::LeftOut(left_out))?;
                }
            }
            progress.step();
        }
        Ok(())
    }

    /// The dose of a workload and level that an earlier sitting set.
    fn dose_on_record(&self, index: usize, level: usize) -> Option<Dose> {
        let kind = TrialKind::SlowedTime { by: LEVELS[level] };
        let workload = self.subjected[index].path.workload;
        let mut doses = self.record.doses.iter();
        let of = doses.find(|one| one.kind_of_trial == kind && one.workload == workload);
        of.map(|one| one.dose.clone())
    }

    fn compare(&mut self, wanted: &[Wanted]) -> Result<()> {
        let mut progress = Progress::of(Amount::Steps(wanted.len() as u64));
        for one in wanted {
            let workload = self.subjected[one.index].path.workload;
            progress.show("comparing pairs", workload);
            let trial = self.trial(*one)?;
            if outcome(&trial) == Outcome::Wrong {
                progress.note(&wrong(&trial));
            }
            self.write(CalibrationRecord::BenchTrial(trial))?;
            progress.step();
        }
        Ok(())
    }

    /// Compares a pair until its question is answered, or the blocks are spent.
    fn trial(&self, wanted: Wanted) -> Result<BenchTrial> {
        let began = Instant::now();
        let Wanted { index, level, number } = wanted;
        let path = self.subjected[index].path;
        let dose = self.doses.get(&(index, level));
        let (every, steps) = dose.map_or((1, 0), |dose| (dose.every, dose.steps));
        let environments = [environment(path, every, 0), environment(path, every, steps)];
        let mut duel = Duel::new(Rules::of_trials(&self.limits));
        while duel.blocks() < self.limits.most_blocks && !duel.is_answered() {
            let [one, other] = self.block(wanted, &environments, duel.blocks())?;
            duel.add(&one, &other);
        }
        let (verdict, at_most) = duel.verdict();
        let ratio = duel.ratio().filter(|ratio| ratio.interval.is_some());
        Ok(BenchTrial {
            workload: path.workload.to_owned(),
            by: LEVELS[level],
            number,
            injected: dose.map_or(0.0, |dose| dose.share),
            verdict,
            found: ratio.map(|ratio| ratio.median - 1.0),
            at_most,
            blocks: duel.blocks(),
            elapsed_s: began.elapsed().as_secs_f64(),
        })
    }

    /// Measures a block: the samples of the copy that is not slowed, and of the other.
    fn block(
        &self,
        Wanted { index, level, number }: Wanted,
        environments: &[Vec<(String, String)>; 2],
        block: u32,
    ) -> Result<[Samples; 2]> {
        let Subjected { path, subject } = &self.subjected[index];
        let Slowed { workload, .. } = path;
        let name = format!("{} {workload} {level} {number} {block}", self.seed);
        let mut random = fastrand::Rng::with_seed(seed(&name));
        let mut copies = [0, 1];
        random.shuffle(&mut copies);
        let program = &self.program.path;
        let contestants = copies.map(|copy| {
            let environment = &environments[copy][..];
            Contestant { program, environment, workload }
        });
        let order = match (block as usize) < FIRST_LOOK {
            true => TurnOrder::Forwards,
            false => TurnOrder::ThereAndBackTwice,
        };
        let mut processes =
            Processes::start(&self.programs.ground, self.settings, &contestants, random);
        processes.take_turns(order);
        let mut samples = [None, None];
        for (copy, taken) in copies.into_iter().zip(processes.end()) {
            // A child that was ended by an interrupt has not failed.
            interrupt::hold_if_ending();
            if let Some(error) = taken.failure {
                return Err(error.context(format!("{workload} cannot be measured")));
            }
            samples[copy] = samples_of(subject.clone(), block, taken.turns)?;
        }
        let [one, other] = samples;
        one.zip(other).map(Into::into).with_context(|| format!("{workload} was not timed"))
    }

    fn write(&mut self, line: CalibrationRecord) -> Result<()> {
        interrupt::hold_if_ending();
        self.writer.append(&line).context("a trial is lost")?;
        simple_records::LogFile::add(&mut self.record, line);
        Ok(())
    }
}

/// A line about a wrong verdict.
fn wrong(trial: &BenchTrial) -> String {
    let said = match trial.at_most {
        Some(at_most) => format!("no difference larger than {:.1}%", at_most * 100.0),
        None => format!("{:+.1}%", trial.found.unwrap_or(f64::NAN) * 100.0),
    };
    let injected = trial.injected * 100.0;
    format!("wrong: {}, slowed by {injected:.1}%: the verdict is {said}", trial.workload)
}
