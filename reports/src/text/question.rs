//! Questions in sentences: how many are answered, and of open ones why, what could hide there and
//! what would settle it.

use super::command::settle;
use super::number::{percent, time_ns, times};
use super::sentence::Sentence;
use crate::analysis::{
    ComparisonReport, Condition, Evidence, Pair, Question, Report, State, Subject, Timed, Within,
};
use crate::stats::{FIRST_LOOK, Judgement};

/// A possible difference of this many typical ones comes from single blocks.
const FAR: f64 = 5.0;

/// The questions of a run in words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Questions {
    /// Number of all questions.
    pub all: usize,
    /// Number of those that are answered.
    pub answered: usize,
    /// The others, in the order of their comparisons.
    pub open: Vec<OpenQuestion>,
    /// Answers that depend on a condition: id of the comparison, and the sentence.
    pub depending: Vec<(String, Sentence)>,
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenQuestion {
    /// Id of its comparison.
    pub comparison: String,
    /// The question, the reason why it is open, and the difference that could hide there.
    pub sentence: Sentence,
    /// Command that would settle it.
    pub command: String,
}

impl Questions {
    /// The questions of a run.
    pub fn of(report: &Report) -> Self {
        let mut this = Self::default();
        for question in report.questions() {
            this.all += 1;
            if question.is_answered() {
                this.answered += 1;
                this.depending.extend(depending(&question));
            } else {
                this.open.push(open(&question, report));
            }
        }
        this
    }

    /// `44 of 46 questions answered`; empty if there are none.
    pub fn headline(&self) -> String {
        match self.all {
            0 => String::new(),
            all => format!("{} of {all} questions answered", self.answered),
        }
    }
}

fn id(question: &Question<'_>) -> String {
    question.compared.comparison.id.clone()
}

/// `at workers 2, with mix get only`.
pub(crate) fn place(question: &Question<'_>) -> String {
    let compared = question.compared;
    let at = match question.subject {
        Subject::Alternatives(x) | Subject::Peers(x) => {
            format!("at {} {x}", compared.comparison.x_axis)
        }
        Subject::Places(series) => format!("{} for {series}", compared.comparison.x_axis),
        Subject::Tails => "tail of latencies".to_owned(),
    };
    match question.facet.is_empty() {
        true => at,
        false => format!("{at}, {}", question.facet),
    }
}

fn open(question: &Question<'_>, report: &Report) -> OpenQuestion {
    let compared = question.compared;
    let (pair, reason) = match &question.evidence {
        Evidence::Pairs(_) => {
            let widest = question.open_pairs().max_by(|a, b| hidden(a).total_cmp(&hidden(b)));
            widest.map_or_else(Default::default, |pair| {
                (between(question, pair), why(compared, pair))
            })
        }
        Evidence::Tail(tail) => {
            let hides = match tail.judgement {
                Judgement::NoDifference { at_most } => hides(at_most),
                _ => "anything could hide".to_owned(),
            };
            (format!("{} or {}", tail.own, tail.peer), format!("its rounds disagree; {hides}"))
        }
    };
    let sentence = Sentence::default()
        .text(format!("{}: ", place(question)))
        .subject(pair)
        .text(format!(": {reason}."));
    let command = settle(report, &compared.comparison.id);
    OpenQuestion { comparison: id(question), sentence, command }
}

fn hidden(pair: &Pair) -> f64 {
    pair.at_most().unwrap_or(f64::MAX)
}

/// `slab or mutex`, `2 or 4`.
pub(crate) fn between(question: &Question<'_>, pair: &Pair) -> String {
    format!("{} or {}", name(question, pair.one), name(question, pair.other))
}

/// Name of a workload among the alternatives of a question.
fn name(question: &Question<'_>, index: usize) -> String {
    let workload = &question.compared.workloads[index];
    match question.subject {
        Subject::Places(_) => question.compared.x_of(workload).to_string(),
        _ => question.compared.series_name(workload),
    }
}

