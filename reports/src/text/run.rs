//! A run's report in words, built once for all formats.

use super::choice::{self, Finding};
use super::digest::Digest;
use super::question::Questions;
use super::sentence::Sentence;
use super::versus::versus;
use super::{calls, notes, tail};
use crate::analysis::{ComparisonReport, OnDefault, Report};

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
    /// See [`choices`].
    pub(crate) choices: Vec<Finding>,
    /// The best own alternative against the best peer.
    pub(crate) versus: Vec<Sentence>,
    /// Remarks on how the figures came about.
    pub(crate) notes: Vec<String>,
}

impl<'r> RunText<'r> {
    pub(crate) fn new(report: &'r Report) -> Self {
        let comparisons: Vec<_> = report.comparisons.iter().map(ComparisonText::new).collect();
        let digest = Digest::new(&comparisons);
        Self { report, comparisons, digest, questions: Questions::of(report) }
    }
}

impl<'r> ComparisonText<'r> {
    fn new(compared: &'r ComparisonReport) -> Self {
        Self {
            figures: compared,
            choices: choices(compared),
            versus: versus(compared),
            notes: notes(compared),
        }
    }
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
