//! What to choose, in sentences.

use super::places::{Outcome, outcomes};
use super::sentence::{OnDefault, Sentence, by, listed, no_difference, rounds};
use crate::analysis::{Advice, AlongX, Choice, Facet, Group, Position};
use crate::stats::Judgement;

/// With more alternatives tied than this, there is no choice to speak of.
const MOST_NAMED: usize = 3;

/// Which alternative to choose, facet by facet. Empty if nowhere two own alternatives meet.
pub(super) fn series(group: &Group) -> Vec<Sentence> {
    let positions = || group.facets.iter().flat_map(|facet| &facet.positions);
    if !positions().filter_map(|p| p.choice.as_ref()).any(|choice| choice.compared > 0) {
        return Vec::new();
    }
    let name = |index: usize| group.series_name(&group.workloads[index]);
    let of_facet = |facet| {
        let at = |position: &Position| Some(outcome(position.choice.as_ref()?, name));
        let outcomes = outcomes(group, facet, at).into_iter();
        outcomes.map(|(place, outcome)| sentence(place, "", &outcome))
    };
    group.facets.iter().flat_map(of_facet).collect()
}

/// Which place on the x axis to choose, facet by facet. Empty if users choose none.
pub(super) fn along_x(group: &Group) -> Vec<Sentence> {
    let name = |index: usize| group.x_of(&group.workloads[index]).to_string();
    let own = group.series.iter().filter(|series| !series.peer).count();
    let of_facet = |facet: &Facet| {
        let place = match facet.label() {
            label if label.is_empty() => format!("{}: ", capitalised(&group.comparison.x_axis)),
            label => format!("{}, with {label}: ", capitalised(&group.comparison.x_axis)),
        };
        let along = |along: &AlongX| {
            // With one own alternative there is nobody else whom it could be about.
            let whom = if own > 1 { format!(" for {}", along.series) } else { String::new() };
            sentence(place.clone(), &whom, &outcome(&along.choice, name))
        };
        facet.along_x.iter().map(along).collect::<Vec<_>>()
    };
    group.facets.iter().flat_map(of_facet).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

#[derive(PartialEq)]
enum Key {
    Alone {
        name: String,
        is_default: bool,
    },
    TooFew {
        name: String,
        default: Option<String>,
    },
    /// The best is told from all others.
    Clear {
        name: String,
        default: Option<String>,
    },
    Stay {
        default: String,
    },
    /// No names are more than can be named.
    Tied {
        names: Vec<String>,
        /// The best and the default, which is worse.
        default: Option<(String, String)>,
    },
}

fn outcome(choice: &Choice, name: impl Fn(usize) -> String) -> Outcome<Key> {
    let best = name(choice.best);
    let default = choice.default.map(|default| name(default.index));
    let against = choice.default.and_then(|default| default.judgement);
    let (ratio, other) = match (against, choice.second) {
        (Some(Judgement::Faster(ratio)), _) => (Some(ratio), None),
        (None, Some((second, Judgement::Faster(ratio)))) => (Some(ratio), Some(name(second))),
        _ => (None, None),
    };
    let mut at_most = choice.tied_at_most;
    let key = match (choice.advice(), default) {
        (Advice::Alone, default) => Key::Alone { name: best, is_default: default.is_some() },
        (Advice::TooFewRounds(_), default) => Key::TooFew { name: best, default },
        (Advice::Clear, default) => Key::Clear { name: best, default },
        (Advice::Stay { at_most: open }, Some(default)) => {
            at_most = open;
            Key::Stay { default }
        }
        (Advice::Stay { .. } | Advice::Tied, default) => {
            let mut names = Vec::new();
            if choice.tied.len() < MOST_NAMED {
                names.extend(choice.tied.iter().chain([&choice.best]).map(|index| name(*index)));
                names.sort();
            }
            Key::Tied { names, default: default.map(|default| (best, default)) }
        }
    };
    Outcome {
        ratios: ratio.into_iter().collect(),
        others: other.into_iter().collect(),
        at_most,
        rounds: choice.too_few_rounds.unwrap_or(usize::MAX),
        tied: (choice.tied.len() + 1, choice.compared + 1),
        ..Outcome::new(key)
    }
}

impl Key {
    fn on_default(&self) -> OnDefault {
        match self {
            Self::Clear { name, default: Some(default) } if name == default => OnDefault::Keep,
            Self::Stay { .. } => OnDefault::Keep,
            Self::Clear { default: Some(_), .. } | Self::Tied { default: Some(_), .. } => {
                OnDefault::Change
            }
            _ => OnDefault::Silent,
        }
    }
}

/// `whom` says for whom, with a space before it, or nothing.
fn sentence(place: String, whom: &str, run: &Outcome<Key>) -> Sentence {
    let mut aside = String::new();
    let by = by(&run.ratios);
    let undecided = || format!("{whom}, but {} cannot decide", rounds(run.rounds));
    let (subject, rest) = match &run.key {
        Key::Alone { name, is_default: false } => {
            (name.clone(), ", to which there is no alternative here.".to_owned())
        }
        Key::Alone { name, is_default: true } => {
            (format!("the default, {name}"), ", has no alternative here.".to_owned())
        }
        Key::TooFew { name, default: Some(default) } if name == default => {
            (format!("the default, {name},"), format!(" was the fastest{}.", undecided()))
        }
        Key::TooFew { name, default } => {
            let aside = default.iter().map(|default| format!("; the default is {default}"));
            let seen = format!(" was the fastest{}{}.", undecided(), aside.collect::<String>());
            (name.clone(), seen)
        }
        Key::Clear { name, default: Some(default) } if name == default => {
            let subject = format!("the default, {name}, is right");
            (subject, format!("{whom}: {by} faster than {}.", second(run)))
        }
        Key::Clear { name, default: Some(default) } => {
            let rest = format!("{whom}; it is {by} faster than the default, {default}.");
            (format!("choose {name}"), rest)
        }
        Key::Clear { name, default: None } => {
            (name.clone(), format!(" is the fastest{whom}: {by} faster than {}.", second(run)))
        }
        Key::Stay { default } => {
            let whom = if whom.is_empty() { String::new() } else { format!(",{whom}") };
            let rest = format!("{whom}; {}.", no_difference(run.at_most));
            (format!("stay with the default, {default}"), rest)
        }
        Key::Tied { names, default } => {
            let subject = match &names[..] {
                [] => {
                    aside = format!(" among {} of {}", run.tied.0, run.tied.1);
                    "no clear choice".to_owned()
                }
                names if default.is_some() => format!("choose {}", listed(names, "or")),
                names => listed(names, "or"),
            };
            let rest = match default {
                Some((best, default)) => {
                    format!("{whom}; {best} is {by} faster than the default, {default}.")
                }
                None if names.is_empty() => format!("{whom}; {}.", no_difference(run.at_most)),
                None => format!(" is the fastest{whom}; {}.", no_difference(run.at_most)),
            };
            (subject, rest)
        }
    };
    Sentence { place, subject, aside, rest, on_default: run.key.on_default() }
}

fn second(run: &Outcome<Key>) -> String {
    match &run.others[..] {
        [second] => format!("the second, {second}"),
        _ => "the second".to_owned(),
    }
}
