//! The time that a comparison will take, said once, from what its first blocks took.

use simple_records::{Gate, GateLimits, Stage};
use simple_reports::judge::{Outlook, Task, outlook, spent_s};
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

    /// The forecast in words, once there are blocks; `None` before and after that, and if it is soon
    /// over and within the budget.
    pub fn words(&mut self, gate: &Gate, tasks: &[Task]) -> Option<String> {
        let first = tasks.first()?;
        if self.is_said || self.blocks == 0 || first.stage != Stage::Screen {
            return None;
        }
        self.is_said = true;
        let each = self.began.elapsed() / self.blocks;
        let Outlook { blocks, workloads, .. } = outlook(gate);
        let all = workloads * gate.start.limits.screen_blocks;
        let spent = Duration::try_from_secs_f64(spent_s(gate)).unwrap_or_default();
        words(&gate.start.limits, each, all.saturating_sub(blocks), spent)
    }
}

/// The forecast before the first block, from what one process of each workload took; `None` if all first
/// blocks are within the budget.
pub(super) fn first_words(block_s: f64, workloads: usize, limits: &GateLimits) -> Option<String> {
    let all_s = block_s * f64::from(limits.screen_blocks);
    let budget_s = limits.budget_s.filter(|budget_s| *budget_s < all_s)?;
    let time = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    Some(format!(
        "one block of each of {workloads} workloads takes about {}: the first {} of each need {}, and \
         the budget is {}, so some may stay open; name fewer benchmarks, or give `--budget {}`",
        precise(time(block_s)),
        limits.screen_blocks,
        text::duration(time(all_s)),
        text::duration(time(budget_s)),
        option(time(all_s))
    ))
}

/// The forecast if `left` first blocks are to come that take `each`, after others that took `spent`.
fn words(limits: &GateLimits, each: Duration, left: u32, spent: Duration) -> Option<String> {
    let (first, fresh) = (limits.screen_blocks, limits.confirm_blocks);
    let left = each * left;
    let suspect = each * fresh;
    let shown = text::duration;
    let mut words = format!(
        "a block takes {} on average: the first {first} blocks of each workload will take {}, and \
         {fresh} more of each workload that looks different {}",
        precise(each),
        shown(left),
        shown(suspect)
    );
    let enough = spent + left + suspect;
    let budget = limits.budget_s.and_then(|budget| Duration::try_from_secs_f64(budget).ok());
    if let Some(budget) = budget.filter(|budget| *budget < enough) {
        words += &format!(
            ". The budget is {}, so some workloads may stay open: `--budget {}` suffices for one \
             workload that looks different",
            shown(budget),
            option(enough)
        );
        return Some(words);
    }
    (left >= LEAST).then_some(words)
}

/// A time that may be short: `4 ms`, `1.6 s`, `3 min`.
fn precise(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        seconds if seconds < 10.0 => format!("{seconds:.1} s"),
        _ => text::duration(time),
    }
}

/// The value of an option that gives at least this time: `42s`, `3m`.
fn option(time: Duration) -> String {
    match time.as_secs_f64().ceil() as u64 {
        seconds @ 0..120 => format!("{}s", seconds.max(1)),
        seconds => format!("{}m", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(each_ms: u64, workloads: u32, budget_s: f64) -> Option<String> {
        let limits = GateLimits { budget_s: Some(budget_s), ..GateLimits::default() };
        let each = Duration::from_millis(each_ms);
        words(&limits, each, workloads * 5, each * workloads)
    }

    #[test]
    fn a_budget_that_does_not_suffice_is_told_with_one_that_does() {
        let words = said(27_000, 1, 10.0).unwrap();
        assert!(words.contains("the first 6 blocks of each workload will take 2 min"), "{words}");
        assert!(words.contains("20 more of each workload that looks different 9 min"), "{words}");
        assert!(
            words.contains("The budget is 10 s") && words.contains("`--budget 12m`"),
            "{words}"
        );
        // The first blocks are within the budget, those of a suspect are not.
        let words = said(1600, 1, 10.0).unwrap();
        assert!(
            words.contains("a block takes 1.6 s") && words.contains("`--budget 42s`"),
            "{words}"
        );
        assert!(!said(1600, 50, 600.0).unwrap().contains("--budget"));
    }

    #[test]
    fn what_is_soon_over_and_within_the_budget_is_not_told() {
        assert_eq!(said(100, 2, 10.0), None);
    }

    #[test]
    fn a_suite_that_is_too_slow_is_told_before_its_first_block() {
        let limits = GateLimits::default();
        let words = first_words(306.0, 9, &limits).unwrap();
        assert!(words.contains("9 workloads takes about 5 min"), "{words}");
        assert!(words.contains("need 31 min") && words.contains("`--budget 31m`"), "{words}");
        assert_eq!(first_words(99.0, 9, &limits), None);
        assert_eq!(first_words(1e9, 9, &GateLimits { budget_s: None, ..limits }), None);
    }
}
