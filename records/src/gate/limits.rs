//! Limits of a gate's verdict, and the blocks that it takes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limits of the verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateLimits {
    /// The slow-down in time that is to be found: 0.05 is 5%.
    pub min_effect: f64,
    /// The growth in instructions that is a regression: 0.005 is 0.5%.
    pub instructions: f64,
    /// The same for workloads that have a limit of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instructions_of: BTreeMap<String, f64>,
    /// False discovery rate that is controlled over all workloads.
    pub false_discovery_rate: f64,
    /// Blocks with which every workload begins.
    pub screen_blocks: u32,
    /// Blocks after which a workload that is still open stays so.
    pub most_screen_blocks: u32,
    /// Fresh blocks by which a suspect is judged.
    pub confirm_blocks: u32,
    /// Fresh blocks by which a suspect is judged once more if the first judgement left it open; no second
    /// judgement if they are not more.
    #[serde(default)]
    pub confirm_again_blocks: u32,
    /// Time for all blocks in seconds. Beyond it, a workload gets only the blocks without which there is no
    /// verdict. Without a limit, every open workload gets all blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_s: Option<f64>,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self {
            min_effect: 0.05,
            instructions: 0.005,
            instructions_of: BTreeMap::new(),
            false_discovery_rate: 0.01,
            screen_blocks: 6,
            most_screen_blocks: 2000,
            confirm_blocks: 20,
            confirm_again_blocks: 400,
            budget_s: Some(600.0),
        }
    }
}

impl GateLimits {
    /// The growth in instructions that is a regression of this workload.
    pub fn instructions_of(&self, workload: &str) -> f64 {
        self.instructions_of.get(workload).copied().unwrap_or(self.instructions)
    }
}
