//! A run's report in words, built once for all formats.

use super::choice::{self, Finding};
use super::digest::Digest;
use super::sentence::Sentence;
use super::versus::versus;
use super::{calls, notes, tail};
use crate::analysis::{Group, OnDefault, Report};

/// A run's report in words.
#[derive(Debug)]
pub(crate) struct RunText<'r> {
    /// Figures.
    pub(crate) report: &'r Report,
    /// Comparisons, in the order of the report.
    pub(crate) comparisons: Vec<ComparisonText<'r>>,
    /// The run in a few lines.
    pub(crate) digest: Digest,
}

/// A comparison in words.
#[derive(Debug)]
pub(crate) struct ComparisonText<'r> {
    /// Figures.
    pub(crate) group: &'r Group,
    /// See [`choices`].
    pub(crate) choices: Vec<Finding>,
    /// The best own alternative against the best peer.
    pub(crate) versus: Vec<Sentence>,
    /// Remarks on how the figures came about.
    pub(crate) notes: Vec<String>,
}

impl<'r> RunText<'r> {
    pub(crate) fn new(report: &'r Report) -> Self {
        let comparisons: Vec<_> = report.groups.iter().map(ComparisonText::new).collect();
        let digest = Digest::new(&comparisons);
        Self { report, comparisons, digest }
    }
}

impl<'r> ComparisonText<'r> {
    fn new(group: &'r Group) -> Self {
        Self { group, choices: choices(group), versus: versus(group), notes: notes(group) }
    }
}

/// The run in a few lines.
pub fn digest(report: &Report) -> Digest {
    RunText::new(report).digest
}

/// All verdicts of a comparison: the alternative to choose, facet by facet; the place on the x
/// axis, if users choose it; the rates that alternatives keep up with, and their latencies;
/// costs of calls. Empty if there is nothing to choose from.
pub fn choices(group: &Group) -> Vec<Finding> {
    let silent = |sentence| Finding { sentence, on_default: OnDefault::Silent };
    let mut findings = choice::series(group);
    findings.extend(choice::along_x(group));
    findings.extend(tail::sentences(group).into_iter().map(silent));
    findings.extend(calls::sentences(group).into_iter().map(silent));
    findings
}
