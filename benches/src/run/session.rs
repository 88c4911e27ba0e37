//! A run in progress: steps are made, records written as they come.

mod counting;

use super::child::Orders;
use super::noise::Meter;
use super::plan::{Group, Step};
use super::record::{RunRecord, unix_s};
use crate::{Instrument, Workload};
use anyhow::{Error, Result};
use indicatif::HumanDuration;
use simple_lab::console::interrupt::interrupted;
use simple_lab::console::{Amount, Progress};
use simple_lab::say;
use simple_records::harness::{Measured, Outcome};
use simple_records::{Counts, Latency, Record, RunEnd, Samples, Skipped};
use std::collections::{BTreeMap, HashSet};
use std::process::ExitCode;
use std::time::SystemTime;

/// One run in progress.
#[derive(Debug)]
pub(super) struct Session<'a> {
    orders: Orders<'a>,
    record: RunRecord,
    progress: Progress,
    measured: HashSet<String>,
    skipped: BTreeMap<String, HashSet<&'static str>>,
    not_selected: u64,
    noisy_parts: usize,
}

impl<'a> Session<'a> {
    /// A run that has these steps to go.
    pub(super) fn new(
        orders: Orders<'a>,
        record: RunRecord,
        groups: &[Group<'_>],
        not_selected: u64,
    ) -> Self {
        let steps: usize = groups.iter().map(|group| group.steps.len()).sum();
        Self {
            orders,
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
            self.progress.show(&heading, &step.workload.name);
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

    /// Returns how often the measuring process lost its processor.
    fn measure_or_skip(&mut self, step: &Step<'_>) -> Result<u64> {
        let (workload, instrument) = (step.workload, step.instrument);
        let skipped = self.skipped.get(&workload.name);
        if skipped.is_some_and(|instruments| instruments.contains(instrument.name())) {
            return Ok(0);
        }
        match self.orders.measure(&workload.name, instrument) {
            Ok(measured) => {
                let switches = measured.involuntary_switches;
                for record in records(step, measured) {
                    self.record.write(&record)?;
                }
                self.measured.insert(workload.name.clone());
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
    fn skip(&mut self, workload: &Workload, instrument: Instrument, why: &Error) -> Result<()> {
        self.progress.note(&format!("skipped {}: {}: {why:#}", workload.name, instrument.name()));
        self.skip_silently(workload, instrument, why)
    }

    fn skip_silently(
        &mut self,
        workload: &Workload,
        instrument: Instrument,
        why: &Error,
    ) -> Result<()> {
        self.record.write(&Record::Skipped(Skipped {
            workload: workload.name.clone(),
            comparison: workload.comparison.clone(),
            why: format!("{}: {why:#}", instrument.name()),
        }))?;
        self.skipped.entry(workload.name.clone()).or_default().insert(instrument.name());
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

/// What one measurement becomes.
fn records(step: &Step<'_>, measured: Measured) -> Vec<Record> {
    let subject = step.workload.subject(measured.items, measured.bytes);
    let (round, instrument) = (step.round, step.instrument.name().to_owned());
    match measured.outcome {
        Outcome::Samples { samples, discarded, residency } => {
            vec![Record::Samples(Samples {
                subject,
                instrument,
                round,
                samples,
                discarded,
                residency,
            })]
        }
        Outcome::Counts(counts) => {
            vec![Record::Counts(Counts { subject, instrument, round, counts })]
        }
        Outcome::Latencies(runs) => runs
            .into_iter()
            .map(|run| {
                let closed = run.offered_per_s.is_none();
                Record::Latency(Latency {
                    subject: subject.clone(),
                    instrument: if closed { "latency-closed" } else { "latency" }.to_owned(),
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
