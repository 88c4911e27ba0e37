//! Choices, in sentences.

use super::phrase::{list_of, no_difference, ratio_range};
use super::places::{Outcome, outcomes};
use super::sentence::Sentence;
use crate::analysis::Repeats;
use crate::analysis::{Advice, Choice, ComparisonReport, Facet, OnDefault, Position, XChoice};
use crate::stats::Judgement;

/// Ties of more alternatives than this are not named.
const MOST_NAMED: usize = 3;

/// A sentence about a choice, and its meaning for users who do not choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The sentence.
    pub sentence: Sentence,
    /// Its meaning for the default.
    pub on_default: OnDefault,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence.fmt(f)
    }
}

/// The alternative to choose, facet by facet. Empty if no two own alternatives meet.
pub(super) fn series(compared: &ComparisonReport) -> Vec<Finding> {
    let positions = || compared.facets.iter().flat_map(|facet| &facet.positions);
    if !positions().filter_map(|p| p.choice.as_ref()).any(|choice| choice.compared > 0) {
        return Vec::new();
    }
    let name = |index: usize| compared.series_name(&compared.workloads[index]);
    let of_facet = |facet| {
        let at = |position: &Position| Some(outcome(position.choice.as_ref()?, name));
        let outcomes = outcomes(compared, facet, at).into_iter();
        outcomes.map(|(place, outcome)| finding(place, "", &outcome, compared.rules.rounds.into()))
    };
    compared.facets.iter().flat_map(of_facet).collect()
}

/// The place on the x axis to choose, facet by facet. Empty if users do not choose one.
pub(super) fn x_choices(compared: &ComparisonReport) -> Vec<Finding> {
    let name = |index: usize| compared.x_of(&compared.workloads[index]).to_string();
    let own = compared.series.iter().filter(|series| !series.peer).count();
    let of_facet = |facet: &Facet| {
        let place = match facet.label() {
            label if label.is_empty() => format!("{}: ", capitalised(&compared.comparison.x_axis)),
            label => format!("{}, with {label}: ", capitalised(&compared.comparison.x_axis)),
        };
        let along = |along: &XChoice| {
            // With one own alternative, it is clear which one is meant.
            let whom = if own > 1 { format!(" for {}", along.series) } else { String::new() };
            let repeats = compared.rules.rounds.into();
            finding(place.clone(), &whom, &outcome(&along.choice, name), repeats)
        };
        facet.x_choices.iter().map(along).collect::<Vec<_>>()
    };
    compared.facets.iter().flat_map(of_facet).collect()
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
    /// The best is clearly faster than all others.
    Clear {
        name: String,
        default: Option<String>,
    },
    Stay {
        default: String,
    },
    /// Empty if they are too many to be named.
    Tied {
        names: Vec<String>,
        /// The best and the default, which is worse.
        default: Option<(String, String)>,
    },
}

fn outcome(choice: &Choice, name: impl Fn(usize) -> String) -> Outcome<(Key, OnDefault)> {
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
        ..Outcome::new((key, choice.on_default()))
    }
}

/// `whom` is empty, or says for which alternative, beginning with a space: ` for slab`.
fn finding(
    place: String,
    whom: &str,
    run: &Outcome<(Key, OnDefault)>,
    repeats: Repeats,
) -> Finding {
    let (key, on_default) = &run.key;
    let mut detail = String::new();
    let by = ratio_range(&run.ratios);
    let undecided = || format!("{whom}, but {} cannot decide", repeats.few(run.rounds));
    let (subject, rest) = match key {
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
            // A default that is called so needs no second name.
            let name = if default == "default" { String::new() } else { format!(", {default}") };
            (format!("stay with the default{name}"), rest)
        }
        Key::Tied { names, default } => {
            let subject = match &names[..] {
                [] => {
                    detail = format!(" among {} of {}", run.tied.0, run.tied.1);
                    "no clear choice".to_owned()
                }
                names if default.is_some() => format!("choose {}", list_of(names, "or")),
                names => list_of(names, "or"),
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
    let sentence = Sentence::default().text(place).subject(subject).text(detail).text(rest);
    Finding { sentence, on_default: *on_default }
}

fn second(run: &Outcome<(Key, OnDefault)>) -> String {
    match &run.others[..] {
        [second] => format!("the second, {second}"),
        _ => "the second".to_owned(),
    }
}
