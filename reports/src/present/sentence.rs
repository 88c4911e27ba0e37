//! Verdicts as short sentences: never more than the data says.
//!
//! Neighbouring places with the same outcome share a sentence.

use super::number::times;
use crate::analysis::{Choice, Facet, Group, Position, Versus};
use crate::stats::{Interval, Judgement, Ratio};
use simple_records::AxisValue;

/// With more alternatives tied than this, there is no choice to speak of.
const MOST_NAMED: usize = 3;

/// A sentence in parts, so that a format can stress one and leave out another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Where: `At threads 1 to 4: `.
    pub place: String,
    /// What: `slab`.
    pub subject: String,
    /// What a short form leaves out: ` among 4 of 9`.
    pub aside: String,
    /// The rest: `, 1.80x [1.70, 1.90] faster than the second, rwlock.`
    pub rest: String,
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}{}", self.place, self.subject, self.aside, self.rest)
    }
}

/// Which alternative to choose, facet by facet. Empty if nowhere two own alternatives meet.
pub fn choices(group: &Group) -> Vec<Sentence> {
    let positions = || group.facets.iter().flat_map(|facet| &facet.positions);
    if !positions().filter_map(|p| p.choice.as_ref()).any(|choice| choice.compared > 0) {
        return Vec::new();
    }
    let of_facet = |facet| {
        let at = |position: &Position| Some(choice_outcome(group, position.choice.as_ref()?));
        runs(group, facet, at).into_iter().map(|run| choice_sentence(group, &run))
    };
    group.facets.iter().flat_map(of_facet).collect()
}

/// How the best own alternative stands against the best peer, facet by facet.
pub fn versus(group: &Group) -> Vec<Sentence> {
    let of_facet = |facet| {
        let at = |position: &Position| Some(versus_outcome(group, position.versus.as_ref()?));
        runs(group, facet, at).into_iter().map(|run| versus_sentence(&run))
    };
    group.facets.iter().flat_map(of_facet).collect()
}

/// Neighbouring places with the same key.
struct Run<K> {
    place: String,
    xs: Vec<AxisValue>,
    key: K,
    ratios: Vec<Ratio>,
    owns: Vec<String>,
    others: Vec<String>,
    at_most: f64,
    rounds: usize,
    /// Most alternatives that cannot be told apart at one place.
    tied: usize,
}

/// What happened at one place; `key` says what must be equal to share a sentence.
struct Outcome<K> {
    key: K,
    ratio: Option<Ratio>,
    own: Option<String>,
    other: Option<String>,
    at_most: f64,
    rounds: usize,
    tied: usize,
}

fn runs<K: PartialEq>(
    group: &Group,
    facet: &Facet,
    outcome_at: impl Fn(&Position) -> Option<Outcome<K>>,
) -> Vec<Run<K>> {
    let mut runs: Vec<Run<K>> = Vec::new();
    for position in &facet.positions {
        let Some(outcome) = outcome_at(position) else { continue };
        if runs.last().is_none_or(|run| run.key != outcome.key) {
            runs.push(Run {
                place: String::new(),
                xs: Vec::new(),
                key: outcome.key,
                ratios: Vec::new(),
                owns: Vec::new(),
                others: Vec::new(),
                at_most: 0.0,
                rounds: usize::MAX,
                tied: 0,
            });
        }
        let Some(run) = runs.last_mut() else { continue };
        run.xs.push(position.x.clone());
        run.ratios.extend(outcome.ratio);
        run.owns.extend(outcome.own.filter(|own| !run.owns.contains(own)));
        run.others.extend(outcome.other.filter(|other| !run.others.contains(other)));
        run.at_most = run.at_most.max(outcome.at_most);
        run.rounds = run.rounds.min(outcome.rounds);
        run.tied = run.tied.max(outcome.tied);
    }
    for run in &mut runs {
        run.place = place(group, facet, &run.xs);
    }
    runs
}

/// `With mix get-only, at threads 1 to 4: `.
fn place(group: &Group, facet: &Facet, xs: &[AxisValue]) -> String {
    let axis = &group.comparison.x_axis;
    let range = match xs {
        [] => String::new(),
        [x] => format!("{axis} {x}"),
        [first, .., last] if group.has_numeric_x() => format!("{axis} {first} to {last}"),
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!("{axis} {}", names.join(", "))
        }
    };
    match facet.label() {
        label if label.is_empty() => format!("At {range}: "),
        label => format!("With {label}, at {range}: "),
    }
}

#[derive(PartialEq)]
enum ChoiceKey {
    Alone(String),
    Clear(String),
    Tied(Vec<String>),
    /// More than can be named.
    Unclear,
    TooFew(String),
}

fn choice_outcome(group: &Group, choice: &Choice) -> Outcome<ChoiceKey> {
    let name = |index: usize| group.series_name(&group.workloads[index]);
    let best = name(choice.best);
    let (ratio, other) = match choice.second {
        Some((second, Judgement::Faster(ratio))) => (Some(ratio), Some(name(second))),
        _ => (None, None),
    };
    let key = match choice {
        Choice { second: None, .. } => ChoiceKey::Alone(best),
        Choice { too_few_rounds: Some(_), .. } => ChoiceKey::TooFew(best),
        _ if choice.is_clear() => ChoiceKey::Clear(best),
        _ if choice.tied.len() >= MOST_NAMED => ChoiceKey::Unclear,
        _ => {
            let mut all: Vec<String> =
                std::iter::once(choice.best).chain(choice.tied.iter().copied()).map(name).collect();
            all.sort();
            ChoiceKey::Tied(all)
        }
    };
    let rounds = choice.too_few_rounds.unwrap_or(usize::MAX);
    Outcome {
        key,
        ratio,
        own: None,
        other,
        at_most: choice.tied_at_most,
        rounds,
        tied: choice.tied.len() + 1,
    }
}

