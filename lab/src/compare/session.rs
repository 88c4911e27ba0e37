//! Blocks until the question is answered or the time is up.

use super::block::turns;
use super::command::{Launch, Measured};
use super::contest::{Contest, Unfit};
use super::options::{Budget, Options, script};
use super::outputs::Seen;
use super::process::{Finished, Runner};
use super::record::CompareRecord;
use crate::console::interrupt::interrupted;
use crate::console::print::number_of;
use crate::console::{Amount, Progress};
use crate::files::unix_s;
use crate::{owned, say};
use anyhow::{Context, Result};
use indicatif::HumanDuration;
use simple_records::{Instrument, Record, RunEnd, Skipped, Subject};
use simple_reports::analysis::{ComparisonReport, Report, Slowdown};
use simple_reports::stats::{FIRST_LOOK, last_look, median, next_look};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Processes by which the time is found that starting one takes.
const STARTS: usize = 5;

/// Least number of processes of each alternative in a block of an open question: what else runs on
/// the machine only adds to times, and the lower quartile of several is free of most of it.
const TURNS_WHERE_OPEN: usize = 4;

/// A comparison in progress.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(super) options: &'a Options,
    pub(super) record: CompareRecord,
    pub(super) random: fastrand::Rng,
    pub(super) runner: Runner,
    /// Slow-down that is allowed; `None` if nobody asked.
    limit: Option<f64>,
    progress: Progress,
    /// Exit codes and outputs of the alternatives of each contest, by its id.
    seen: BTreeMap<String, Vec<Seen>>,
    /// Time that a process takes which does nothing; `None` if there is no such program.
    start_ns: Option<f64>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        options: &'a Options,
        record: CompareRecord,
        limit: Option<f64>,
    ) -> Result<Self> {
        owned::adopt_orphans().context("cannot watch what programs leave behind")?;
        Ok(Self {
            options,
            random: fastrand::Rng::with_seed(record.run.start.seed),
            record,
            runner: Runner::new(options.treatment())?,
            limit,
            progress: Progress::of(Amount::Grows),
            seen: BTreeMap::new(),
            start_ns: None,
        })
    }

    /// Finds out how long a process takes that does nothing.
    pub(crate) fn time_starts(&mut self) {
        let launch = Launch::Words(vec!["true".to_owned()]);
        let nothing = Measured { launch, environment: Vec::new(), input: None };
        let mut run = |_| self.runner.run(&nothing, "true", &mut self.random).ok();
        // Of several, the fastest: others only add to it.
        let all = (0..STARTS).filter_map(&mut run).map(|one| one.wall_ns);
        self.start_ns = all.reduce(f64::min);
    }

    /// Measures blocks of a contest until it is decided or the time is up. An interrupt ends it.
    ///
    /// # Errors
    /// If an alternative cannot be measured. What was measured until then is in the record.
    pub(crate) fn hold(&mut self, contest: &Contest, budget: &Budget) -> Result<()> {
        self.record.write(Record::Comparison(contest.comparison()))?;
        self.record.write(Record::Comparison(contest.null()))?;
        self.seen.insert(contest.id.clone(), vec![Seen::default(); contest.entrants.len()]);
        let mut turns = self.try_out(contest, budget)?;
        let mut blocks = 0;
        while interrupted().is_none() && self.goes_on(contest, blocks, budget) {
            let (count, left) = (number_of(blocks, "block"), HumanDuration(budget.left()));
            let least = match blocks < FIRST_LOOK {
                true => format!(" of at least {FIRST_LOOK}"),
                false => String::new(),
            };
            self.progress.expect(1);
            self.progress.say_state(format!("{count}{least}, {left} left"));
            self.progress.show(&contest.id, "measuring");
            if blocks >= FIRST_LOOK && self.allows_more_turns(contest, budget) {
                turns.iter_mut().filter(|count| **count > 0).for_each(|count| {
                    *count = (*count).max(TURNS_WHERE_OPEN);
                });
            }
            self.measure_block(contest, &mut turns, u32::try_from(blocks).unwrap_or(u32::MAX))?;
            self.progress.step();
            blocks += 1;
        }
        Ok(())
    }

    /// Runs each alternative before anything counts. Returns the number of processes of each in a block.
    fn try_out(&mut self, contest: &Contest, budget: &Budget) -> Result<Vec<usize>> {
        let mut least_ns = vec![Some(f64::MAX); contest.entrants.len()];
        for index in 0..least_ns.len() {
            for _ in 0..self.options.warmup {
                self.try_once(contest, index, &mut least_ns)?;
            }
        }
        // A first start reads programs from the disk, and others do not.
        let tried = Duration::from_nanos(least_ns.iter().flatten().sum::<f64>() as u64);
        if first_look_takes(contest, &least_ns) > budget.left() && tried <= budget.left() / 10 {
            for index in 0..least_ns.len() {
                self.try_once(contest, index, &mut least_ns)?;
            }
        }
        let needed = first_look_takes(contest, &least_ns);
        if needed > budget.left() && interrupted().is_none() {
            let (needed, left) = (HumanDuration(needed), HumanDuration(budget.left()));
            let then = match budget.allows_first_look() {
                true => "they are measured all the same; Ctrl-C ends it and keeps what there is",
                false => "there will be no verdict: --budget gives it more time",
            };
            say!("{FIRST_LOOK} blocks take about {needed}, of {left} that remain: {then}");
        }
        Ok(least_ns.into_iter().map(|one| one.map_or(0, turns)).collect())
    }

    /// Runs an alternative once, and keeps the least time in ns, or nothing if it cannot be measured.
    fn try_once(
        &mut self,
        contest: &Contest,
        index: usize,
        least_ns: &mut [Option<f64>],
    ) -> Result<()> {
        let Some(before_ns) = least_ns[index].filter(|_| interrupted().is_none()) else {
            return Ok(());
        };
        self.progress.say_state("trying out".to_owned());
        self.progress.show(&contest.id, &contest.entrants[index].name);
        let finished = self.run_or_leave_out(contest, index)?;
        least_ns[index] = finished.map(|one| one.wall_ns.min(before_ns));
        Ok(())
    }

    /// Runs an alternative once. `None` if it cannot be measured and is left out from now on.
    pub(super) fn run_or_leave_out(
        &mut self,
        contest: &Contest,
        index: usize,
    ) -> Result<Option<Finished>> {
        let error = match self.run_once(contest, index) {
            Ok(finished) => return Ok(Some(finished)),
            Err(error) => error,
        };
        let is_tolerated = contest.unfit == Unfit::LeftOut && index != contest.default;
        if !is_tolerated || interrupted().is_some() {
            return Err(error);
        }
        say!("left out: {error:#}");
        let Subject { workload, comparison, .. } = contest.subject(index);
        let why = format!("{error:#}");
        self.record.write(Record::Skipped(Skipped {
            workload,
            comparison,
            instrument: Some(Instrument::Wall),
            why,
        }))?;
        Ok(None)
    }

    /// Has each process write the runtime's counters into this file, which its environment names.
    pub(crate) fn read_stats(&mut self, file: &Path) {
        self.runner.stats = Some(file.to_owned());
    }

    /// Runs a command once, before anything is measured.
    ///
    /// # Errors
    /// If it cannot be measured.
    pub(crate) fn probe(&mut self, command: &Measured, name: &str) -> Result<Finished> {
        self.runner.run(command, name, &mut self.random)
    }

    /// The first line that the newest process printed to its standard error about `word`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn complaint_about(&mut self, word: &str) -> Result<Option<String>> {
        self.runner.complaint_about(word)
    }

    /// Prepares and runs an alternative once.
    fn run_once(&mut self, contest: &Contest, index: usize) -> Result<Finished> {
        let entrant = &contest.entrants[index];
        if let Some(prepare) = &entrant.prepare {
            script("--prepare", prepare, self.runner.treatment.timeout)?;
        }
        let finished = self.runner.run(&entrant.command, &entrant.name, &mut self.random)?;
        if interrupted().is_none()
            && let Some(seen) = self.seen.get_mut(&contest.id)
        {
            seen[index].add(&finished);
        }
        Ok(finished)
    }

    fn goes_on(&self, contest: &Contest, blocks: usize, budget: &Budget) -> bool {
        if blocks < FIRST_LOOK && budget.allows_first_look() {
            return true;
        }
        // The record alone says what is decided, and only a look may ask.
        let is_look = last_look(blocks).is_some_and(|look| look.blocks == blocks);
        let is_over = budget.left().is_zero() || (is_look && self.is_decided(contest));
        !is_over
    }

    /// Returns whether the next look can still be reached with more processes in each block.
    fn allows_more_turns(&self, contest: &Contest, budget: &Budget) -> bool {
        let parts = self.record.run.noise.iter().filter(|noise| noise.comparison == contest.id);
        let typical_s = median(&parts.map(|noise| noise.elapsed_s).collect::<Vec<_>>());
        let blocks = (next_look(FIRST_LOOK) - FIRST_LOOK) as f64;
        typical_s.is_some_and(|block_s| {
            block_s * TURNS_WHERE_OPEN as f64 * blocks < budget.left().as_secs_f64()
        })
    }

    fn is_decided(&self, contest: &Contest) -> bool {
        let report = self.report();
        find(&report, &contest.id).is_some_and(|compared| {
            let pairs = compared.against_default();
            let is_within = |limit| pairs.iter().all(|it| it.slowdown(limit) != Slowdown::Open);
            compared.questions().iter().all(|question| question.is_answered())
                && self.limit.is_none_or(is_within)
        })
    }

    /// All that is known so far.
    fn report(&self) -> Report {
        Report::new(self.record.run.clone())
    }

    /// Ends it. If all contests were held, the record gets its last line.
    ///
    /// # Errors
    /// If that cannot be written.
    pub(crate) fn end(mut self, how: End) -> Result<Held> {
        let report = self.report();
        if how == End::Whole {
            let questions = report.questions();
            let answered = questions.iter().filter(|question| question.is_answered()).count();
            self.record.write(Record::End(RunEnd {
                finished_unix_s: unix_s(SystemTime::now()),
                measured: report.workloads().count() as u64,
                skipped: 0,
                not_selected: 0,
                questions: Some(questions.len() as u64),
                answered: Some(answered as u64),
            }))?;
        }
        let Self { record, seen, start_ns, progress, .. } = self;
        Ok(Held { report, record, seen, start_ns, took: progress.finish() })
    }
}

