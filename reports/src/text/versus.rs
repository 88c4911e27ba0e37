//! Own alternatives against peers, in sentences.

use super::phrase::{list_of, no_difference, ratio_range};
use super::places::{Outcome, outcomes};
use super::sentence::Sentence;
use crate::analysis::Repeats;
use crate::analysis::{ComparisonReport, Position, Versus};
use crate::stats::Judgement;

/// The best own alternative against the best peer, facet by facet.
pub fn versus(compared: &ComparisonReport) -> Vec<Sentence> {
    let of_facet = |facet| {
        let at = |position: &Position| Some(outcome(compared, position.versus.as_ref()?));
        let outcomes = outcomes(compared, facet, at).into_iter();
        outcomes.map(|(place, outcome)| sentence(place, &outcome, compared.rules.rounds.into()))
    };
    compared.facets.iter().flat_map(of_facet).collect()
}

/// The places at which a peer is faster, in sentences.
pub(super) fn behind(compared: &ComparisonReport) -> Vec<Sentence> {
    let of_facet = |facet| {
        let at = |position: &Position| {
            let versus = position.versus.as_ref()?;
            let is_behind = matches!(versus.judgement, Judgement::Slower(_));
            is_behind.then(|| outcome(compared, versus))
        };
        let outcomes = outcomes(compared, facet, at).into_iter();
        outcomes.map(|(place, outcome)| sentence(place, &outcome, compared.rules.rounds.into()))
    };
    compared.facets.iter().flat_map(of_facet).collect()
}

#[derive(PartialEq)]
enum Speed {
    Faster,
    Slower,
    NoDifference,
    TooFew,
}

/// Places are grouped by outcome and own alternative; the peer may differ.
type Key = (Speed, String);

fn outcome(compared: &ComparisonReport, versus: &Versus) -> Outcome<Key> {
    let own = compared.series_name(&compared.workloads[versus.own]);
    let (speed, ratio) = match versus.judgement {
        Judgement::Faster(ratio) => (Speed::Faster, Some(ratio)),
        Judgement::Slower(ratio) => (Speed::Slower, Some(ratio.inverse())),
        Judgement::NoDifference { .. } => (Speed::NoDifference, None),
        Judgement::TooFewRounds { .. } => (Speed::TooFew, None),
    };
    let mut outcome = Outcome::new((speed, own));
    outcome.ratios.extend(ratio);
    outcome.others.push(compared.series_name(&compared.workloads[versus.peer]));
    match versus.judgement {
        Judgement::NoDifference { at_most } => outcome.at_most = at_most,
        Judgement::TooFewRounds { rounds } => outcome.rounds = rounds,
        Judgement::Faster(_) | Judgement::Slower(_) => {}
    }
    outcome
}

fn sentence(place: String, outcome: &Outcome<Key>, repeats: Repeats) -> Sentence {
    let (speed, own) = &outcome.key;
    let peers = list_of(&outcome.others, "or");
    let rest = match speed {
        Speed::Faster => format!(" is {} faster than {peers}.", ratio_range(&outcome.ratios)),
        Speed::Slower => format!(" is {} slower than {peers}.", ratio_range(&outcome.ratios)),
        Speed::NoDifference => format!(" against {peers}: {}.", no_difference(outcome.at_most)),
        Speed::TooFew => {
            format!(" against {peers}: {} cannot decide.", repeats.few(outcome.rounds))
        }
    };
    Sentence::default().text(place).subject(own).text(rest)
}
