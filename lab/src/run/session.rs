//! A run in progress: steps are made, records written as they come.

mod counting;

use super::noise::Meter;
use super::plan::{Group, Step};
use super::record::RunRecord;
use crate::console::interrupt::interrupted;
use crate::console::{Amount, Progress};
use crate::files::unix_s;
use crate::harness::{Client, Log, subject};
use crate::target::Target;
use crate::{programs, say};
use anyhow::{Error, Result};
use indicatif::HumanDuration;
use simple_records::harness::{Listed, Measured, Outcome, Settings};
use simple_records::{
    Counter, Counts, Instrument, Latency, Loop, Record, RunEnd, Samples, Skipped,
};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

/// The processes of a run.
#[derive(Debug)]
pub(super) struct Conduct<'a> {
    /// The program that runs workloads.
    pub(super) program: &'a Path,
    /// The folder for everything that is generated.
    pub(super) target: &'a Target,
    /// The time that each instrument gets.
    pub(super) settings: Settings,
    /// Processors to stay on, as taskset(1) names them.
    pub(super) pin: Option<&'a str>,
    /// Complaints of the processes.
    pub(super) log: &'a Log,
}

/// One run in progress.
#[derive(Debug)]
pub(super) struct Session<'a> {
    conduct: Conduct<'a>,
    record: RunRecord,
    progress: Progress,
    measured: HashSet<String>,
    skipped: BTreeMap<String, HashSet<&'static str>>,
    not_selected: u64,
    noisy_parts: usize,
}

impl Conduct<'_> {
    /// Measures a workload in a process of its own.
    fn measure(&self, workload: &str, instrument: Instrument) -> Result<Measured> {
        let command = match self.pin {
            None => programs::measured(self.program),
            Some(processors) => {
                let mut command = programs::taskset(processors);
                command.arg(self.program);
                command
            }
        };
        let data = self.target.data();
        let mut client = Client::prepared(command, workload, &data, Some(self.log))?;
        client.measure(instrument, self.settings)
    }
}

impl<'a> Session<'a> {
    /// A run that has these steps to go.
    pub(super) fn new(
        conduct: Conduct<'a>,
        record: RunRecord,
        groups: &[Group<'_>],
        not_selected: u64,
    ) -> Self {
        let steps: usize = groups.iter().map(|group| group.steps.len()).sum();
        Self {
            conduct,
            progress: Progress::of(Amount::Steps(steps as u64)),
            measured: record.done.iter().map(|(workload, ..)| workload.clone()).collect(),
            record,
            skipped: BTreeMap::new(),
            not_selected,
            noisy_parts: 0,
        }
    }

    /// Makes all steps, or as many as come before an interrupt.
    pub(super) fn run(mut self, groups: &[Group<'_>]) -> Result<ExitCode> {
        for group in groups {
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
        self.record.write(&Record::Noise(noise))?;
        Ok(())
    }

    /// Returns the number of times that the measuring process lost its processor.
    fn measure_or_skip(&mut self, step: &Step<'_>) -> Result<u64> {
        let (workload, instrument) = (step.workload, step.instrument);
        let skipped = self.skipped.get(&workload.workload);
        if skipped.is_some_and(|instruments| instruments.contains(instrument.name())) {
            return Ok(0);
        }
        match self.conduct.measure(&workload.workload, instrument) {
            Ok(measured) => {
                let switches = measured.involuntary_switches;
                for record in records(step, measured) {
                    self.record.write(&record)?;
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
        self.record.write(&Record::Skipped(Skipped {
            workload: workload.workload.clone(),
            comparison: workload.comparison.clone(),
            why: format!("{}: {why:#}", instrument.name()),
        }))?;
        self.skipped.entry(workload.workload.clone()).or_default().insert(instrument.name());
        Ok(())
    }

    fn give_up(self) {
        self.progress.finish();
        if self.record.is_worth_keeping() {
            say!(
                "interrupted: what was measured is kept in {}\n\
                 `just report` shows it, `just bench --resume` goes on",
                self.record.path().display()
            );
        } else {
            say!("interrupted before anything was measured: there is no record");
        }
    }

    fn finish(mut self) -> Result<ExitCode> {
        let only_skipped =
            self.skipped.keys().filter(|workload| !self.measured.contains(*workload)).count();
        let measured = self.measured.len() as u64;
        if !self.record.is_worth_keeping() {
            self.progress.finish();
            say!(
                "error: nothing was measured, skipped {only_skipped} for the reasons above: there \
                 is no record"
            );
            return Ok(ExitCode::FAILURE);
        }
        self.record.write(&Record::End(RunEnd {
            finished_unix_s: unix_s(SystemTime::now()),
            measured,
            skipped: only_skipped as u64,
            not_selected: self.not_selected,
        }))?;
        let took = HumanDuration(self.progress.finish());
        let path = self.record.path().display();
        say!("measured {measured} workloads in {took}, skipped {only_skipped}: {path}");
        if self.noisy_parts > 0 {
            say!(
                "the machine was not quiet in {} parts of the run: see the records and the report",
                self.noisy_parts
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The records of one measurement.
fn records(step: &Step<'_>, measured: Measured) -> Vec<Record> {
    let subject = subject(step.workload);
    let work = measured.work;
    let round = step.round;
    match measured.outcome {
        Outcome::Samples { samples, discarded, residency, layout } => {
            vec![Record::Samples(Samples {
                subject,
                work,
                instrument: step.instrument,
                round,
                samples,
                discarded,
                residency,
                layout,
            })]
        }
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
