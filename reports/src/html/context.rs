//! Context of a run's page.

use super::ids::Ids;
use crate::analysis::{Change, CountChange, History, Report, RunComparison};
use crate::judge::{BenchCurve, OperatingCurve};
use crate::profiles::Profiles;
use simple_records::{Counter, Fingerprint};
use std::collections::HashMap;
use std::path::PathBuf;

/// A baseline, a history, profiles, a gate; by default none of them.
#[derive(Debug, Default)]
pub struct Context<'a> {
    /// The run compared with an earlier one.
    pub baseline: Option<&'a RunComparison>,
    /// Times over runs.
    pub history: Option<&'a History>,
    /// Profiles of workloads.
    pub profiles: Option<&'a Profiles>,
    /// Reliability of the regression gate.
    pub curve: Option<&'a OperatingCurve>,
    /// Reliability of runs.
    pub bench: Option<&'a BenchCurve>,
    /// True if a gate's page is beside the page.
    pub has_gate: bool,
}

/// A file that a page needs beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Path of the file.
    pub from: PathBuf,
    /// Path relative to the page's folder: `flame/w-file-load-cpu.svg`.
    pub to: String,
}

/// State that all sections of a page share.
pub(super) struct Shared<'a> {
    pub(super) ids: Ids,
    pub(super) profiles: Option<&'a Profiles>,
    /// Fingerprint of code and machine.
    pub(super) fingerprint: &'a Fingerprint,
    /// Files that the sections need beside the page.
    pub(super) copied: Vec<Copied>,
    pub(super) history: Option<&'a History>,
    /// The name of the baseline.
    pub(super) since: Option<&'a str>,
    changes: HashMap<&'a str, &'a Change>,
    counts: HashMap<(&'a str, Counter, &'a str), &'a CountChange>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(report: &'a Report, context: &'a Context<'a>) -> Self {
        let changes = context.baseline.iter().flat_map(|baseline| &baseline.changes);
        let counts = context.baseline.iter().flat_map(|baseline| &baseline.counts);
        Self {
            ids: Ids::default(),
            profiles: context.profiles,
            fingerprint: &report.start.fingerprint,
            copied: Vec::new(),
            history: context.history,
            since: context.baseline.map(|baseline| baseline.before.run.as_str()),
            changes: changes.map(|change| (change.workload.as_str(), change)).collect(),
            counts: counts
                .map(|c| ((c.workload.as_str(), c.instrument, c.name.as_str()), c))
                .collect(),
        }
    }

    /// The same where there is no run. `fingerprint` is that of none.
    pub(super) fn without_run(context: &'a Context<'a>, fingerprint: &'a Fingerprint) -> Self {
        Self {
            ids: Ids::default(),
            profiles: context.profiles,
            fingerprint,
            copied: Vec::new(),
            history: None,
            since: None,
            changes: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    /// The change of a workload's time since the baseline.
    pub(super) fn change(&self, workload: &str) -> Option<&'a Change> {
        self.changes.get(workload).copied()
    }

    /// The change of a count since the baseline.
    pub(super) fn count_change(
        &self,
        workload: &str,
        instrument: Counter,
        name: &str,
    ) -> Option<&'a CountChange> {
        self.counts.get(&(workload, instrument, name)).copied()
    }
}

/// The first characters of a commit's name, enough to find it.
pub(super) fn short_commit(commit: Option<&str>) -> Option<String> {
    commit.map(|commit| commit.chars().take(12).collect())
}
