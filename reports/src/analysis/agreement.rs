//! Agreement of runs: several runs of the same questions, held against each other.
//!
//! The unit is a pair of alternatives that some run's answer depends on, because the fastest
//! alternative, and with it the pair in question, may differ from run to run.

use super::{Evidence, Pair, Question, Report};
use crate::stats::{Judgement, Ratio};
use std::collections::BTreeMap;

/// Several runs, compared answer by answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The runs, in the order in which they were given.
    pub runs: Vec<Answered>,
    /// The pairs that an answer of some run depends on, by comparison and name.
    pub pairs: Vec<PairAnswers>,
}

/// A run with its number of settled questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Name of the run.
    pub run: String,
    /// Number of its questions.
    pub questions: usize,
    /// Number of those that are answered.
    pub answered: usize,
    /// Time from its start to its end in s; `None` if it broke off.
    pub elapsed_s: Option<u64>,
}

/// Verdicts of each run on two workloads.
#[derive(Debug, Clone, PartialEq)]
pub struct PairAnswers {
    /// Name of the one.
    pub one: String,
    /// Name of the other.
    pub other: String,
    /// Answers, one for each run.
    pub answers: Vec<Answer>,
}

/// Verdict of a run on a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// Time of the other as a multiple of that of the one, told apart from 1.
    Apart(Ratio),
    /// No difference larger than this share.
    Same {
        /// The share.
        at_most: f64,
    },
    /// It depends on a regime or a state.
    Depends,
    /// Open, or not measured.
    Open,
}

impl Answer {
    fn of(pair: &Pair) -> Self {
        match pair.judgement {
            _ if !pair.is_answered() => Self::Open,
            _ if pair.rests_on_conditions() => Self::Depends,
            Judgement::Faster(ratio) | Judgement::Slower(ratio) => Self::Apart(ratio),
            Judgement::NoDifference { at_most } => Self::Same { at_most },
            Judgement::TooFewRounds { .. } => Self::Open,
        }
    }

    /// Returns whether both cannot be true: each says that another one is faster, or the one
    /// excludes every difference that the other finds possible.
    pub fn contradicts(self, other: Self) -> bool {
        match (self, other) {
            (Self::Apart(one), Self::Apart(other)) => (one.median > 1.0) != (other.median > 1.0),
            (Self::Apart(ratio), Self::Same { at_most })
            | (Self::Same { at_most }, Self::Apart(ratio)) => least(ratio) > at_most,
            _ => false,
        }
    }

    /// Returns whether the run has an answer that can be held against another's.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Apart(_) | Self::Same { .. })
    }
}

/// Smallest difference that an interval leaves possible, as a share.
fn least(ratio: Ratio) -> f64 {
    let interval = ratio.interval.map_or([ratio.median; 2], |it| [it.low, it.high]);
    let least = if ratio.median > 1.0 { interval[0] } else { interval[1].recip() };
    least - 1.0
}

impl PairAnswers {
    /// Number of runs that answer it.
    pub fn answered(&self) -> usize {
        self.answers.iter().filter(|answer| answer.is_answer()).count()
    }

    /// Returns whether two runs contradict each other.
    pub fn is_contradicted(&self) -> bool {
        let pairs = self.answers.iter().enumerate();
        pairs.clone().any(|(at, one)| self.answers[at + 1..].iter().any(|it| one.contradicts(*it)))
    }
}

impl Agreement {
    /// Compares runs.
    pub fn of(reports: &[Report]) -> Self {
        let mut pairs: BTreeMap<(String, String), Vec<Answer>> = BTreeMap::new();
        for question in reports.iter().flat_map(Report::questions) {
            for pair in deciding(&question) {
                let name =
                    |index: usize| question.compared.workloads[index].subject.workload.clone();
                let mut names = [name(pair.one), name(pair.other)];
                names.sort();
                let [one, other] = names;
                pairs.entry((one, other)).or_default();
            }
        }
        for ((one, other), answers) in &mut pairs {
            *answers = reports.iter().map(|report| answer(report, one, other)).collect();
        }
        let pairs = pairs.into_iter();
        Self {
            runs: reports.iter().map(answered).collect(),
            pairs: pairs
                .map(|((one, other), answers)| PairAnswers { one, other, answers })
                .collect(),
        }
    }

    /// Pairs that at least two runs answer.
    pub fn comparable(&self) -> impl Iterator<Item = &PairAnswers> {
        self.pairs.iter().filter(|pair| pair.answered() > 1)
    }

    /// Pairs of which two runs contradict each other.
    pub fn contradictions(&self) -> impl Iterator<Item = &PairAnswers> {
        self.pairs.iter().filter(|pair| pair.is_contradicted())
    }
}

fn deciding<'r>(question: &Question<'r>) -> Vec<&'r Pair> {
    match &question.evidence {
        Evidence::Pairs(pairs) => pairs.clone(),
        // Rates differ from run to run, and with them the place of the comparison.
        Evidence::Tail(_) => Vec::new(),
    }
}

/// Returns the verdict of a run on two workloads, by name.
fn answer(report: &Report, one: &str, other: &str) -> Answer {
    let found = report.comparisons.iter().find_map(|compared| {
        let index = |name: &str| compared.workloads.iter().position(|w| w.subject.workload == name);
        Some(compared.pair(index(one)?, index(other)?))
    });
    found.map_or(Answer::Open, |pair| Answer::of(&pair))
}

fn answered(report: &Report) -> Answered {
    let questions = report.questions();
    Answered {
        run: report.start.run.clone(),
        questions: questions.len(),
        answered: questions.iter().filter(|question| question.is_answered()).count(),
        elapsed_s: report
            .end
            .as_ref()
            .map(|end| end.finished_unix_s.saturating_sub(report.start.started_unix_s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Interval;

    fn apart(low: f64, median: f64, high: f64) -> Answer {
        let interval = Some(Interval { low, high, coverage: 0.99 });
        Answer::Apart(Ratio { median, interval, rounds: 10 })
    }

    #[test]
    fn two_winners_contradict_each_other() {
        assert!(apart(1.1, 1.2, 1.3).contradicts(apart(0.8, 0.9, 0.95)));
        assert!(!apart(1.1, 1.2, 1.3).contradicts(apart(2.0, 3.0, 4.0)), "the same winner");
    }

    #[test]
    fn a_difference_contradicts_its_exclusion_from_both_sides() {
        let same = Answer::Same { at_most: 0.04 };
        for (found, is_wrong) in [
            (apart(1.05, 1.1, 1.2), true),
            (apart(1.03, 1.1, 1.2), false),
            (apart(0.8, 0.9, 0.95), true),
            (apart(0.8, 0.9, 0.97), false),
        ] {
            assert_eq!(found.contradicts(same), is_wrong, "{found:?}");
            assert_eq!(same.contradicts(found), is_wrong, "{found:?}");
        }
    }

    #[test]
    fn what_is_open_contradicts_nothing() {
        for open in [Answer::Open, Answer::Depends] {
            assert!(!open.contradicts(apart(1.1, 1.2, 1.3)) && !open.is_answer());
        }
        let pair = PairAnswers {
            one: "a".to_owned(),
            other: "b".to_owned(),
            answers: vec![apart(1.1, 1.2, 1.3), Answer::Open, apart(0.8, 0.9, 0.95)],
        };
        assert_eq!((pair.answered(), pair.is_contradicted()), (2, true));
    }
}
