//! Workloads that more time would decide: those that need least of it come first.

use super::confirm::confirmation;
use super::effect::effects;
use super::plan::{EVEN_BLOCKS, Standing, Task, count, next_check, spent_s, standing, timed};
use simple_records::{Gate, GateLimits, Stage};

/// A workload is given up if it seems to need more than this many times the most blocks. The estimate
/// rests on few blocks and is rough.
const HOPELESS: f64 = 1.5;

/// An open workload, and the time that would decide it.
#[derive(Debug)]
struct Prospect<'g> {
    workload: &'g str,
    stage: Stage,
    blocks: u32,
    needed_s: f64,
}

/// Blocks until the next check of one of the workloads that the time left suffices for; none if there is none.
/// Each call looks at whole checks only, so a comparison that was interrupted goes on the same way.
pub(super) fn most_promising(gate: &Gate) -> Vec<Task> {
    let left_s = gate.start.limits.budget_s.map_or(f64::INFINITY, |all| all - spent_s(gate));
    let mut prospects: Vec<Prospect> =
        timed(gate).filter_map(|workload| prospect(gate, workload)).collect();
    prospects.sort_by(|one, other| one.needed_s.total_cmp(&other.needed_s));
    let mut sum_s = 0.0;
    let within = prospects.into_iter().take_while(|one| {
        sum_s += one.needed_s;
        sum_s <= left_s
    });
    // Of those, suspects first, then the one with the fewest blocks: each is spread over time.
    let chosen = within.min_by_key(|one| (one.stage == Stage::Screen, one.blocks));
    let Some(Prospect { workload, stage, blocks, .. }) = chosen else { return Vec::new() };
    let limits = &gate.start.limits;
    let until = match stage {
        Stage::Screen => next_check(limits, blocks),
        Stage::Confirm => limits.confirm_again_blocks,
    };
    (blocks..until).map(|block| Task { workload: workload.to_owned(), stage, block }).collect()
}

fn prospect<'g>(gate: &'g Gate, workload: &'g str) -> Option<Prospect<'g>> {
    let limits = &gate.start.limits;
    let (stage, blocks, more) = match standing(gate, workload) {
        Standing::Unfinished => {
            let blocks = count(gate, workload, Stage::Screen);
            if !(EVEN_BLOCKS..limits.most_screen_blocks).contains(&blocks) {
                return None;
            }
            let head = effects(gate, workload, Stage::Screen)?.head;
            let (estimate, interval) = (head.estimate, head.interval);
            let ends = [interval.low, interval.high];
            let all = blocks_until_decided(head.blocks, estimate, ends, limits);
            if is_hopeless(all, limits) {
                return None;
            }
            (Stage::Screen, blocks, (all - f64::from(blocks)).max(1.0))
        }
        Standing::Suspect(_) => {
            let blocks = count(gate, workload, Stage::Confirm);
            let (first, again) = (limits.confirm_blocks, limits.confirm_again_blocks);
            if blocks != first || again <= first {
                return None;
            }
            let judged = confirmation(gate, workload)?;
            if !judged.is_open || judged.p_slower <= surely_rejected(gate) {
                return None;
            }
            (Stage::Confirm, blocks, f64::from(again - first))
        }
        Standing::Clear(_) | Standing::Open(_) => return None,
    };
    let needed_s = more * block_s(gate, workload);
    Some(Prospect { workload, stage, blocks, needed_s })
}

/// Returns whether a workload that seems to need this many blocks is given up.
pub(super) fn is_hopeless(all: f64, limits: &GateLimits) -> bool {
    all > HOPELESS * f64::from(limits.most_screen_blocks)
}

/// Number of blocks at which an interval that shrinks with their root excludes either the slow-down that
/// is looked for or zero; from what this many blocks say.
pub(super) fn blocks_until_decided(
    blocks: usize,
    estimate: f64,
    [low, high]: [f64; 2],
    limits: &GateLimits,
) -> f64 {
    let reach = (high - low) / 2.0;
    let distance = (limits.min_effect.ln_1p() - estimate).max(estimate);
    blocks as f64 * (reach / distance).powi(2)
}

/// A probability that is rejected whatever the other workloads say.
fn surely_rejected(gate: &Gate) -> f64 {
    gate.start.limits.false_discovery_rate / timed(gate).count().max(1) as f64
}

/// Mean time of a workload's blocks, in seconds.
fn block_s(gate: &Gate, workload: &str) -> f64 {
    let here = gate.blocks.iter().filter(|block| block.workload == workload);
    let times: Vec<f64> = here.filter_map(|block| block.elapsed_s).collect();
    times.iter().sum::<f64>() / times.len().max(1) as f64
}