/// The end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// All contests were held.
    Whole,
    /// An interrupt or a failure came first.
    Early,
}

/// All that is known after a session.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) report: Report,
    pub(crate) record: CompareRecord,
    /// Exit codes and outputs of the alternatives of each contest, by its id.
    pub(crate) seen: BTreeMap<String, Vec<Seen>>,
    /// Time of a process that does nothing.
    pub(crate) start_ns: Option<f64>,
    pub(crate) took: Duration,
}

/// Rough time of the blocks that a first look needs; of each alternative, the least time of a process in
/// ns is known, unless it is left out.
fn first_look_takes(contest: &Contest, least_ns: &[Option<f64>]) -> Duration {
    let block_ns: f64 = least_ns
        .iter()
        .enumerate()
        .filter_map(|(index, least_ns)| Some((index, (*least_ns)?)))
        .map(|(index, ns)| {
            let copies = if index == contest.default { 2.0 } else { 1.0 };
            ns * turns(ns) as f64 * copies
        })
        .sum();
    Duration::from_nanos((block_ns * FIRST_LOOK as f64) as u64)
}

/// A comparison of a report.
pub(crate) fn find<'r>(report: &'r Report, id: &str) -> Option<&'r ComparisonReport> {
    report.comparisons.iter().find(|compared| compared.comparison.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::contest::Entrant;

    #[test]
    fn a_first_look_takes_ten_blocks_in_which_the_default_runs_twice() {
        let launch = Launch::Words(vec!["true".to_owned()]);
        let command = Measured { launch, environment: Vec::new(), input: None };
        let entrant =
            |name: &str| Entrant { name: name.to_owned(), command: command.clone(), prepare: None };
        let contest = Contest {
            id: "a".to_owned(),
            title: String::new(),
            axis: "command",
            entrants: vec![entrant("a"), entrant("b"), entrant("c")],
            default: 1,
            unfit: Unfit::LeftOut,
        };
        let takes = |least_ns: [Option<f64>; 3]| first_look_takes(&contest, &least_ns).as_secs();
        assert_eq!(takes([Some(1e9), Some(2e9), Some(4e9)]), 90);
        assert_eq!(takes([Some(1e9), Some(2e9), None]), 50, "one is left out");
        // Of short processes there are ten milliseconds in each block.
        assert_eq!(first_look_takes(&contest, &[Some(5e6), None, None]).as_millis(), 100);
    }
}
