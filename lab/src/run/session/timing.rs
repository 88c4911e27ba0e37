//! Wall times: blocks in which alternatives take turns, until every question is answered or the
//! time is up.
//!
//! Each workload first gets the blocks that a first look needs. Then those of open questions get
//! more. The record alone says what is open, so a run that is interrupted goes on as if nothing
//! had happened, and a complete one can be added to.

use super::budget::Budget;
use super::{Conduct, Session};
use crate::console::interrupt::interrupted;
use crate::harness::block::{Contestant, seed};
use crate::harness::subject;
use crate::harness::turns::{Processes, Taken, TurnOrder, samples_of};
use crate::run::noise::Meter;
use crate::run::plan::{Turns, turns};
use anyhow::Result;
use simple_records::harness::{Family, Listed};
use simple_records::{Instrument, Record};
use simple_reports::analysis::plan::{Planned, plan};
use simple_reports::analysis::{Question, Report};
use simple_reports::stats::FIRST_LOOK;
use simple_reports::text;
use std::collections::BTreeMap;
use std::time::Duration;

/// Part of the budget's end at which no new pass over open questions begins.
const LEAST_LEFT: Duration = Duration::from_secs(1);

/// A block to measure.
struct Block<'a> {
    comparison: &'a str,
    workloads: Vec<&'a Listed>,
    order: TurnOrder,
}

impl Session<'_> {
    /// Measures blocks until every question is answered or the time is up. An interrupt ends it.
    pub(super) fn time(&mut self, families: &[Family], budget: &Budget) -> Result<()> {
        let groups = turns(families);
        self.first_blocks(&groups)?;
        let listed: BTreeMap<&str, &Listed> = families
            .iter()
            .flat_map(|family| &family.workloads)
            .map(|workload| (workload.workload.as_str(), workload))
            .collect();
        while interrupted().is_none() && budget.left() > LEAST_LEFT {
            let report = Report::new(self.record.run.clone());
            let questions = questions_of(&report, families);
            let answered = questions.iter().filter(|one| one.is_answered()).count();
            let cost_s = |name: &str| {
                let is_measured =
                    listed.contains_key(name) && !self.is_skipped(name, Instrument::Wall);
                is_measured.then(|| self.blocks.cost_s(name))
            };
            let planned = plan(&report, budget.left().as_secs_f64(), cost_s);
            let blocks: Vec<Block<'_>> =
                planned.iter().filter_map(|one| self.block(one, families, &listed)).collect();
            if blocks.is_empty() {
                return Ok(());
            }
            let (all, left) = (questions.len(), text::duration(budget.left()));
            self.progress.say_state(format!("{answered} of {all} questions answered, {left} left"));
            self.progress.expect(blocks.len());
            for block in blocks {
                self.measure_block("open questions", &block)?;
                if interrupted().is_some() || budget.left().is_zero() {
                    break;
                }
                self.progress.step();
            }
        }
        Ok(())
    }

    /// The blocks that a first look needs.
    fn first_blocks(&mut self, groups: &[Turns<'_>]) -> Result<()> {
        for number in 0..FIRST_LOOK {
            let mut blocks: Vec<Block<'_>> = groups
                .iter()
                .map(|group| Block {
                    comparison: group.comparison,
                    workloads: self.still_measured(&group.workloads, number),
                    order: TurnOrder::Forwards,
                })
                .filter(|block| !block.workloads.is_empty())
                .collect();
            let seed = self.record.run.start.seed ^ number as u64;
            fastrand::Rng::with_seed(seed).shuffle(&mut blocks);
            let part = format!("block {} of at least {FIRST_LOOK}", number + 1);
            self.progress.expect(blocks.len());
            for block in blocks {
                self.measure_block(&part, &block)?;
                if interrupted().is_some() {
                    return Ok(());
                }
                self.progress.step();
            }
        }
        Ok(())
    }

    /// Workloads that have no more than this many blocks, without those that failed.
    fn still_measured<'w>(&self, workloads: &[&'w Listed], most: usize) -> Vec<&'w Listed> {
        let is_wanted = |one: &&&Listed| {
            self.blocks.count(&one.workload) <= most
                && !self.is_skipped(&one.workload, Instrument::Wall)
        };
        workloads.iter().filter(is_wanted).copied().collect()
    }

    /// A planned block; `None` if fewer than two of its workloads can be measured.
    fn block<'w>(
        &self,
        planned: &Planned,
        families: &'w [Family],
        listed: &BTreeMap<&str, &'w Listed>,
    ) -> Option<Block<'w>> {
        let family = families.iter().find(|one| one.comparison.id == planned.comparison)?;
        let named: Vec<&Listed> = planned
            .workloads
            .iter()
            .filter_map(|name| listed.get(name.as_str()).copied())
            .collect();
        let workloads = self.still_measured(&named, usize::MAX);
        let comparison = family.comparison.id.as_str();
        // Threads that meet take one of several times, which a process often keeps: more processes say more
        // about those than more turns.
        let is_threaded = workloads.iter().any(|one| self.blocks.is_threaded(&one.workload));
        let order = if is_threaded { TurnOrder::Forwards } else { TurnOrder::ThereAndBackTwice };
        (workloads.len() > 1).then_some(Block { comparison, workloads, order })
    }

    /// Measures a block and writes it down, if no interrupt comes between.
    fn measure_block(&mut self, part: &str, block: &Block<'_>) -> Result<()> {
        let round = self.blocks.next(block.comparison);
        let seed = seed(&format!("{} {} {round}", self.record.run.start.seed, block.comparison));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut workloads = block.workloads.clone();
        random.shuffle(&mut workloads);
        self.progress.show(part, &workloads[0].workload);
        let (program, environment) = (self.conduct.program, &[][..]);
        let contestants: Vec<Contestant<'_>> = workloads
            .iter()
            .map(|one| Contestant { program, environment, workload: &one.workload })
            .collect();
        let Conduct { ground, settings, .. } = &self.conduct;
        let mut processes = Processes::start(ground, *settings, &contestants, random);
        let meter = Meter::start();
        processes.take_turns(block.order);
        let switches = processes.involuntary_switches();
        let noise = meter.stop(round, block.comparison, Instrument::Wall, switches);
        let taken = processes.end();
        if interrupted().is_some() {
            return Ok(());
        }
        for (workload, taken) in workloads.into_iter().zip(taken) {
            self.keep(workload, round, taken)?;
        }
        self.noisy_parts += usize::from(!noise.warnings.is_empty());
        self.blocks.saw(block.comparison, round);
        self.record.write(Record::Noise(noise))?;
        Ok(())
    }

    /// Writes down what a workload did in a block, and skips it from now on if it is out.
    fn keep(&mut self, workload: &Listed, round: u32, taken: Taken) -> Result<()> {
        self.blocks.spent(&workload.workload, taken.spent);
        if let Some(error) = &taken.failure {
            // Of a workload that broke off, the block is not whole.
            return self.skip(workload, Instrument::Wall, error);
        }
        if let Some(samples) = samples_of(subject(workload), round, taken.turns)? {
            self.blocks.measured(&samples);
            self.measured.insert(workload.workload.clone());
            self.record.write(Record::Samples(samples))?;
        }
        Ok(())
    }
}

/// The questions about these families: a record may have others.
fn questions_of<'r>(report: &'r Report, families: &[Family]) -> Vec<Question<'r>> {
    let mut questions = report.questions();
    questions.retain(|one| {
        families.iter().any(|family| family.comparison.id == one.compared.comparison.id)
    });
    questions
}
