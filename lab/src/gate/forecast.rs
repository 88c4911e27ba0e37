//! The time that a comparison will take, said once, from what its first blocks took.

use simple_records::{Gate, Stage};
use simple_reports::judge::Task;
use simple_reports::text;
use std::time::{Duration, Instant};

/// Less than this is not worth a line.
const LEAST: Duration = Duration::from_secs(20);

/// A forecast, or what is needed for it.
#[derive(Debug)]
pub struct Forecast {
    began: Instant,
    /// Blocks that were measured since then.
    blocks: u32,
    is_said: bool,
}

impl Forecast {
    /// Nothing was measured yet.
    pub fn begin() -> Self {
        Self { began: Instant::now(), blocks: 0, is_said: false }
    }

    /// A block was measured.
    pub fn step(&mut self) {
        self.blocks += 1;
    }

    /// The forecast in words, once each workload of `tasks` had a block; `None` before and
    /// after that, and if it is soon over.
    pub fn words(&mut self, gate: &Gate, tasks: &[Task]) -> Option<String> {
        let first = tasks.first()?;
        if self.is_said || self.blocks == 0 || first.stage != Stage::Screen {
            return None;
        }
        self.is_said = true;
        let limits = &gate.start.limits;
        let each = self.began.elapsed() / self.blocks;
        let workloads = tasks.len() as u32;
        let least = each * workloads * limits.screen_blocks.saturating_sub(first.block);
        let suspect = each * limits.confirm_blocks;
        (least >= LEAST).then(|| {
            format!(
                "a block takes {} on average: all first blocks will take {}, and {} more each \
                 workload that looks different",
                text::duration(each),
                text::duration(least),
                text::duration(suspect)
            )
        })
    }
}
