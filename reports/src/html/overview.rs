//! The first screen: the run in a few lines, verdicts, and the runtime against its peers.

use super::ids::Ids;
use crate::analysis::{ComparisonReport, NoiseLevel, Report, Versus};
use crate::plot::{ForestAxis, thumbnail};
use crate::stats::Judgement;
use crate::text::{self, ComparisonText, RunText, Sentence};

/// A comparison's verdict.
pub(super) struct ComparisonCard {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) picture: String,
    pub(super) sentences: Vec<Sentence>,
    pub(super) is_noisy: bool,
}

/// The run in a few lines, with links.
pub(super) struct Digest {
    pub(super) changes: Vec<(String, String, Sentence)>,
    pub(super) keeps: Vec<(String, String)>,
    pub(super) slower: Vec<(String, String)>,
}

/// The run in a few lines.
pub(super) fn digest(run: &RunText, ids: &mut Ids) -> Digest {
    let text::Digest { changes, keeps, slower, .. } = run.digest.clone();
    let mut linked = |id: String| (id.clone(), ids.anchor("c", &id));
    Digest {
        keeps: keeps.into_iter().map(&mut linked).collect(),
        slower: slower.into_iter().map(&mut linked).collect(),
        changes: changes
            .into_iter()
            .map(|(id, sentence)| {
                let (id, href) = linked(id);
                (id, href, sentence)
            })
            .collect(),
    }
}

/// A place at which the runtime is compared with a peer.
pub(super) struct Standing {
    pub(super) href: String,
    /// Id of the comparison and number of its rows, on the first of them.
    pub(super) head: Option<(String, usize)>,
    pub(super) place: String,
    pub(super) own: String,
    pub(super) peer: String,
    pub(super) picture: String,
    pub(super) verdict: String,
    pub(super) class: &'static str,
}

/// The cards of all comparisons with times or with verdicts.
pub(super) fn cards(run: &RunText, ids: &mut Ids) -> Vec<ComparisonCard> {
    let card = |comparison: &ComparisonText| {
        let ComparisonText { figures: compared, choices, versus, .. } = comparison;
        let choices: Vec<Sentence> = choices.iter().map(|found| found.sentence.clone()).collect();
        ComparisonCard {
            href: ids.anchor("c", &compared.comparison.id),
            title: compared.comparison.title.clone(),
            picture: thumbnail(compared),
            sentences: if choices.is_empty() { versus.clone() } else { choices },
            is_noisy: compared.noise.level() == NoiseLevel::Noisy,
        }
    };
    let is_shown = |comparison: &&ComparisonText| {
        !comparison.figures.workloads.is_empty() || !comparison.choices.is_empty()
    };
    run.comparisons.iter().filter(is_shown).map(card).collect()
}

/// One row per place with a peer.
pub(super) fn standings(report: &Report, ids: &mut Ids) -> Vec<Standing> {
    let mut rows = Vec::new();
    for compared in &report.comparisons {
        let href = ids.anchor("c", &compared.comparison.id);
        let first = rows.len();
        for facet in &compared.facets {
            for position in &facet.positions {
                let Some(versus) = &position.versus else { continue };
                let place = match facet.label() {
                    label if label.is_empty() => {
                        format!("{} {}", compared.comparison.x_axis, position.x)
                    }
                    label => format!("{label}, {} {}", compared.comparison.x_axis, position.x),
                };
                rows.push(standing(compared, versus, href.clone(), place));
            }
        }
        let count = rows.len() - first;
        if let Some(row) = rows.get_mut(first) {
            row.head = Some((compared.comparison.id.clone(), count));
        }
    }
    rows
}

fn standing(compared: &ComparisonReport, versus: &Versus, href: String, place: String) -> Standing {
    let name = |index: usize| compared.series_name(&compared.workloads[index]);
    let (class, verdict) = match versus.judgement {
        Judgement::Faster(ratio) => ("better", format!("{} faster", text::ratio(&ratio))),
        Judgement::Slower(ratio) => ("worse", format!("{} slower", text::ratio(&ratio.inverse()))),
        Judgement::NoDifference { at_most } => ("same", text::no_difference(at_most)),
        Judgement::TooFewRounds { .. } => ("same", "too few rounds to decide".to_owned()),
    };
    Standing {
        href,
        head: None,
        place,
        own: name(versus.own),
        peer: name(versus.peer),
        picture: ForestAxis::peers().row(versus.ratio, class),
        verdict,
        class,
    }
}
