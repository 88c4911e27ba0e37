//! The order of a run: alternatives that take turns in a block, and rounds of the instruments
//! that do not time.

use simple_records::harness::{Family, Listed};
use simple_records::{AxisValue, Instrument};
use std::collections::{BTreeMap, HashSet};

/// One measurement to make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) round: u32,
    pub(super) instrument: Instrument,
    pub(super) workload: &'a Listed,
}

/// Workloads that are compared with each other, and so take turns in a block.
#[derive(Debug)]
pub(super) struct Turns<'a> {
    pub(super) comparison: &'a str,
    pub(super) workloads: Vec<&'a Listed>,
}

/// The groups of workloads that are compared with each other by their times: those of one place,
/// or, where users choose a place on the x axis, of all places along it.
pub(super) fn turns(families: &[Family]) -> Vec<Turns<'_>> {
    let mut groups = Vec::new();
    for Family { comparison, workloads } in families {
        let is_chosen = comparison.defaults.get(&comparison.x_axis).is_some();
        let divides = |axis: &str| {
            axis != comparison.series_axis && !(is_chosen && axis == comparison.x_axis)
        };
        let mut places: BTreeMap<Vec<(&str, &AxisValue)>, Vec<&Listed>> = BTreeMap::new();
        let timed = |one: &&Listed| one.instruments.contains(&Instrument::Wall);
        for workload in workloads.iter().filter(timed) {
            let place = workload.axes.iter().filter(|(axis, _)| divides(axis)).collect();
            places.entry(place).or_default().push(workload);
        }
        let comparison = comparison.id.as_str();
        groups.extend(places.into_values().map(|workloads| Turns { comparison, workloads }));
    }
    groups
}

/// Number of rounds of each instrument.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    /// Fewest blocks; open questions get more.
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
    let in_rounds = instruments.iter().filter(|one| **one != Instrument::Wall);
    for &instrument in in_rounds {
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

    const ROUNDS: Rounds = Rounds { wall: 2, latency: 2 };

    /// The example, with the instrument that is used in rounds.
    fn with_latencies() -> Vec<Family> {
        let mut families = example().families;
        for workload in families.iter_mut().flat_map(|family| &mut family.workloads) {
            workload.instruments.push(Instrument::Latency);
        }
        families
    }

    #[test]
    fn times_are_no_matter_of_rounds() {
        assert!(
            groups(&with_latencies(), &[Instrument::Wall], ROUNDS, 1, &HashSet::new()).is_empty()
        );
    }

    fn names(families: &[Family]) -> Vec<Vec<&str>> {
        let names = |group: Turns<'_>| {
            let mut names: Vec<_> =
                group.workloads.iter().map(|one| one.workload.as_str()).collect();
            names.sort_unstable();
            // The families outlive the groups.
            names
                .into_iter()
                .map(|name| {
                    let all = families.iter().flat_map(|family| &family.workloads);
                    all.map(|one| one.workload.as_str())
                        .find(|one| *one == name)
                        .expect("it is one")
                })
                .collect()
        };
        turns(families).into_iter().map(names).collect()
    }

    #[test]
    fn alternatives_at_one_place_take_turns() {
        let families = example().families;
        let groups = names(&families);
        assert!(
            groups
                .iter()
                .any(|group| group.contains(&"a/b/slab/1") && group.contains(&"a/b/mutex/1"))
        );
        assert!(
            !groups
                .iter()
                .any(|group| group.contains(&"a/b/slab/1") && group.contains(&"a/b/slab/2"))
        );
    }

    /// All numbers of threads take turns if the user chooses among them.
    #[test]
    fn places_to_choose_from_take_turns() {
        let mut families = example().families;
        let defaults = families[0].comparison.defaults.clone().with("threads", 1_u64);
        families[0].comparison.defaults = defaults;
        assert_eq!(names(&families).len(), 1);
    }

    #[test]
    fn every_workload_is_in_every_round_once() {
        let families = with_latencies();
        let groups = groups(
            &families,
            &[Instrument::Latency],
            Rounds { latency: 3, ..ROUNDS },
            7,
            &HashSet::new(),
        );
        let keys = keys(&groups);
        let unique: HashSet<_> = keys.iter().cloned().collect();
        let timed = families.iter().flat_map(|family| &family.workloads);
        let timed = timed.filter(|workload| workload.instruments.contains(&Instrument::Latency));
        assert_eq!(keys.len(), unique.len());
        assert_eq!(keys.len(), timed.count() * 3);
    }

    #[test]
    fn the_order_is_the_seeds_and_differs_between_rounds() {
        let families = with_latencies();
        let plan =
            |seed| keys(&groups(&families, &[Instrument::Latency], ROUNDS, seed, &HashSet::new()));
        assert_eq!(plan(1), plan(1));
        assert!((2..20).any(|seed| plan(seed) != plan(1)));
        let names = |round| -> Vec<_> {
            plan(1).into_iter().filter(|key| key.2 == round).map(|key| key.0).collect()
        };
        assert_ne!(names(0), names(1));
    }

    #[test]
    fn a_resumed_run_does_the_rest_in_the_same_order() {
        let families = with_latencies();
        let plan =
            |done: &HashSet<Key>| keys(&groups(&families, &[Instrument::Latency], ROUNDS, 3, done));
        let all = plan(&HashSet::new());
        let (first, rest) = all.split_at(all.len() / 2);
        assert_eq!(plan(&first.iter().cloned().collect()), rest);
    }
}
