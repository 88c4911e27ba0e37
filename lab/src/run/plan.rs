//! The order of a run: rounds, and in each round the alternatives of a comparison close
//! together, in random order.
//!
//! Alternatives that are measured one after the other, each to its end, see different
//! machines: clocks, neighbours and caches drift meanwhile. Interleaved, they share what
//! drifts, and the ratio within a round is free of it.

use simple_records::Instrument;
use simple_records::harness::{Family, Listed};
use std::collections::HashSet;

/// One measurement to make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) round: u32,
    pub(super) instrument: Instrument,
    pub(super) workload: &'a Listed,
}

/// Number of rounds of each instrument.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    pub(super) wall: u32,
    pub(super) latency: u32,
}

impl Rounds {
    pub(super) fn of(self, instrument: Instrument) -> u32 {
        match instrument {
            Instrument::Wall => self.wall,
            Instrument::Latency => self.latency,
            // Counts hardly vary.
            Instrument::Os | Instrument::Instructions => 1,
        }
    }
}

/// The identity of a step in records.
pub(super) type Key = (String, String, u32);

impl Step<'_> {
    pub(super) fn key(&self) -> Key {
        (self.workload.workload.clone(), self.instrument.name().to_owned(), self.round)
    }
}

/// The steps of a comparison in a round under an instrument, in the order in which they are
/// made.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) round: u32,
    /// Number of rounds of this instrument.
    pub(super) rounds: u32,
    pub(super) instrument: Instrument,
    pub(super) comparison: &'a str,
    pub(super) steps: Vec<Step<'a>>,
}

/// All groups of a run. The same seed gives the same order; `done` steps are left out.
pub(super) fn groups<'a>(
    families: &'a [Family],
    instruments: &[Instrument],
    rounds: Rounds,
    seed: u64,
    done: &HashSet<Key>,
) -> Vec<Group<'a>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut groups = Vec::new();
    for &instrument in instruments {
        let rounds = rounds.of(instrument);
        for round in 0..rounds {
            for family in families {
                let mut steps: Vec<_> = family
                    .workloads
                    .iter()
                    .filter(|workload| workload.instruments.contains(&instrument))
                    .map(|workload| Step { round, instrument, workload })
                    .collect();
                // Before the filter, so that a resumed run keeps its order.
                random.shuffle(&mut steps);
                steps.retain(|step| !done.contains(&step.key()));
                if !steps.is_empty() {
                    let comparison = family.comparison.id.as_str();
                    groups.push(Group { round, rounds, instrument, comparison, steps });
                }
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::example;

    fn keys(groups: &[Group<'_>]) -> Vec<Key> {
        groups.iter().flat_map(|group| &group.steps).map(Step::key).collect()
    }

    const ROUNDS: Rounds = Rounds { wall: 2, latency: 1 };

    #[test]
    fn every_workload_is_in_every_round_once() {
        let families = example().families;
        let groups = groups(
            &families,
            &[Instrument::Wall],
            Rounds { wall: 3, ..ROUNDS },
            7,
            &HashSet::new(),
        );
        let keys = keys(&groups);
        let unique: HashSet<_> = keys.iter().cloned().collect();
        let timed = families.iter().flat_map(|family| &family.workloads);
        let timed = timed.filter(|workload| workload.instruments.contains(&Instrument::Wall));
        assert_eq!(keys.len(), unique.len());
        assert_eq!(keys.len(), timed.count() * 3);
    }

    #[test]
    fn the_order_is_the_seeds_and_differs_between_rounds() {
        let families = example().families;
        let plan =
            |seed| keys(&groups(&families, &[Instrument::Wall], ROUNDS, seed, &HashSet::new()));
        assert_eq!(plan(1), plan(1));
        assert!((2..20).any(|seed| plan(seed) != plan(1)));
        let names = |round| -> Vec<_> {
            plan(1).into_iter().filter(|key| key.2 == round).map(|key| key.0).collect()
        };
        assert_ne!(names(0), names(1));
    }

    #[test]
    fn a_resumed_run_does_the_rest_in_the_same_order() {
        let families = example().families;
        let plan =
            |done: &HashSet<Key>| keys(&groups(&families, &[Instrument::Wall], ROUNDS, 3, done));
        let all = plan(&HashSet::new());
        let (first, rest) = all.split_at(all.len() / 2);
        assert_eq!(plan(&first.iter().cloned().collect()), rest);
    }
}
