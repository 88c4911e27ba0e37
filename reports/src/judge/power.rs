//! The power of a comparison: how likely a slow-down of known size would have been found.
//!
//! A verdict "same" is worth as much as the chance that it would have been another one. So the blocks
//! of a workload are drawn again, with a slow-down added, and go through the rules of the gate: screen,
//! then confirm by fresh blocks. The share of such simulated comparisons that convict is the power.
//!
//! * A drawn block is one of the workload's own, without the differences that were found, and with its
//!   three sides in a random order: without a difference, each side is as likely to be any of them.
//! * A suspect is convicted at the level that a single slow workload needs among all that were judged.
//! * Open workloads get as many blocks as time allowed: see [`Rules`].
//! * The same record gives the same power: the random numbers begin with its seed.
//!
//! The spread of the blocks is taken as known, and the head's as the base's. Layout effects and changes
//! of the machine between screen and confirmation are not simulated.

mod simulation;
mod walsh;

use super::effect::BlockTimes;
use super::plan::{EVEN_BLOCKS, count, is_spent, timed};
use super::verdict::GateReport;
use serde::Serialize;
use simple_records::{Gate, GateLimits, Stage};
use simulation::Simulation;

/// Simulated comparisons of a workload. The share found is within 5 points of that of any number, and
/// within 2 points where it is above 97%.
pub const RESAMPLES: u32 = 400;

/// Fewest blocks that say something about their spread.
const LEAST_BLOCKS: usize = 6;

/// The chance that a slow-down of a workload would have been found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Power {
    /// The slow-down, as a share: 0.05 is 5%.
    pub by: f64,
    /// Share of the simulated comparisons that found it.
    pub found: f64,
    /// Number of simulated comparisons.
    pub resamples: u32,
    /// Number of own blocks that were drawn from.
    pub blocks: usize,
}

/// The rules of a comparison, and how far its time reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Limits of the verdict.
    pub limits: GateLimits,
    /// Probability that is rejected whatever other workloads say.
    pub level: f64,
    /// Screening blocks that every open workload could get. Workloads that got more keep theirs.
    pub most_blocks: usize,
    /// True if there was time for a second judgement of suspects.
    pub has_time: bool,
    /// Seed of the record.
    pub seed: u64,
}

impl Rules {
    /// The rules of a comparison. If its time was spent, open workloads get the blocks that others got.
    pub(super) fn new(gate: &Gate) -> Self {
        let limits = &gate.start.limits;
        let judged = timed(gate).count().max(1);
        let most = limits.most_screen_blocks.max(limits.screen_blocks);
        let has_time = !is_spent(gate);
        let got = timed(gate).map(|workload| count(gate, workload, Stage::Screen)).max();
        let reached =
            got.unwrap_or(0).clamp(limits.screen_blocks, EVEN_BLOCKS.max(limits.screen_blocks));
        Self {
            limits: limits.clone(),
            level: limits.false_discovery_rate / judged as f64,
            most_blocks: if has_time { most } else { reached.min(most) } as usize,
            has_time,
            seed: gate.start.seed,
        }
    }
}

/// The power of each row of a report for a slow-down by the share `by`, in the order of rows; `None`
/// for workloads with too few blocks. Noisy workloads take longest.
pub fn powers(report: &GateReport, by: f64) -> Vec<Option<Power>> {
    let mut simulation = Simulation::new(&report.rules, by);
    let mut power = |workload: &str, blocks: &[BlockTimes]| {
        if blocks.len() < LEAST_BLOCKS {
            return None;
        }
        let found = simulation.count_found(workload, blocks, RESAMPLES);
        let found = f64::from(found) / f64::from(RESAMPLES);
        Some(Power { by, found, resamples: RESAMPLES, blocks: blocks.len() })
    };
    report.rows.iter().map(|row| power(&row.workload, &row.blocks)).collect()
}
