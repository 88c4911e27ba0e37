//! Functions that cost more or less than before.

use std::collections::{BTreeMap, BTreeSet};

/// Changes between two profiles in the same unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The sum of the costs before.
    pub total_before: u64,
    /// The sum of the costs after.
    pub total_after: u64,
    /// Every function whose own cost changed, the one that grew most first and the one
    /// that shrank most last.
    pub changes: Vec<Change>,
}

/// Change of one function itself, without those that it calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name.
    pub function: String,
    /// Its own cost before; zero if it is new.
    pub before: u64,
    /// Its own cost after; zero if it vanished.
    pub after: u64,
    /// Its part of the total before, from 0 to 1; 0 if there was no cost at all.
    pub share_before: f64,
    /// Its part of the total after, from 0 to 1; 0 if there is no cost at all.
    pub share_after: f64,
}

impl Growth {
    /// Growth of the total; negative if it shrank.
    pub fn delta(&self) -> i128 {
        i128::from(self.total_after) - i128::from(self.total_before)
    }
}

impl Change {
    /// Growth of the function; negative if it shrank.
    pub fn delta(&self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }

    /// Returns whether it cost nothing before.
    pub fn is_new(&self) -> bool {
        self.before == 0
    }

    /// Returns whether it no longer costs anything.
    pub fn is_vanished(&self) -> bool {
        self.after == 0
    }
}

/// Compares own costs by function: [`Costs::self_costs`](crate::Costs::self_costs) or
/// [`Folded::self_counts`](crate::Folded::self_counts) of both sides.
pub fn between(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Growth {
    let total = |costs: &BTreeMap<_, u64>| costs.values().fold(0, |a: u64, b| a.saturating_add(*b));
    let (total_before, total_after) = (total(before), total(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let cost = |costs: &BTreeMap<String, u64>, name: &String| costs.get(name).copied().unwrap_or(0);
    let change = |name: &String| {
        let (before, after) = (cost(before, name), cost(after, name));
        Change {
            function: name.clone(),
            before,
            after,
            share_before: share(before, total_before),
            share_after: share(after, total_after),
        }
    };
    let mut changes: Vec<_> =
        names.into_iter().map(change).filter(|change| change.before != change.after).collect();
    // Stable: equal changes stay sorted by name.
    changes.sort_by_key(|change| -change.delta());
    Growth { total_before, total_after, changes }
}

fn share(part: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { part as f64 / total as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn costs(costs: &[(&str, u64)]) -> BTreeMap<String, u64> {
        costs.iter().map(|(name, cost)| ((*name).to_owned(), *cost)).collect()
    }

    #[test]
    fn by_hand() {
        let before = costs(&[("grew", 10), ("same", 50), ("shrank", 30), ("vanished", 10)]);
        let after = costs(&[("grew", 80), ("same", 50), ("shrank", 20), ("new", 50)]);
        let growth = between(&before, &after);
        let deltas: Vec<_> =
            growth.changes.iter().map(|c| (c.function.as_str(), c.delta())).collect();
        assert_eq!(deltas, [("grew", 70), ("new", 50), ("shrank", -10), ("vanished", -10)]);
        assert_eq!((growth.total_before, growth.total_after, growth.delta()), (100, 200, 100));
        let grew = &growth.changes[0];
        assert_eq!((grew.share_before, grew.share_after), (0.1, 0.4));
    }

    #[test]
    fn new_and_vanished_functions_are_known() {
        let growth = between(&costs(&[("old", 3)]), &costs(&[("young", 2)]));
        let [young, old] = growth.changes.as_slice() else { panic!("{growth:?}") };
        assert!(young.is_new() && !young.is_vanished() && young.share_after == 1.0);
        assert!(old.is_vanished() && !old.is_new() && old.share_after == 0.0);
    }

    #[test]
    fn no_costs_have_no_shares() {
        let growth = between(&costs(&[]), &costs(&[("f", 1)]));
        assert_eq!(growth.changes[0].share_before, 0.0);
    }

    fn any() -> impl Strategy<Value = BTreeMap<String, u64>> {
        prop::collection::btree_map("[a-f]", 0..1_000_000u64, 0..6)
    }

    proptest! {
        #[test]
        fn changes_sum_up_to_the_change_of_the_total(before in any(), after in any()) {
            let growth = between(&before, &after);
            prop_assert_eq!(growth.changes.iter().map(Change::delta).sum::<i128>(), growth.delta());
        }

        #[test]
        fn swapping_negates(before in any(), after in any()) {
            let by_name = |growth: &Growth, sign: i128| -> BTreeMap<String, i128> {
                growth.changes.iter().map(|c| (c.function.clone(), sign * c.delta())).collect()
            };
            let (there, back) = (between(&before, &after), between(&after, &before));
            prop_assert_eq!(by_name(&there, 1), by_name(&back, -1));
            prop_assert_eq!(there.delta(), -back.delta());
        }

        #[test]
        fn the_largest_growth_comes_first(before in any(), after in any()) {
            prop_assert!(between(&before, &after).changes.is_sorted_by_key(|c| -c.delta()));
        }
    }
}
