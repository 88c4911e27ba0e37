//! What a page shows beside the run that it is about.

use super::ids::Ids;
use crate::analysis::{Change, CountChange, History, RunComparison, clean_text};
use crate::gate::OperatingCurve;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A baseline, a history, flame graphs, a gate; by default none of them.
#[derive(Debug, Default)]
pub struct Context<'a> {
    /// The run compared with an earlier one.
    pub baseline: Option<&'a RunComparison>,
    /// Times over runs.
    pub history: Option<&'a History>,
    /// Flame graphs of workloads.
    pub flames: Flames,
    /// How often the regression gate is right.
    pub curve: Option<&'a OperatingCurve>,
    /// Whether a gate's page lies beside the page.
    pub has_gate: bool,
}

/// Flame graphs that lie beside a page, named after the anchors of workloads:
/// `flame/w-registry-lookup-slab-4.svg`.
#[derive(Debug, Default)]
pub struct Flames {
    anchors: HashSet<String>,
}

impl Flames {
    /// Those in the folder `flame` of the page's folder; none if there is no such folder.
    pub fn beside(page_folder: &Path) -> Self {
        let entries = std::fs::read_dir(page_folder.join("flame"));
        let names = entries.into_iter().flatten().filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(".svg")?.to_owned())
        });
        Self { anchors: names.collect() }
    }

    /// A link relative to the page. Anchors have harmless characters only.
    pub(super) fn link(&self, anchor: &str) -> Option<String> {
        self.anchors.contains(anchor).then(|| format!("flame/{anchor}.svg"))
    }
}

/// What the sections of a page have in common.
pub(super) struct Shared<'a> {
    pub(super) ids: Ids,
    pub(super) flames: &'a Flames,
    pub(super) history: Option<&'a History>,
    /// The name of the baseline.
    pub(super) since: Option<&'a str>,
    changes: HashMap<&'a str, &'a Change>,
    counts: HashMap<(&'a str, &'a str, &'a str), &'a CountChange>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        let changes = context.baseline.iter().flat_map(|baseline| &baseline.changes);
        let counts = context.baseline.iter().flat_map(|baseline| &baseline.counts);
        Self {
            ids: Ids::default(),
            flames: &context.flames,
            history: context.history,
            since: context.baseline.map(|baseline| baseline.before.run.as_str()),
            changes: changes.map(|change| (change.workload.as_str(), change)).collect(),
            counts: counts
                .map(|c| ((c.workload.as_str(), c.instrument.as_str(), c.name.as_str()), c))
                .collect(),
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
        instrument: &str,
        name: &str,
    ) -> Option<&'a CountChange> {
        self.counts.get(&(workload, instrument, name)).copied()
    }
}

/// The beginning of a commit's name, enough to find it.
pub(super) fn short_commit(commit: Option<&str>) -> Option<String> {
    commit.map(|commit| clean_text(commit).chars().take(12).collect())
}
