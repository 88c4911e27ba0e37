//! Own alternatives against peers, in sentences.

use super::phrase::{list_of, no_difference, ratio_range, rounds};
use super::places::{Outcome, outcomes};
use super::sentence::Sentence;
use crate::analysis::{Group, Position, Versus};
use crate::stats::Judgement;

/// The best own alternative against the best peer, facet by facet.
pub fn versus(group: &Group) -> Vec<Sentence> {
    let of_facet = |facet| {
        let at = |position: &Position| Some(outcome(group, position.versus.as_ref()?));
        let outcomes = outcomes(group, facet, at).into_iter();
        outcomes.map(|(place, outcome)| sentence(place, &outcome))
    };
    group.facets.iter().flat_map(of_facet).collect()
}

#[derive(PartialEq)]
enum Compared {
    Faster,
    Slower,
    NoDifference,
    TooFew,
}

/// Places are grouped by outcome and own alternative; the peer may differ.
type Key = (Compared, String);

fn outcome(group: &Group, versus: &Versus) -> Outcome<Key> {
    let own = group.series_name(&group.workloads[versus.own]);
    let (compared, ratio) = match versus.judgement {
        Judgement::Faster(ratio) => (Compared::Faster, Some(ratio)),
        Judgement::Slower(ratio) => (Compared::Slower, Some(ratio.inverse())),
        Judgement::NoDifference { .. } => (Compared::NoDifference, None),
        Judgement::TooFewRounds { .. } => (Compared::TooFew, None),
    };
    let mut outcome = Outcome::new((compared, own));
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
    let (compared, own) = &outcome.key;
    let peers = list_of(&outcome.others, "or");
    let rest = match compared {
        Compared::Faster => format!(" is {} faster than {peers}.", ratio_range(&outcome.ratios)),
        Compared::Slower => format!(" is {} slower than {peers}.", ratio_range(&outcome.ratios)),
        Compared::NoDifference => format!(" against {peers}: {}.", no_difference(outcome.at_most)),
        Compared::TooFew => format!(" against {peers}: {} cannot decide.", rounds(outcome.rounds)),
    };
    Sentence::default().text(place).subject(own).text(rest)
}
