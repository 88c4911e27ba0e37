//! A run in a few lines: defaults to change, defaults to keep, and faster peers.

use super::run::ComparisonText;
use super::sentence::Sentence;
use super::tail;
use super::versus::behind;
use crate::analysis::{Aim, ComparisonReport, OnDefault, Subject};

/// A run in a few lines. Comparisons are named by their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// Sentences that speak against a default, with their comparison.
    pub changes: Vec<(String, Sentence)>,
    /// Comparisons in which something speaks for a default, nothing against it, and no choice is
    /// open.
    pub keeps: Vec<String>,
    /// Comparisons in which the best peer is faster at some place.
    pub slower: Vec<String>,
    /// Sentences that say where a peer is faster, with their comparison.
    pub behind: Vec<(String, Sentence)>,
    /// The verdicts on programs that are compared with a default, and on their null controls, with
    /// their comparison. Nothing else is there where these are.
    pub verdicts: Vec<(String, Sentence)>,
}

impl Digest {
    pub(super) fn new(comparisons: &[ComparisonText]) -> Self {
        let mut digest = Self::default();
        for comparison in comparisons {
            let id = &comparison.figures.comparison.id;
            let shown = match comparison.figures.rules.aim {
                Aim::Fastest => None,
                Aim::EachAgainstDefault => Some(comparison.choices.len()),
                // The others are reasons for the first.
                Aim::InsteadOfDefault => Some(1),
            };
            if let Some(shown) = shown {
                let findings = comparison.choices.iter().take(shown);
                digest.verdicts.extend(findings.map(|one| (id.clone(), one.sentence.clone())));
                continue;
            }
            match comparison.figures.on_default() {
                OnDefault::Keep if has_open_choice(comparison.figures) => {}
                OnDefault::Keep => digest.keeps.push(id.clone()),
                OnDefault::Change => {
                    let against =
                        |finding: &&super::Finding| finding.on_default == OnDefault::Change;
                    let against = comparison.choices.iter().filter(against);
                    digest.changes.extend(against.map(|f| (id.clone(), f.sentence.clone())));
                }
                OnDefault::Silent => {}
            }
            if comparison.figures.has_faster_peer() {
                digest.slower.push(id.clone());
                let by_tail = tail::behind(comparison.figures);
                let behind = behind(comparison.figures).into_iter().chain(by_tail);
                digest.behind.extend(behind.map(|sentence| (id.clone(), sentence)));
            }
        }
        digest
    }
}

/// Returns whether a choice between own alternatives or places is open.
fn has_open_choice(compared: &ComparisonReport) -> bool {
    let is_choice = |subject| matches!(subject, Subject::Alternatives(_) | Subject::Places(_));
    compared.questions().iter().any(|one| is_choice(one.subject) && !one.is_answered())
}
