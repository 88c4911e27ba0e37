//! How own alternatives stand against peers, in sentences.

use super::places::{Outcome, outcomes};
use super::sentence::{OnDefault, Sentence, by, listed, no_difference, rounds};
use crate::analysis::{Group, Position, Versus};
use crate::stats::Judgement;

/// How the best own alternative stands against the best peer, facet by facet.
pub fn versus(group: &Group) -> Vec<Sentence> {
    let of_facet = |facet| {
        let at = |position: &Position| Some(outcome(group, position.versus.as_ref()?));
        let outcomes = outcomes(group, facet, at).into_iter();
        outcomes.map(|(place, outcome)| sentence(place, &outcome))
    };
    group.facets.iter().flat_map(of_facet).collect()
}

#[derive(PartialEq)]
enum Stands {
    Faster,
    Slower,
    NoDifference,
    TooFew,
}

/// How which own alternative stands; peers may differ.
type Key = (Stands, String);

fn outcome(group: &Group, versus: &Versus) -> Outcome<Key> {
    let own = group.series_name(&group.workloads[versus.own]);
    let (stands, ratio) = match versus.judgement {
        Judgement::Faster(ratio) => (Stands::Faster, Some(ratio)),
        Judgement::Slower(ratio) => (Stands::Slower, Some(ratio.inverse())),
        Judgement::NoDifference { .. } => (Stands::NoDifference, None),
        Judgement::TooFewRounds { .. } => (Stands::TooFew, None),
    };
    let mut outcome = Outcome::new((stands, own));
    outcome.ratios.extend(ratio);
    outcome.others.push(group.series_name(&group.workloads[versus.peer]));
    match versus.judgement {
        Judgement::NoDifference { at_most } => outcome.at_most = at_most,
        Judgement::TooFewRounds { rounds } => outcome.rounds = rounds,
        Judgement::Faster(_) | Judgement::Slower(_) => {}
    }
    outcome
}

fn sentence(place: String, outcome: &Outcome<Key>) -> Sentence {
    let (stands, own) = &outcome.key;
    let peers = listed(&outcome.others, "or");
    let rest = match stands {
        Stands::Faster => format!(" is {} faster than {peers}.", by(&outcome.ratios)),
        Stands::Slower => format!(" is {} slower than {peers}.", by(&outcome.ratios)),
        Stands::NoDifference => format!(" against {peers}: {}.", no_difference(outcome.at_most)),
        Stands::TooFew => format!(" against {peers}: {} cannot decide.", rounds(outcome.rounds)),
    };
    Sentence {
        place,
        subject: own.clone(),
        aside: String::new(),
        rest,
        on_default: OnDefault::Silent,
    }
}
