//! How long iterations of a workload took, and under which conditions.

use simple_records::Residency;
use std::time::Duration;

/// How long iterations took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// All of them together, without their stages.
    pub elapsed: Duration,
    /// Iterations that were not counted because their condition did not hold.
    pub discarded: u64,
    /// What was in the page cache before those that were, where that was looked at.
    pub residency: Option<Residency>,
}

impl Timing {
    pub(crate) fn of(elapsed: Duration) -> Self {
        Self { elapsed, ..Self::default() }
    }

    /// Adds another timing of the same workload.
    pub fn add(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.discarded += other.discarded;
        self.residency = match (self.residency, other.residency) {
            (Some(one), Some(two)) => Some(Residency {
                iterations: one.iterations + two.iterations,
                pages: one.pages.max(two.pages),
                resident_pages_max: one.resident_pages_max.max(two.resident_pages_max),
            }),
            (one, two) => one.or(two),
        };
    }
}