/// Reason why a pair is open, with the difference that could hide there.
pub(super) fn why(compared: &ComparisonReport, pair: &Pair) -> String {
    let blocks = pair.rounds;
    let Some(at_most) = pair.at_most() else {
        return format!("{blocks} blocks are too few, {FIRST_LOOK} are needed");
    };
    let hides = hides(at_most);
    let states = |index: usize| {
        let workload = &compared.workloads[index];
        let all = workload.states.iter().map(|state| state.rounds.len()).sum();
        (workload.states.len() > 1).then(|| (states_of(compared, workload), all))
    };
    if let Some((states, all)) = states(pair.one).or_else(|| states(pair.other)) {
        return format!("{states}{}; {hides}", of_all(all, blocks));
    }
    if pair.within.len() > 1 {
        return format!(
            "the host moved the processors, and {blocks} blocks in several places disagree; {hides}"
        );
    }
    let spread = [pair.one, pair.other]
        .iter()
        .filter_map(|index| compared.workloads[*index].relative_mad)
        .fold(0.0, f64::max);
    // An interval of few blocks reaches as far as the farthest of them.
    let outliers = if at_most > FAR * spread { ", a few by far more" } else { "" };
    let spread = percent(spread);
    format!("blocks typically differ by {spread}{outliers}, and there are {blocks}; {hides}")
}

/// ` in 9 blocks`, or in how many of a workload's blocks both of a pair were measured.
fn of_all(all: usize, common: usize) -> String {
    match all == common {
        true => format!(" in {all} blocks"),
        false => format!(" in {all} blocks, in {common} of which both were measured"),
    }
}

fn hides(at_most: f64) -> String {
    format!("a difference of up to {} could hide", difference(at_most))
}

/// `14%`, `2.3x`: a difference that is possible, rounded up as in sentences that exclude one.
pub(super) fn difference(at_most: f64) -> String {
    match at_most < 1.0 {
        true => format!("{:.0}%", (at_most * 100.0).ceil()),
        false => times(1.0 + at_most),
    }
}

/// `slab takes 24.0 ns (5 blocks) or 1.18 us (4 blocks)`.
fn states_of(compared: &ComparisonReport, workload: &Timed) -> String {
    let state = |State { time_ns: ns, rounds }: &State| {
        format!("{} ({} blocks)", time_ns(*ns), rounds.len())
    };
    let states: Vec<String> = workload.states.iter().map(state).collect();
    format!("{} takes {}", compared.series_name(workload), states.join(" or "))
}

/// The answer under each condition, where it depends on them.
pub(super) fn depending(question: &Question<'_>) -> Option<(String, Sentence)> {
    let Evidence::Pairs(pairs) = &question.evidence else { return None };
    let pair = pairs.iter().find(|pair| pair.rests_on_conditions())?;
    let under = |within: &Within| {
        let preposition = match within.condition {
            Condition::LineMove(_) => "where",
            Condition::State(..) => "while",
        };
        let (answer, condition) = (answer(question, pair, within), condition(question, within));
        format!("{answer} {preposition} {condition}")
    };
    let answers: Vec<String> = pair.within.iter().map(under).collect();
    let sentence = Sentence::default()
        .text(format!("{}: ", place(question)))
        .subject(between(question, pair))
        .text(format!(" depends: {}.", answers.join("; ")));
    Some((id(question), sentence))
}

/// `moving a cache line takes 14.0 ns`, `slab takes 24.0 ns`.
pub(crate) fn condition(question: &Question<'_>, within: &Within) -> String {
    match within.condition {
        Condition::LineMove(ns) => format!("moving a cache line takes {}", time_ns(ns)),
        Condition::State(index, ns) => format!("{} takes {}", name(question, index), time_ns(ns)),
    }
}

/// `slab is 1.20x faster`: the answer to a pair under one condition.
pub(crate) fn answer(question: &Question<'_>, pair: &Pair, within: &Within) -> String {
    let name = |index: usize| name(question, index);
    match within.judgement {
        Judgement::Faster(ratio) => format!("{} is {} faster", name(pair.one), times(ratio.median)),
        Judgement::Slower(ratio) => {
            format!("{} is {} faster", name(pair.other), times(ratio.median.recip()))
        }
        Judgement::NoDifference { at_most } => {
            format!("no difference larger than {}", percent(at_most))
        }
        Judgement::TooFewRounds { .. } => "not known".to_owned(),
    }
}

/// The states of all workloads that have several, in sentences with the ids of comparisons.
pub(super) fn states(compared: &ComparisonReport) -> Vec<String> {
    let several = compared.workloads.iter().filter(|workload| workload.states.len() > 1);
    let sentence = |workload: &Timed| {
        let gap = workload.states.last()?.time_ns / workload.states.first()?.time_ns;
        let at = workload.subject.workload.strip_prefix(&compared.comparison.id);
        let at = at.unwrap_or_default().trim_start_matches('/');
        let states = workload.states.iter().map(|State { time_ns: ns, rounds }| {
            format!("{} in {} blocks", time_ns(*ns), rounds.len())
        });
        let states = states.collect::<Vec<_>>().join(", ");
        Some(format!("{at} has several states, {} apart: {states}.", times(gap)))
    };
    several.filter_map(sentence).collect()
}
