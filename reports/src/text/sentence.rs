//! Verdicts as short sentences: never more than the data says.

use super::number::times;
use super::{calls, choice, tail};
use crate::analysis::Group;
use crate::stats::{Interval, Ratio};

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
    /// What it means for users who do not choose.
    pub on_default: OnDefault,
}

/// What a sentence says of the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDefault {
    /// It is right, or nothing was found that speaks against it.
    Keep,
    /// Something else is faster.
    Change,
    /// Nothing.
    Silent,
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}{}", self.place, self.subject, self.aside, self.rest)
    }
}

/// All verdicts of a comparison: which alternative to choose, facet by facet; which place on
/// the x axis, where users choose one; who keeps up with which rate, and how long operations
/// take there; what calls cost. Empty if there is nothing to choose from.
pub fn choices(group: &Group) -> Vec<Sentence> {
    let mut sentences = choice::series(group);
    sentences.extend(choice::along_x(group));
    sentences.extend(tail::sentences(group));
    sentences.extend(calls::sentences(group));
    sentences
}

/// `3 rounds`, of which the sentence says that they cannot decide.
pub(super) fn rounds(rounds: usize) -> String {
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
pub(super) fn by(ratios: &[Ratio]) -> String {
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

/// `a, b or c`.
pub(super) fn listed(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}
