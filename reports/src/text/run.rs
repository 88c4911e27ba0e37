//! A run's report in words, built once for all formats.

use super::choice::{self, Finding};
use super::digest::Digest;
use super::question::Questions;
use super::sentence::Sentence;
use super::versus::versus;
use super::{against, calls, notes, tail};
use crate::analysis::{Aim, ComparisonReport, OnDefault, Report};

/// A run's report in words.
#[derive(Debug)]
pub(crate) struct RunText<'r> {
    /// Figures.
    pub(crate) report: &'r Report,
    /// Comparisons, in the order of the report.
    pub(crate) comparisons: Vec<ComparisonText<'r>>,
    /// The run in a few lines.
    pub(crate) digest: Digest,
    /// Its questions.
    pub(crate) questions: Questions,
}

/// A comparison in words.
#[derive(Debug)]
pub(crate) struct ComparisonText<'r> {
    /// Figures.
    pub(crate) figures: &'r ComparisonReport,
    /// Its verdicts, in the order in which they are said.
    pub(crate) choices: Vec<Finding>,
    /// The best own alternative against the best peer.
    pub(crate) versus: Vec<Sentence>,
    /// Remarks on how the figures came about.
    pub(crate) notes: Vec<String>,
}

impl<'r> RunText<'r> {
    pub(crate) fn new(report: &'r Report) -> Self {
        let comparisons: Vec<_> =
            report.comparisons.iter().map(|one| ComparisonText::new(report, one)).collect();
        let digest = Digest::new(&comparisons);
        Self { report, comparisons, digest, questions: Questions::of(report) }
    }
}

impl<'r> ComparisonText<'r> {
    fn new(report: &'r Report, compared: &'r ComparisonReport) -> Self {
        Self {
            figures: compared,
            choices: verdicts(report, compared),
            versus: versus(compared),
            notes: notes(compared),
        }
    }
}

/// All verdicts of a comparison, by what its run asks.
fn verdicts(report: &Report, compared: &ComparisonReport) -> Vec<Finding> {
    let sentences = match (compared.rules.aim, compared.comparison.controls()) {
        (Aim::Fastest, _) => return choices(compared),
        (_, None) => against::verdicts(report, compared),
        (_, Some(id)) => {
            let controlled = report.comparisons.iter().find(|other| other.comparison.id == id);
            let said = controlled.and_then(|controlled| against::null_control(report, controlled));
            said.map(Sentence::from).into_iter().collect()
        }
    };
    let silent = |sentence| Finding { sentence, on_default: OnDefault::Silent };
    sentences.into_iter().map(silent).collect()
}

/// The run in a few lines.
pub fn digest(report: &Report) -> Digest {
    RunText::new(report).digest
}

/// All verdicts of a comparison: the alternative to choose, facet by facet; the place on the x
/// axis, if users choose it; the rates that alternatives keep up with, and their latencies;
/// costs of calls. Empty if there is nothing to choose from.
pub fn choices(compared: &ComparisonReport) -> Vec<Finding> {
    let silent = |sentence| Finding { sentence, on_default: OnDefault::Silent };
    let mut findings = choice::series(compared);
    findings.extend(choice::x_choices(compared));
    findings.extend(tail::sentences(compared).into_iter().map(silent));
    findings.extend(calls::sentences(compared).into_iter().map(silent));
    findings
}
