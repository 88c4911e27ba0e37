//! One block: every alternative once or several times, the default twice as often, in random order.

use super::contest::{Contest, Copy, WORK, counts};
use super::process::Finished;
use super::session::Session;
use crate::console::interrupt::interrupted;
use crate::owned::Usage;
use crate::run::Meter;
use anyhow::Result;
use simple_records::{Counter, Counts, Instrument, Record, Sample, Samples, Subject};
use std::time::Duration;

/// Least time of each alternative in a block. Shorter processes run several times in it.
const LEAST_IN_BLOCK: Duration = Duration::from_millis(10);
/// Most processes of an alternative in a block.
const MOST_TURNS: usize = 20;

/// Number of processes of an alternative in each block, of which one takes `wall_ns`.
pub(super) fn turns(wall_ns: f64) -> usize {
    let needed = LEAST_IN_BLOCK.as_nanos() as f64 / wall_ns.max(1.0);
    (needed.ceil() as usize).clamp(1, MOST_TURNS)
}

/// Order of processes: indices of alternatives, in rounds of their own random orders. An alternative with
/// fewer turns than others takes them in the first rounds.
fn order(turns: &[usize], random: &mut fastrand::Rng) -> Vec<usize> {
    let mut order = Vec::new();
    for number in 0..turns.iter().copied().max().unwrap_or(0) {
        let mut round: Vec<usize> =
            (0..turns.len()).filter(|index| turns[*index] > number).collect();
        random.shuffle(&mut round);
        order.extend(round);
    }
    order
}

impl Session<'_> {
    /// Measures a block and writes it down, if no interrupt comes between. `turns` has the number
    /// of processes of each alternative; it is set to 0 for one that cannot be measured any more.
    pub(super) fn measure_block(
        &mut self,
        contest: &Contest,
        turns: &mut [usize],
        round: u32,
    ) -> Result<()> {
        // The last slot is the null control.
        let mut slots = turns.to_vec();
        slots.push(turns[contest.default]);
        let mut finished: Vec<Vec<Finished>> = vec![Vec::new(); slots.len()];
        let own_bytes = Usage::own().map_or(u64::MAX, |own| own.peak_memory_bytes);
        let meter = Meter::start_in_brief();
        for slot in order(&slots, &mut self.random) {
            let index = if slot == turns.len() { contest.default } else { slot };
            if turns[index] == 0 {
                continue;
            }
            let one = self.run_or_leave_out(contest, index)?;
            if interrupted().is_some() {
                return Ok(());
            }
            match one {
                Some(one) => finished[slot].push(one),
                None => {
                    turns[index] = 0;
                    finished[slot].clear();
                }
            }
        }
        let switches = finished.iter().flatten().map(|one| one.usage.switches_involuntary).sum();
        let noise = meter.stop(round, &contest.id, Instrument::Wall, switches);
        let second = finished.pop().unwrap_or_default();
        for (index, ran) in finished.iter().enumerate().filter(|(_, ran)| !ran.is_empty()) {
            self.record.write(samples(contest.subject(index), round, ran))?;
            self.record.write(Record::Counts(Counts {
                subject: contest.subject(index),
                work: WORK,
                instrument: Counter::Os,
                round,
                counts: counts(ran, own_bytes),
            }))?;
        }
        let first = samples(contest.null_subject(Copy::First), round, &finished[contest.default]);
        self.record.write(first)?;
        self.record.write(samples(contest.null_subject(Copy::Second), round, &second))?;
        self.record.write(Record::Noise(noise))?;
        Ok(())
    }
}

fn samples(subject: Subject, round: u32, finished: &[Finished]) -> Record {
    let sample = |one: &Finished| Sample { iterations: 1, total_ns: one.wall_ns };
    Record::Samples(Samples {
        subject,
        work: WORK,
        instrument: Instrument::Wall,
        round,
        samples: finished.iter().map(sample).collect(),
        discarded: 0,
        residency: None,
        layout: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_processes_run_until_a_block_has_some_milliseconds_of_them() {
        assert_eq!([5e9, 10e6, 9e6, 1e6, 1.0].map(turns), [1, 1, 2, 10, MOST_TURNS]);
    }

    #[test]
    fn all_take_turns_and_none_is_left_out() {
        let order = order(&[2, 1, 2], &mut fastrand::Rng::with_seed(7));
        let mut rounds = [order[..3].to_vec(), order[3..].to_vec()];
        rounds.iter_mut().for_each(|round| round.sort_unstable());
        assert_eq!(rounds, [vec![0, 1, 2], vec![0, 2]]);
    }
}
