//! Neighbouring places with the same outcome share a sentence.

use crate::analysis::{ComparisonReport, Facet, Position};
use crate::stats::Ratio;
use simple_records::AxisValue;

/// Outcome at one place, or at several with the same key.
pub(super) struct Outcome<K> {
    /// Outcomes with equal keys share a sentence.
    pub(super) key: K,
    pub(super) ratios: Vec<Ratio>,
    /// Alternatives that it was compared with.
    pub(super) others: Vec<String>,
    /// Upper bound of the differences, as a share.
    pub(super) at_most: f64,
    /// Smallest number of rounds.
    pub(super) rounds: usize,
    /// Maximum number of alternatives that are not distinguishable at one place, and number of all
    /// alternatives there.
    pub(super) tied: (usize, usize),
}

impl<K> Outcome<K> {
    pub(super) fn new(key: K) -> Self {
        Self {
            key,
            ratios: Vec::new(),
            others: Vec::new(),
            at_most: 0.0,
            rounds: usize::MAX,
            tied: (0, 0),
        }
    }

    fn merge(&mut self, other: Self) {
        self.ratios.extend(other.ratios);
        let new_others = other.others.into_iter().filter(|name| !self.others.contains(name));
        self.others.extend(new_others.collect::<Vec<_>>());
        self.at_most = self.at_most.max(other.at_most);
        self.rounds = self.rounds.min(other.rounds);
        self.tied = self.tied.max(other.tied);
    }
}

/// The outcomes of a facet, with their places in words: `At threads 1 to 4: `.
pub(super) fn outcomes<K: PartialEq>(
    compared: &ComparisonReport,
    facet: &Facet,
    outcome_at: impl Fn(&Position) -> Option<Outcome<K>>,
) -> Vec<(String, Outcome<K>)> {
    let mut runs: Vec<(Vec<usize>, Outcome<K>)> = Vec::new();
    for (index, position) in facet.positions.iter().enumerate() {
        let Some(outcome) = outcome_at(position) else { continue };
        match runs.last_mut().filter(|(_, run)| run.key == outcome.key) {
            Some((indices, run)) => {
                indices.push(index);
                run.merge(outcome);
            }
            None => runs.push((vec![index], outcome)),
        }
    }
    runs.into_iter().map(|(indices, run)| (place(compared, facet, &indices), run)).collect()
}

/// `With mix get-only, at threads 1 to 4: `; `indices` are of positions, ascending.
fn place(compared: &ComparisonReport, facet: &Facet, indices: &[usize]) -> String {
    let axis = &compared.comparison.x_axis;
    let x = |index: &usize| -> &AxisValue { &facet.positions[*index].x };
    let range = match indices {
        // A range would also claim what lies in between.
        [first, .., last] if compared.has_numeric_x() && last - first + 1 == indices.len() => {
            format!("{axis} {} to {}", x(first), x(last))
        }
        several => {
            let names: Vec<String> = several.iter().map(|index| x(index).to_string()).collect();
            format!("{axis} {}", names.join(", "))
        }
    };
    match facet.label() {
        label if label.is_empty() => format!("At {range}: "),
        label => format!("With {label}, at {range}: "),
    }
}
