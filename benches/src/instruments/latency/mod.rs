//! Latency: duration of single operations at a given rate, by an open-loop generator and a
//! histogram that is kept whole.
//!
//! | file | idea |
//! |---|---|
//! | `schedule.rs` | when operations are to begin |
//! | `generator.rs` | beginning them: the open loop, and the closed one for contrast |
//! | `sweep.rs` | rate after rate until overload |
//! | `distribution.rs` | histogram and percentiles |
//!
//! Operations note when they are done by `crate::service`.

mod distribution;
mod generator;
mod schedule;
mod sweep;

#[cfg(test)]
mod tests;

use crate::Prepared;
use crate::clock::ProcessClock;
use anyhow::{Context, Result};
use generator::{Observed, closed_loop, open_loop};
use simple_records::harness::{LatencyRun, Outcome, Settings};

const MILLISECOND_NS: u64 = 1_000_000;

/// Measures `prepared` in this process: one operation after the other, then at all rates up
/// to overload.
pub(super) fn measure(prepared: Prepared, settings: Settings) -> Result<Outcome> {
    let mut service = prepared.into_service().context("it is no service: it has no latency")?;
    let clock = ProcessClock;
    closed_loop(&clock, &mut service, settings.warm_up_ms * MILLISECOND_NS)?;
    let mut runs = vec![closed_loop(&clock, &mut service, settings.latency_ms * MILLISECOND_NS)?];
    runs.extend(sweep::sweep(|rate_per_s| {
        let operations = sweep::operations(rate_per_s, settings.latency_ms);
        open_loop(&clock, &mut service, rate_per_s, operations)
    })?);
    service.close()?;
    Ok(Outcome::Latencies(runs.iter().map(Observed::to_run).collect::<Result<_>>()?))
}

impl Observed {
    /// The figures for a record.
    fn to_run(&self) -> Result<LatencyRun> {
        Ok(LatencyRun {
            offered_per_s: self.offered_per_s.map(|rate_per_s| rate_per_s as f64),
            achieved_per_s: self.achieved_per_s(),
            duration_s: self.duration_ns as f64 / 1e9,
            histogram_ns: self.latencies.encode()?,
            percentiles_ns: self.latencies.percentiles_ns(),
        })
    }
}
