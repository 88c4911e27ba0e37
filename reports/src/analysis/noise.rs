//! Agreement of rounds.

use super::Timed;
use crate::stats::{median, quantile};
use std::collections::BTreeMap;

/// Agreement of rounds, in three levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoiseLevel {
    /// Half of the workloads within 2%, nine of ten within 8%: a few percent can be seen.
    Calm,
    /// Half within 8%, nine of ten within 25%: differences below a tenth are uncertain.
    Restless,
    /// Worse: only large differences mean anything.
    Noisy,
    /// There is one round only.
    Unknown,
}

/// Dispersion between the rounds of several workloads, each a [`Timed::relative_mad`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Median over workloads, as a share; `None` with one round.
    pub median: Option<f64>,
    /// Ninth decile over workloads, as a share; `None` with one round.
    pub p90: Option<f64>,
}

impl Noise {
    pub(super) fn between_rounds<'a>(workloads: impl Iterator<Item = &'a Timed>) -> Self {
        let dispersions: Vec<f64> = workloads.filter_map(|w| w.relative_mad).collect();
        Self { median: median(&dispersions), p90: quantile(&dispersions, 0.9) }
    }

    /// The level of noise.
    pub fn level(&self) -> NoiseLevel {
        match (self.median, self.p90) {
            (Some(median), Some(p90)) if median <= 0.02 && p90 <= 0.08 => NoiseLevel::Calm,
            (Some(median), Some(p90)) if median <= 0.08 && p90 <= 0.25 => NoiseLevel::Restless,
            (Some(_), Some(_)) => NoiseLevel::Noisy,
            _ => NoiseLevel::Unknown,
        }
    }
}

/// Deviation of a whole round from the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundShift {
    /// The round's number, from 0.
    pub round: u32,
    /// Number of workloads measured in it.
    pub workloads: usize,
    /// Typical ratio of a workload's time in this round to its median over rounds, minus one:
    /// 0.05 is 5% slower.
    pub shift: f64,
}

/// One entry per round, in order.
pub(super) fn round_shifts<'a>(workloads: impl Iterator<Item = &'a Timed>) -> Vec<RoundShift> {
    let mut logs: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for workload in workloads {
        for round in &workload.rounds {
            logs.entry(round.number).or_default().push((round.time_ns / workload.time_ns).ln());
        }
    }
    let shift = |(round, logs): (u32, Vec<f64>)| {
        let shift = median(&logs)?.exp() - 1.0;
        Some(RoundShift { round, workloads: logs.len(), shift })
    };
    logs.into_iter().filter_map(shift).collect()
}
