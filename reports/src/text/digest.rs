//! A run in a few lines: which defaults to leave, which hold, and where peers are better.

use super::sentence::{OnDefault, Sentence, choices};
use crate::analysis::{Group, Report};
use crate::stats::Judgement;

/// What to know of a run before its tables. Names are ids of comparisons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// What speaks against a default, with the comparison that each sentence is of.
    pub changes: Vec<(String, Sentence)>,
    /// Comparisons in which nothing speaks against a default, and something for it.
    pub keeps: Vec<String>,
    /// Comparisons in which the best peer is faster at some place.
    pub slower: Vec<String>,
}

/// What to know of a run before its tables.
pub fn digest(report: &Report) -> Digest {
    let mut digest = Digest::default();
    for group in &report.groups {
        let id = || group.comparison.id.clone();
        let sentences = choices(group);
        let on = |wanted| sentences.iter().any(|sentence| sentence.on_default == wanted);
        if on(OnDefault::Keep) && !on(OnDefault::Change) {
            digest.keeps.push(id());
        }
        if is_slower(group) {
            digest.slower.push(id());
        }
        let against = sentences.into_iter().filter(|s| s.on_default == OnDefault::Change);
        digest.changes.extend(against.map(|sentence| (id(), sentence)));
    }
    digest
}

fn is_slower(group: &Group) -> bool {
    let positions = group.facets.iter().flat_map(|facet| &facet.positions);
    let mut against = positions.filter_map(|position| position.versus.as_ref());
    let is_slower = |judgement: Judgement| matches!(judgement, Judgement::Slower(_));
    let has_slower_tail = || {
        let mut tails = group.rate_places().into_iter().filter_map(|place| place.tail(group));
        tails.any(|tail| is_slower(tail.judgement))
    };
    against.any(|versus| is_slower(versus.judgement)) || has_slower_tail()
}
