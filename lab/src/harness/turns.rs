//! The processes of a block, from their start to their end: they prepare, take turns, and hand back
//! what they measured.
//!
//! A process that fails to start is started once more, because a condition may not have held by
//! chance. One that fails in a turn is replaced by a fresh one: the failed one may be gone, and has
//! nothing prepared. If that fails too, the contestant is out, and the others go on.

use super::Client;
use super::block::{Contestant, Ground};
use crate::console::interrupt::interrupted;
use anyhow::{Error, Result, bail};
use simple_records::harness::{Measured, Outcome, Settings};
use simple_records::{Instrument, Residency, Samples, Subject};
use std::time::{Duration, Instant};

/// A process that fails to start is started once more.
const ATTEMPTS: u32 = 2;

/// Turns of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnOrder {
    /// One for each process.
    Forwards,
    /// Two for each: the same order forwards and backwards. What drifts evenly cancels.
    ThereAndBack,
    /// Four for each: the same order forwards and backwards, twice. What drifts evenly cancels, and
    /// each process sees the machine at several moments.
    ThereAndBackTwice,
}

impl TurnOrder {
    /// The turns, by the index of the process.
    pub fn of(self, processes: usize) -> Vec<usize> {
        let there_and_back = (0..processes).chain((0..processes).rev());
        match self {
            Self::Forwards => (0..processes).collect(),
            Self::ThereAndBack => there_and_back.collect(),
            Self::ThereAndBackTwice => there_and_back.clone().chain(there_and_back).collect(),
        }
    }
}

/// Processes of a block, one for each contestant. Dropped, they are ended.
#[derive(Debug)]
pub struct Processes<'a> {
    ground: &'a Ground,
    settings: Settings,
    random: fastrand::Rng,
    /// The processor of those with one thread.
    processor: Option<usize>,
    all: Vec<Process<'a>>,
}

#[derive(Debug)]
struct Process<'a> {
    contestant: Contestant<'a>,
    /// Empty once it is out.
    client: Option<Client>,
    taken: Taken,
}

/// Turns of a contestant in a block.
#[derive(Debug, Default)]
pub struct Taken {
    /// Its turns, in their order.
    pub turns: Vec<Measured>,
    /// Time that starting it and its turns took.
    pub spent: Duration,
    /// The reason why it is out. Also there if an interrupt ended its process.
    pub failure: Option<Error>,
}

impl<'a> Processes<'a> {
    /// Starts a process for each contestant, in this order, and has it prepare.
    pub fn start(
        ground: &'a Ground,
        settings: Settings,
        contestants: &[Contestant<'a>],
        mut random: fastrand::Rng,
    ) -> Self {
        let processor = ground.processor(&mut random);
        let mut this = Self { ground, settings, random, processor, all: Vec::new() };
        for &contestant in contestants {
            let began = Instant::now();
            let (client, failure) = match this.started(&contestant) {
                Ok(client) => (Some(client), None),
                Err(error) => (None, Some(error)),
            };
            let taken = Taken { turns: Vec::new(), spent: began.elapsed(), failure };
            this.all.push(Process { contestant, client, taken });
        }
        this
    }

    /// Measures wall time in turns.
    pub fn take_turns(&mut self, order: TurnOrder) {
        for index in order.of(self.all.len()) {
            let began = Instant::now();
            self.turn(index);
            self.all[index].taken.spent += began.elapsed();
        }
    }

    /// Number of times that a process lost its processor in a turn without having asked.
    pub fn involuntary_switches(&self) -> u64 {
        let turns = self.all.iter().flat_map(|process| &process.taken.turns);
        turns.map(|turn| turn.involuntary_switches).sum()
    }

    /// Ends all processes, which may take a while, so that the next block does not see them.
    /// Returns what each contestant did, in the order of the start.
    pub fn end(self) -> Vec<Taken> {
        self.all.into_iter().map(|process| process.taken).collect()
    }

    fn started(&mut self, contestant: &Contestant<'_>) -> Result<Client> {
        let mut tried = self.ground.start(contestant, self.processor, &mut self.random);
        for _ in 1..ATTEMPTS {
            if tried.is_ok() || interrupted().is_some() {
                return tried;
            }
            tried = self.ground.start(contestant, self.processor, &mut self.random);
        }
        tried
    }

    fn turn(&mut self, index: usize) {
        let Process { contestant, client, taken } = &mut self.all[index];
        let Some(mut running) = client.take() else { return };
        let settings = self.settings;
        let measured = match running.measure(Instrument::Wall, settings) {
            Err(_) if interrupted().is_none() => {
                drop(running);
                self.ground.start(contestant, self.processor, &mut self.random).and_then(
                    |mut fresh| {
                        let measured = fresh.measure(Instrument::Wall, settings)?;
                        Ok((measured, fresh))
                    },
                )
            }
            tried => tried.map(|measured| (measured, running)),
        };
        match measured {
            Ok((measured, running)) => {
                taken.turns.push(measured);
                *client = Some(running);
            }
            Err(error) => taken.failure = Some(error),
        }
    }
}

/// The record of all turns that a process took in a block; `None` if it took none.
///
/// # Errors
/// If the harness returned no samples.
pub fn samples_of(subject: Subject, round: u32, turns: Vec<Measured>) -> Result<Option<Samples>> {
    let mut all: Option<Samples> = None;
    for turn in turns {
        let Outcome::Samples { samples, discarded, residency, layout } = turn.outcome else {
            bail!("{}: the harness returned no samples", subject.workload)
        };
        match &mut all {
            Some(earlier) => {
                earlier.samples.extend(samples);
                earlier.discarded = earlier.discarded.saturating_add(discarded);
                earlier.residency = Residency::merge(earlier.residency, residency);
            }
            None => {
                all = Some(Samples {
                    subject: subject.clone(),
                    work: turn.work,
                    instrument: Instrument::Wall,
                    round,
                    samples,
                    discarded,
                    residency,
                    layout,
                });
            }
        }
    }
    Ok(all)
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
