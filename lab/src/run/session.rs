//! A run in progress: steps are made, records written as they come.

mod blocks;
mod budget;
mod counting;
mod timing;

use super::asked::Asked;
use super::noise::Meter;
use super::plan::{Group, Step};
use super::record::RunRecord;
use crate::console::interrupt::interrupted;
use crate::console::print::number_of;
use crate::console::{Amount, Progress};
use crate::files::unix_s;
use crate::harness::block::Ground;
use crate::harness::{Client, subject};
use crate::say;
use crate::target::Target;
use anyhow::{Error, Result};
use blocks::Blocks;
use budget::Budget;
use simple_records::harness::{Family, Listed, Measured, Outcome, Settings};
use simple_records::{Counter, Counts, Instrument, Latency, Loop, Record, RunEnd, Skipped};
use simple_reports::analysis::Report;
use simple_reports::stats::FIRST_LOOK;
use simple_reports::text;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// The processes of a run.
#[derive(Debug)]
pub(super) struct Conduct<'a> {
    /// The program that runs workloads.
    pub(super) program: &'a Path,
    /// The folder for everything that is generated.
    pub(super) target: &'a Target,
    /// The time that each instrument gets.
    pub(super) settings: Settings,
    /// The files of the processes, and the processors that they stay on.
    pub(super) ground: Ground,
}

/// One run in progress.
#[derive(Debug)]
pub(super) struct Session<'a> {
    conduct: Conduct<'a>,
    record: RunRecord,
    progress: Progress,
    /// Workloads with figures of this session; the record may have others.
    measured: HashSet<String>,
    skipped: BTreeMap<String, HashSet<&'static str>>,
    asked: Asked,
    not_selected: u64,
    noisy_parts: usize,
    blocks: Blocks,
}

impl Conduct<'_> {
    /// Measures a workload in a process of its own.
    fn measure(&self, workload: &str, instrument: Instrument) -> Result<Measured> {
        let Ground { data, log, .. } = &self.ground;
        let command = self.ground.command(self.program);
        let mut client = Client::prepared(command, workload, data, Some(log))?;
        client.measure(instrument, self.settings)
    }
}

impl<'a> Session<'a> {
    /// A run that has these steps to go.
    pub(super) fn new(
        conduct: Conduct<'a>,
        record: RunRecord,
        asked: Asked,
        not_selected: u64,
    ) -> Self {
        Self {
            conduct,
            progress: Progress::of(Amount::Grows),
            measured: HashSet::new(),
            blocks: Blocks::of(&record.run),
            record,
            skipped: BTreeMap::new(),
            asked,
            not_selected,
            noisy_parts: 0,
        }
    }