fn choice_sentence(group: &Group, run: &Run<ChoiceKey>) -> Sentence {
    let place = run.place.clone();
    let mut aside = String::new();
    let (subject, rest) = match &run.key {
        ChoiceKey::Alone(name) => {
            (name.clone(), ", to which there is no alternative here.".to_owned())
        }
        ChoiceKey::TooFew(name) => {
            let seen = format!(" was the fastest, but {} cannot decide.", rounds(run.rounds));
            (name.clone(), seen)
        }
        ChoiceKey::Clear(name) => {
            let than = match &run.others[..] {
                [second] => format!("the second, {second}"),
                _ => "the second".to_owned(),
            };
            (format!("choose {name}"), format!(", {} faster than {than}.", by(&run.ratios)))
        }
        ChoiceKey::Unclear => {
            let own = group.series.iter().filter(|series| !series.peer).count();
            aside = format!(" among {} of {own}", run.tied);
            ("no clear choice".to_owned(), format!("; {}.", no_difference(run.at_most)))
        }
        ChoiceKey::Tied(names) => {
            let rest = format!("; {}.", no_difference(run.at_most));
            (format!("choose {}", listed(names, "or")), rest)
        }
    };
    Sentence { place, subject, aside, rest }
}

#[derive(PartialEq)]
enum VersusKey {
    Faster,
    Slower,
    NoDifference,
    TooFew,
}

fn versus_outcome(group: &Group, versus: &Versus) -> Outcome<VersusKey> {
    let own = Some(group.series_name(&group.workloads[versus.own]));
    let other = Some(group.series_name(&group.workloads[versus.peer]));
    let outcome =
        |key| Outcome { key, ratio: None, own, other, at_most: 0.0, rounds: usize::MAX, tied: 0 };
    match versus.judgement {
        Judgement::Faster(ratio) => Outcome { ratio: Some(ratio), ..outcome(VersusKey::Faster) },
        Judgement::Slower(ratio) => {
            Outcome { ratio: Some(ratio.inverse()), ..outcome(VersusKey::Slower) }
        }
        Judgement::NoDifference { at_most } => {
            Outcome { at_most, ..outcome(VersusKey::NoDifference) }
        }
        Judgement::TooFewRounds { rounds } => Outcome { rounds, ..outcome(VersusKey::TooFew) },
    }
}

fn versus_sentence(run: &Run<VersusKey>) -> Sentence {
    let peers = listed(&run.others, "or");
    let rest = match &run.key {
        VersusKey::Faster => format!(" is {} faster than {peers}.", by(&run.ratios)),
        VersusKey::Slower => format!(" is {} slower than {peers}.", by(&run.ratios)),
        VersusKey::NoDifference => format!(" against {peers}: {}.", no_difference(run.at_most)),
        VersusKey::TooFew => format!(" against {peers}: {} cannot decide.", rounds(run.rounds)),
    };
    let subject = listed(&run.owns, "or");
    Sentence { place: run.place.clone(), subject, aside: String::new(), rest }
}

fn rounds(rounds: usize) -> String {
    match rounds {
        0 => "no common round".to_owned(),
        1 => "one round".to_owned(),
        few => format!("{few} rounds"),
    }
}

/// `no difference larger than 6% found`, rounded up; `at_most` is a share.
pub fn no_difference(at_most: f64) -> String {
    match at_most {
        _ if at_most < 0.15 => {
            let percent = (at_most * 100.0).ceil().max(1.0);
            format!("no difference larger than {percent:.0}% found")
        }
        _ if at_most < 1.0 => {
            let percent = (at_most * 100.0).ceil();
            format!("too noisy: no difference larger than {percent:.0}% found")
        }
        _ => format!("too noisy: no difference larger than {} found", times(1.0 + at_most)),
    }
}

/// `1.80x [1.70, 1.90]`; without brackets if there is no interval.
pub fn ratio(ratio: &Ratio) -> String {
    let Some(interval) = ratio.interval else { return times(ratio.median) };
    let ends = [interval.low, interval.high].map(times);
    let [low, high] = ends.map(|end| end.trim_end_matches('x').to_owned());
    format!("{} [{low}, {high}]", times(ratio.median))
}

/// `1.80x [1.70, 1.90]`, or `1.80x [1.70, 1.90] to 3.4x [3.2, 3.6]` for several places.
fn by(ratios: &[Ratio]) -> String {
    let least = ratios.iter().min_by(|a, b| a.median.total_cmp(&b.median));
    let most = ratios.iter().max_by(|a, b| a.median.total_cmp(&b.median));
    match (least, most) {
        (Some(least), Some(most)) if times(least.median) != times(most.median) => {
            format!("{} to {}", ratio(least), ratio(most))
        }
        (Some(alike), Some(_)) if ratios.len() > 1 => {
            let intervals = || ratios.iter().filter_map(|ratio| ratio.interval);
            let low = intervals().map(|interval| interval.low).fold(alike.median, f64::min);
            let high = intervals().map(|interval| interval.high).fold(alike.median, f64::max);
            let coverage = intervals().map(|interval| interval.coverage).fold(1.0, f64::min);
            ratio(&Ratio { interval: Some(Interval { low, high, coverage }), ..*alike })
        }
        (Some(only), _) => ratio(only),
        (None, _) => String::new(),
    }
}

fn listed(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}
