//! The questions of a run, and whether they are answered.

use super::rules::{Aim, answers};
use super::{ComparisonReport, Facet, Pair, Report, Tail};
use simple_records::AxisValue;

/// A question of a comparison: two or more alternatives, one of which should be the fastest.
#[derive(Debug, Clone)]
pub struct Question<'r> {
    /// Its comparison.
    pub compared: &'r ComparisonReport,
    /// Label of its facet; empty if there is one facet.
    pub facet: String,
    /// Subject of the question.
    pub subject: Subject<'r>,
    /// Data that answer it.
    pub evidence: Evidence<'r>,
}

/// Subject of a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Subject<'r> {
    /// The alternative to choose at this place on the x axis.
    Alternatives(&'r AxisValue),
    /// The place on the x axis to choose for this alternative.
    Places(&'r str),
    /// The best alternative against the best peer at this place on the x axis.
    Peers(&'r AxisValue),
    /// The same by the tail of latencies.
    Tails,
}

/// Data that answer a question.
#[derive(Debug, Clone)]
pub enum Evidence<'r> {
    /// The pairs that the answer depends on; at least one.
    Pairs(Vec<&'r Pair>),
    /// Latencies at a rate.
    Tail(Tail),
}

impl<'r> Question<'r> {
    /// Returns whether the alternatives differ, or are shown to be the same.
    pub fn is_answered(&self) -> bool {
        match &self.evidence {
            Evidence::Pairs(pairs) => pairs.iter().all(|pair| pair.is_answered()),
            Evidence::Tail(tail) => answers(tail.judgement, self.compared.rules.same_threaded),
        }
    }

    /// The pairs that leave it open.
    pub fn open_pairs(&self) -> impl Iterator<Item = &'r Pair> {
        let pairs = match &self.evidence {
            Evidence::Pairs(pairs) => &pairs[..],
            Evidence::Tail(_) => &[],
        };
        pairs.iter().copied().filter(|pair| !pair.is_answered())
    }
}

impl Report {
    /// All questions, in the order of their comparisons.
    pub fn questions(&self) -> Vec<Question<'_>> {
        self.comparisons.iter().flat_map(ComparisonReport::questions).collect()
    }
}

impl ComparisonReport {
    /// Its questions: choices, and comparisons with peers. A null control asks none.
    pub fn questions(&self) -> Vec<Question<'_>> {
        if self.is_null_control() {
            return Vec::new();
        }
        if self.rules.aim != Aim::Fastest {
            return self.question_of_default().into_iter().collect();
        }
        let mut questions: Vec<_> =
            self.facets.iter().flat_map(|facet| self.questions_of(facet)).collect();
        for place in self.rate_places() {
            let Some(tail) = place.tail(self) else { continue };
            questions.push(Question {
                compared: self,
                facet: place.label(),
                subject: Subject::Tails,
                evidence: Evidence::Tail(tail),
            });
        }
        questions
    }

    /// The one question of programs that are compared with a default.
    fn question_of_default(&self) -> Option<Question<'_>> {
        let facet = self.facets.first()?;
        let subject = Subject::Alternatives(&facet.positions.first()?.x);
        let pairs: Vec<&Pair> = self.asked.iter().collect();
        let evidence = Evidence::Pairs(pairs);
        let question = Question { compared: self, facet: facet.label(), subject, evidence };
        (!self.asked.is_empty()).then_some(question)
    }

    fn questions_of<'r>(&'r self, facet: &'r Facet) -> Vec<Question<'r>> {
        let question = |subject, pairs: Vec<&'r Pair>| Question {
            compared: self,
            facet: facet.label(),
            subject,
            evidence: Evidence::Pairs(pairs),
        };
        let mut questions = Vec::new();
        for position in &facet.positions {
            if let Some(choice) = position.choice.as_ref().filter(|choice| choice.compared > 0) {
                let subject = Subject::Alternatives(&position.x);
                questions.push(question(subject, choice.deciding().collect()));
            }
            if let Some(versus) = &position.versus {
                questions.push(question(Subject::Peers(&position.x), vec![&versus.pair]));
            }
        }
        for along in &facet.x_choices {
            let pairs = along.choice.deciding().collect();
            questions.push(question(Subject::Places(&along.series), pairs));
        }
        questions
    }
}
