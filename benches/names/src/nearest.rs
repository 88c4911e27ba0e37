//! Names that are near to a pattern that chooses nothing.

use crate::Workload;
use std::collections::{BTreeMap, BTreeSet};

/// Number of names that are shown.
const SHOWN: usize = 5;

/// Parts of names that differ from `pattern` in case alone; none if it has wildcards.
pub fn of_other_case(pattern: &str, workloads: &[Workload]) -> BTreeSet<String> {
    let part = |workload: &Workload| {
        let at = workload.name.to_ascii_lowercase().find(&pattern.to_ascii_lowercase())?;
        Some(workload.name[at..at + pattern.len()].to_owned())
    };
    workloads.iter().filter_map(part).collect()
}

/// Finds the names with a part that is most like `pattern`, or the values on axes that are, if
/// it is of the form `axis=value`; the nearest first. What differs in more than a third of its
/// characters is not like it.
pub fn nearest(pattern: &str, workloads: &[Workload]) -> Vec<String> {
    let of_axes = || {
        let axes = workloads.iter().flat_map(|workload| &workload.axes);
        axes.map(|(axis, value)| format!("{axis}={value}")).collect::<Vec<_>>()
    };
    let names: Vec<String> = match pattern.contains('=') {
        true => of_axes(),
        false => workloads.iter().map(|workload| workload.name.clone()).collect(),
    };
    let wanted: Vec<char> = pattern.to_lowercase().chars().filter(|c| *c != '*').collect();
    let near: BTreeMap<String, usize> = names
        .into_iter()
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= wanted.len() / 3)
        .map(|(distance, name)| (name, distance))
        .collect();
    let mut near: Vec<_> = near.into_iter().collect();
    near.sort_by_key(|(_, distance)| *distance);
    near.into_iter().take(SHOWN).map(|(name, _)| name).collect()
}

/// Counts the characters that must be changed, added or left out until `wanted` is a part of
/// `name`: Sellers' algorithm, a row of the table at a time.
fn distance(wanted: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    // A part may begin anywhere, at no cost.
    let mut row = vec![0; name.len() + 1];
    for (i, wanted) in wanted.iter().enumerate() {
        let mut next = vec![i + 1; name.len() + 1];
        for (j, found) in name.iter().enumerate() {
            let changed = row[j] + usize::from(wanted != found);
            next[j + 1] = changed.min(row[j + 1] + 1).min(next[j] + 1);
        }
        row = next;
    }
    // And it may end anywhere.
    row.into_iter().min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn what_is_around_a_part_costs_nothing() {
        let wanted = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&wanted("get-only"), "registry/get-only/slab"), 0);
        assert_eq!(distance(&wanted("get-onyl"), "registry/get-only/slab"), 1);
        assert_eq!(distance(&wanted("registr/get"), "registry/get-only/slab"), 1);
        assert_eq!(distance(&wanted(""), "registry"), 0);
        assert_eq!(distance(&wanted("abc"), ""), 3);
    }
}
