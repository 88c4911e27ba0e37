//! What was measured, what was not, and why.

use super::{Measured, measured};
use simple_records::Run;
use std::collections::BTreeSet;

/// A workload without all of its rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub workload: String,
    /// Rounds that it has nevertheless.
    pub rounds: usize,
    /// Why there are not more.
    pub why: String,
}

/// What became of the workloads that the records mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// Workloads with figures.
    pub measured: usize,
    /// Workloads that the records mention at all.
    pub known: usize,
    /// Rounds that the run was to have; what it has, if it does not say.
    pub rounds: usize,
    /// Workloads with fewer rounds than that, or none.
    pub missing: Vec<Missing>,
    /// Workloads of the catalogue that the run was not to measure.
    pub not_selected: u64,
    /// Whether the run came to its end; otherwise there may be workloads nobody mentions.
    pub is_complete: bool,
}

impl Census {
    pub(super) fn new(run: &Run, measured: &[Measured]) -> Self {
        let most = measured.iter().map(|workload| workload.rounds.len()).max().unwrap_or(0);
        let planned = run.start.rounds.get(measured::WALL).map(|rounds| *rounds as usize);
        let rounds = planned.unwrap_or(most);
        let rounds_of = |name: &str| {
            measured.iter().find(|workload| workload.name == name).map_or(0, |w| w.rounds.len())
        };
        let mut missing: Vec<Missing> = Vec::new();
        let mut named = BTreeSet::new();
        for skipped in &run.skipped {
            if named.insert(skipped.workload.as_str()) {
                let rounds = rounds_of(&skipped.workload);
                missing.push(Missing {
                    workload: skipped.workload.clone(),
                    rounds,
                    why: skipped.why.clone(),
                });
            }
        }
        let why = match run.end {
            Some(_) => "the records have fewer rounds of it than the run was to have",
            None => "the run was interrupted",
        };
        for workload in measured.iter().filter(|workload| workload.rounds.len() < rounds) {
            if named.insert(workload.name.as_str()) {
                missing.push(Missing {
                    workload: workload.name.clone(),
                    rounds: workload.rounds.len(),
                    why: why.to_owned(),
                });
            }
        }
        let timed = measured.iter().map(|workload| workload.name.as_str());
        let counted = run.counts.iter().map(|counts| counts.subject.workload.as_str());
        let latencies = run.latencies.iter().map(|latency| latency.subject.workload.as_str());
        let with_figures: BTreeSet<&str> = timed.chain(counted).chain(latencies).collect();
        let sampled = run.samples.iter().map(|samples| samples.subject.workload.as_str());
        let skipped = run.skipped.iter().map(|skipped| skipped.workload.as_str());
        let known: BTreeSet<&str> =
            with_figures.iter().copied().chain(sampled).chain(skipped).collect();
        Self {
            measured: with_figures.len(),
            known: known.len(),
            rounds,
            missing,
            not_selected: run.end.map_or(0, |end| end.not_selected),
            is_complete: run.end.is_some(),
        }
    }

    /// Reasons with the workloads they hold for, in the order of the records.
    pub fn missing_by_reason(&self) -> Vec<(&str, Vec<&Missing>)> {
        let mut reasons: Vec<(&str, Vec<&Missing>)> = Vec::new();
        for missing in &self.missing {
            match reasons.iter_mut().find(|(why, _)| *why == missing.why) {
                Some((_, members)) => members.push(missing),
                None => reasons.push((&missing.why, vec![missing])),
            }
        }
        reasons
    }

    /// `87 of 90 workloads`, with a hint when there may be more.
    pub fn headline(&self) -> String {
        let at_least = if self.is_complete { "" } else { "at least " };
        format!("{} of {at_least}{} workloads measured", self.measured, self.known)
    }
}
