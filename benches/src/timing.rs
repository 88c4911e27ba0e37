//! Duration of iterations, and the conditions under which they ran.

use simple_records::Residency;
use std::time::Duration;

/// Duration of iterations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// All of them together, without their stages.
    pub elapsed: Duration,
    /// Iterations that do not count, because their condition did not hold.
    pub discarded: u64,
    /// Pages in the page cache before those that count, where that was checked.
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
        self.residency = Residency::merge(self.residency, other.residency);
    }
}
