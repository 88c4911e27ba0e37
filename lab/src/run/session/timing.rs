//! Wall times: blocks in which alternatives take turns, until every question is answered or the
//! time is up.
//!
//! Each workload first gets the blocks that a first look needs. Then those of open questions get
//! more. The record alone says what is open, so a run that is interrupted goes on as if nothing
//! had happened, and a complete one can be added to.

use super::Session;
use super::budget::Budget;
use crate::console::interrupt::interrupted;
use crate::harness::block::{Contestant, seed};
use crate::harness::{Client, subject};
use crate::run::noise::Meter;
use crate::run::plan::{Turns, turns};
use anyhow::{Error, Result, bail};
use indicatif::HumanDuration;
use simple_records::harness::{Family, Listed, Measured, Outcome};
use simple_records::{Instrument, Record, Residency, Samples};
use simple_reports::analysis::Report;
use simple_reports::analysis::plan::{Planned, plan};
use simple_reports::stats::FIRST_LOOK;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Part of the budget's end at which no new pass over open questions begins.
const LEAST_LEFT: Duration = Duration::from_secs(1);
/// A process that fails to start is started once more: a condition may not have held by chance.
const ATTEMPTS: u32 = 2;

/// A block to measure.
struct Block<'a> {
    comparison: &'a str,
    workloads: Vec<&'a Listed>,
    order: TurnOrder,
}

/// Turns of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TurnOrder {
    /// One for each process.
    Forwards,
    /// Four for each: the same order forwards and backwards, twice. What drifts evenly cancels, and
    /// each process sees the machine at several moments.
    ThereAndBackTwice,
}

impl TurnOrder {
    fn of(self, processes: usize) -> Vec<usize> {
        match self {
            Self::Forwards => (0..processes).collect(),
            Self::ThereAndBackTwice => {
                let there_and_back = (0..processes).chain((0..processes).rev());
                there_and_back.clone().chain(there_and_back).collect()
            }
        }
    }
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
            let questions = report.questions();
            let answered = questions.iter().filter(|one| one.is_answered()).count();
            let cost_s = |name: &str| self.blocks.cost_s(name);
            let planned = plan(&report, budget.left().as_secs_f64(), cost_s);
            let blocks: Vec<Block<'_>> =
                planned.iter().filter_map(|one| self.block(one, families, &listed)).collect();
            if blocks.is_empty() {
                return Ok(());
            }
            let (all, left) = (questions.len(), HumanDuration(budget.left()));
            self.progress.say_state(format!("{answered} of {all} answered, {left} left"));
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
        let order = TurnOrder::ThereAndBackTwice;
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
        let mut clients: Vec<(&Listed, Option<Client>)> = Vec::new();
        let mut spent = Vec::new();
        for workload in workloads {
            let began = Instant::now();
            let client = self.attempt(workload, |this| this.start(workload, &mut random))?;
            spent.push(began.elapsed());
            clients.push((workload, client));
        }
        let meter = Meter::start();
        let (mut samples, mut switches) = (BTreeMap::<usize, Samples>::new(), 0);
        for index in block.order.of(clients.len()) {
            let (workload, client) = &mut clients[index];
            let began = Instant::now();
            let measured = self.turn(workload, client, &mut random)?;
            spent[index] += began.elapsed();
            let Some(measured) = measured else { continue };
            switches += measured.involuntary_switches;
            let turn = samples_of(workload, round, measured)?;
            match samples.get_mut(&index) {
                Some(earlier) => add_turn(earlier, turn),
                None => _ = samples.insert(index, turn),
            }
        }
        let noise = meter.stop(round, block.comparison, Instrument::Wall, switches);
        for ((workload, _), time) in clients.iter().zip(spent) {
            self.blocks.spent(&workload.workload, time);
        }
        // The processes may take a while to end, and the next block must not see them.
        drop(clients);
        if interrupted().is_some() {
            return Ok(());
        }
        for one in samples.into_values() {
            self.blocks.measured(&one);
            self.measured.insert(one.subject.workload.clone());
            self.record.write(Record::Samples(one))?;
        }
        self.noisy_parts += usize::from(!noise.warnings.is_empty());
        self.blocks.saw(block.comparison, round);
        self.record.write(Record::Noise(noise))?;
        Ok(())
    }

    fn start(&self, workload: &Listed, random: &mut fastrand::Rng) -> Result<Client> {
        let (program, environment) = (self.conduct.program, &[][..]);
        let contestant = Contestant { program, environment, workload: &workload.workload };
        self.conduct.ground.start(&contestant, random)
    }

    /// Has a process take its turn. If it fails, a fresh one takes it: the failed one may be gone, and
    /// has nothing prepared. If that fails too, the workload is skipped and `client` left empty.
    fn turn(
        &mut self,
        workload: &Listed,
        client: &mut Option<Client>,
        random: &mut fastrand::Rng,
    ) -> Result<Option<Measured>> {
        let settings = self.conduct.settings;
        let Some(running) = client.as_mut() else { return Ok(None) };
        if let Ok(measured) = running.measure(Instrument::Wall, settings) {
            return Ok(Some(measured));
        }
        *client = None;
        if interrupted().is_some() {
            return Ok(None);
        }
        let again = self.start(workload, random).and_then(|mut fresh| {
            let measured = fresh.measure(Instrument::Wall, settings)?;
            *client = Some(fresh);
            Ok(measured)
        });
        match again {
            Ok(measured) => Ok(Some(measured)),
            Err(_) if interrupted().is_some() => Ok(None),
            Err(error) => {
                self.skip(workload, Instrument::Wall, &error)?;
                Ok(None)
            }
        }
    }

    /// Tries something once more if it fails; then the workload is skipped, unless an interrupt
    /// was the reason.
    fn attempt<T>(
        &mut self,
        workload: &Listed,
        mut make: impl FnMut(&Self) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut failure: Option<Error> = None;
        for _ in 0..ATTEMPTS {
            match make(self) {
                Ok(made) => return Ok(Some(made)),
                Err(_) if interrupted().is_some() => return Ok(None),
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            self.skip(workload, Instrument::Wall, &error)?;
        }
        Ok(None)
    }
}

/// Adds another turn of the same process.
fn add_turn(samples: &mut Samples, turn: Samples) {
    samples.samples.extend(turn.samples);
    samples.discarded = samples.discarded.saturating_add(turn.discarded);
    samples.residency = Residency::merge(samples.residency, turn.residency);
}

/// The record of a turn.
fn samples_of(workload: &Listed, round: u32, measured: Measured) -> Result<Samples> {
    let Outcome::Samples { samples, discarded, residency, layout } = measured.outcome else {
        bail!("{}: the harness returned no samples", workload.workload)
    };
    Ok(Samples {
        subject: subject(workload),
        work: measured.work,
        instrument: Instrument::Wall,
        round,
        samples,
        discarded,
        residency,
        layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_back_give_each_process_more_turns() {
        assert_eq!(TurnOrder::Forwards.of(3), [0, 1, 2]);
        assert_eq!(TurnOrder::ThereAndBackTwice.of(2), [0, 1, 1, 0, 0, 1, 1, 0]);
    }
}