    /// Times workloads if a budget says for how long, then makes all steps of the other instruments;
    /// or as much as comes before an interrupt.
    pub(super) fn run(
        mut self,
        families: &[Family],
        budget_s: Option<f64>,
        groups: &[Group<'_>],
    ) -> Result<ExitCode> {
        if let Some(budget_s) = budget_s {
            let budget = Budget::left_of(budget_s, &self.record.run);
            self.time(families, &budget)?;
            self.progress.say_steps();
            if let Some(code) = interrupted() {
                self.give_up();
                return Ok(ExitCode::from(code));
            }
        }
        for group in groups {
            self.progress.expect(group.steps.len());
            self.make(group)?;
            if let Some(code) = interrupted() {
                self.give_up();
                return Ok(ExitCode::from(code));
            }
        }
        self.finish()
    }

    fn make(&mut self, group: &Group<'_>) -> Result<()> {
        if group.instrument == Instrument::Instructions {
            return self.count(group);
        }
        let heading = format!(
            "{}, round {} of {}: {}",
            group.instrument.name(),
            group.round + 1,
            group.rounds,
            group.comparison
        );
        let meter = Meter::start();
        let mut switches = 0;
        for step in &group.steps {
            self.progress.show(&heading, &step.workload.workload);
            switches += self.measure_or_skip(step)?;
            if interrupted().is_some() {
                return Ok(());
            }
            self.progress.step();
        }
        let noise = meter.stop(group.round, group.comparison, group.instrument, switches);
        if !noise.warnings.is_empty() {
            self.noisy_parts += 1;
            self.progress.note(&format!("noise: {heading}: {}", noise.warnings.join("; ")));
        }
        self.record.write(Record::Noise(noise))?;
        Ok(())
    }

    /// Returns the number of times that the measuring process lost its processor.
    fn measure_or_skip(&mut self, step: &Step<'_>) -> Result<u64> {
        let (workload, instrument) = (step.workload, step.instrument);
        if self.is_skipped(&workload.workload, instrument) {
            return Ok(0);
        }
        match self.conduct.measure(&workload.workload, instrument) {
            Ok(measured) => {
                let switches = measured.involuntary_switches;
                for record in records(step, measured) {
                    self.record.write(record)?;
                }
                self.measured.insert(workload.workload.clone());
                Ok(switches)
            }
            // The interrupt ended the child as well; that is no reason to skip the workload.
            Err(_) if interrupted().is_some() => Ok(0),
            Err(error) => {
                self.skip(workload, instrument, &error)?;
                Ok(0)
            }
        }
    }

    /// Returns whether a workload is not measured by an instrument any more.
    fn is_skipped(&self, workload: &str, instrument: Instrument) -> bool {
        let skipped = self.skipped.get(workload);
        skipped.is_some_and(|instruments| instruments.contains(instrument.name()))
    }

    /// Notes that a workload is not measured, on the terminal too.
    fn skip(&mut self, workload: &Listed, instrument: Instrument, why: &Error) -> Result<()> {
        self.progress.note(&format!(
            "skipped {}: {}: {why:#}",
            workload.workload,
            instrument.name()
        ));
        self.skip_silently(workload, instrument, why)
    }

    fn skip_silently(
        &mut self,
        workload: &Listed,
        instrument: Instrument,
        why: &Error,
    ) -> Result<()> {
        let skipped = Skipped {
            workload: workload.workload.clone(),
            comparison: workload.comparison.clone(),
            instrument: Some(instrument),
            why: format!("{}: {why:#}", instrument.name()),
        };
        // A run that adds to another fails for the same reasons.
        if !self.record.run.skipped.contains(&skipped) {
            self.record.write(Record::Skipped(skipped))?;
        }
        self.skipped.entry(workload.workload.clone()).or_default().insert(instrument.name());
        Ok(())
    }

    fn give_up(self) {
        self.progress.finish();
        if self.record.is_worth_keeping() {
            // One that is complete is added to, not resumed.
            let resume = match self.record.run.end {
                Some(_) => "",
                None => " --resume",
            };
            say!(
                "interrupted: what was measured is kept in {}\n\
                 `{}` shows it, `{}{resume}` goes on",
                self.record.path().display(),
                self.asked.report(),
                self.asked.begins()
            );
        } else {
            say!("interrupted before anything was measured: there is no record");
        }
    }

    fn finish(mut self) -> Result<ExitCode> {
        let report = Report::new(self.record.run.clone());
        let census = &report.census;
        let without = census.known - census.measured;
        if !self.record.is_worth_keeping() {
            self.progress.finish();
            say!(
                "error: nothing was measured, skipped {without} for the reasons above: there is no \
                 record"
            );
            return Ok(ExitCode::FAILURE);
        }
        let questions = report.questions();
        let answered = questions.iter().filter(|question| question.is_answered()).count();
        self.record.write(Record::End(RunEnd {
            finished_unix_s: unix_s(SystemTime::now()),
            measured: census.measured as u64,
            skipped: without as u64,
            not_selected: self.not_selected,
            questions: Some(questions.len() as u64),
            answered: Some(answered as u64),
        }))?;
        let failed = self.failed();
        let took = text::duration(self.progress.finish());
        let (path, all) = (self.record.path().display(), questions.len());
        match self.measured.len() {
            0 => say!("nothing was left to measure in {path} (`--anew` begins another record)"),
            measured => say!("measured {} in {took}: {path}", number_of(measured, "workload")),
        }
        say!("the record: {}", census.outcome());
        if all > 0 {
            say!("answered {answered} of {all} questions");
        }
        if self.noisy_parts > 0 {
            say!(
                "the machine was not quiet in {} of the run: see the records and the report",
                number_of(self.noisy_parts, "part")
            );
        }
        if failed.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        let (number, names) = (number_of(failed.len(), "workload"), failed.join(", "));
        say!("error: {number} failed, for the reasons above: {names}");
        Ok(ExitCode::FAILURE)
    }

    /// The workloads of somebody's program that could not be measured. Those of this project may need
    /// what a machine has not.
    fn failed(&self) -> Vec<String> {
        match self.asked.foreign {
            Some(_) => self.skipped.keys().cloned().collect(),
            None => Vec::new(),
        }
    }
}

/// Rough time of the blocks that a first look at this number of workloads needs.
pub(super) fn first_blocks_take(workloads: usize) -> Duration {
    Duration::from_secs_f64((workloads * FIRST_LOOK) as f64 * blocks::USUAL_COST_S)
}

/// The records of one measurement.
fn records(step: &Step<'_>, measured: Measured) -> Vec<Record> {
    let subject = subject(step.workload);
    let work = measured.work;
    let round = step.round;
    match measured.outcome {
        // Times come in blocks.
        Outcome::Samples { .. } => Vec::new(),
        Outcome::Counts(counts) => {
            vec![Record::Counts(Counts { subject, work, instrument: Counter::Os, round, counts })]
        }
        Outcome::Latencies(runs) => runs
            .into_iter()
            .map(|run| {
                Record::Latency(Latency {
                    subject: subject.clone(),
                    work,
                    instrument: Loop::of(run.offered_per_s),
                    round,
                    offered_per_s: run.offered_per_s,
                    achieved_per_s: run.achieved_per_s,
                    duration_s: run.duration_s,
                    histogram_ns: run.histogram_ns,
                    percentiles_ns: run.percentiles_ns,
                })
            })
            .collect(),
    }
}
