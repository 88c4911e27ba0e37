//! Pairs of alternatives under each condition that divides their rounds.

use crate::analysis::{ComparisonReport, Evidence, Pair, Question, Within};
use crate::text;

/// A pair under one condition.
pub(super) struct Condition {
    /// The question and the pair, and the number of its rows, on the first of them.
    pub(super) head: Option<(String, usize)>,
    pub(super) condition: String,
    pub(super) rounds: usize,
    pub(super) ratio: String,
    pub(super) answer: String,
}

/// All pairs that answer a question of a comparison and have several conditions.
pub(super) fn conditions(compared: &ComparisonReport) -> Vec<Condition> {
    let questions = compared.questions();
    let several = questions.iter().flat_map(|question| {
        let pairs = match &question.evidence {
            Evidence::Pairs(pairs) => &pairs[..],
            Evidence::Tail(_) => &[],
        };
        pairs.iter().filter(|pair| pair.within.len() > 1).map(move |pair| (question, *pair))
    });
    several.flat_map(|(question, pair)| of_pair(question, pair)).collect()
}

fn of_pair<'a>(
    question: &'a Question<'_>,
    pair: &'a Pair,
) -> impl Iterator<Item = Condition> + use<'a> {
    let head = format!("{}: {}", text::place(question), text::between(question, pair));
    let row = move |(index, within): (usize, &Within)| Condition {
        head: (index == 0).then(|| (head.clone(), pair.within.len())),
        condition: text::condition(question, within),
        rounds: within.rounds,
        ratio: within.ratio.map_or("–".to_owned(), |ratio| text::ratio(&ratio)),
        answer: text::answer(question, pair, within),
    };
    pair.within.iter().enumerate().map(row)
}
