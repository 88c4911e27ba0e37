//! The choices of a run, a card for each comparison.

use super::ids::Ids;
use crate::analysis::NoiseLevel;
use crate::text::{ComparisonText, RunText, Sentence};

/// A comparison's verdict.
pub(super) struct ComparisonCard {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) sentences: Vec<Sentence>,
    pub(super) is_noisy: bool,
}

/// The cards of all comparisons with verdicts.
pub(super) fn cards(run: &RunText, ids: &mut Ids) -> Vec<ComparisonCard> {
    let card = |comparison: &ComparisonText| {
        let ComparisonText { figures: compared, choices, versus, .. } = comparison;
        let choices: Vec<Sentence> = choices.iter().map(|found| found.sentence.clone()).collect();
        ComparisonCard {
            href: ids.anchor("c", &compared.comparison.id),
            title: compared.comparison.title.clone(),
            sentences: if choices.is_empty() { versus.clone() } else { choices },
            is_noisy: compared.noise.level() == NoiseLevel::Noisy,
        }
    };
    let cards = run.comparisons.iter().map(card);
    cards.filter(|card| !card.sentences.is_empty()).collect()
}
