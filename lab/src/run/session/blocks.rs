//! Blocks that a run has: their numbers, and their cost.

use simple_records::{Instrument, Run, Sample, Samples};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Weight of the newest block in what a workload costs.
const NEWEST: f64 = 0.5;
/// Cost of a workload in a block before it has been in one.
pub(super) const USUAL_COST_S: f64 = 0.05;

/// Measured blocks of each workload, and the time that each took in one.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Number of the next block of each comparison.
    next: HashMap<String, u32>,
    /// Number of blocks of each workload.
    of: HashMap<String, usize>,
    /// Time of each workload in a block.
    cost_s: HashMap<String, f64>,
    /// Workloads with several threads.
    threaded: HashSet<String>,
}

impl Blocks {
    /// Those of a record.
    pub(super) fn of(run: &Run) -> Self {
        let mut this = Self::default();
        for samples in run.samples.iter().filter(|one| one.instrument == Instrument::Wall) {
            this.saw(&samples.subject.comparison, samples.round);
            this.measured(samples);
        }
        for noise in run.noise.iter().filter(|one| one.instrument == Some(Instrument::Wall)) {
            this.saw(&noise.comparison, noise.round);
        }
        this
    }

    /// Adds a block of a workload. One without a usable time is none.
    pub(super) fn measured(&mut self, samples: &Samples) {
        if samples.work.threads.is_some_and(|threads| threads > 1) {
            self.threaded.insert(samples.subject.workload.clone());
        }
        let is_time = |one: &Sample| one.iterations > 0 && one.total_ns > 0.0;
        if samples.samples.iter().any(is_time) {
            *self.of.entry(samples.subject.workload.clone()).or_default() += 1;
        }
    }

    /// Number of the next block of a comparison.
    pub(super) fn next(&self, comparison: &str) -> u32 {
        self.next.get(comparison).copied().unwrap_or(0)
    }

    /// Rough time of a workload in a block.
    pub(super) fn cost_s(&self, workload: &str) -> f64 {
        self.cost_s.get(workload).copied().unwrap_or(USUAL_COST_S)
    }

    /// Notes that a comparison has a block of this number.
    pub(super) fn saw(&mut self, comparison: &str, round: u32) {
        let next = self.next.entry(comparison.to_owned()).or_default();
        *next = (*next).max(round.saturating_add(1));
    }

    /// Adds a block to the time that a workload takes in one: a moving average.
    pub(super) fn spent(&mut self, workload: &str, time: Duration) {
        let newest_s = time.as_secs_f64();
        let cost_s = self.cost_s.entry(workload.to_owned()).or_insert(newest_s);
        *cost_s += NEWEST * (newest_s - *cost_s);
    }

    /// Returns whether a workload is known to have several threads.
    pub(super) fn is_threaded(&self, workload: &str) -> bool {
        self.threaded.contains(workload)
    }

    /// Number of a workload's blocks.
    pub(super) fn count(&self, workload: &str) -> usize {
        self.of.get(workload).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_block_follows_the_newest() {
        let mut blocks = Blocks::default();
        blocks.spent("a", Duration::from_secs(4));
        assert_eq!(blocks.cost_s["a"], 4.0);
        blocks.spent("a", Duration::from_secs(2));
        assert_eq!(blocks.cost_s["a"], 3.0);
    }
}
