//! The end of a budget for blocks that a verdict needs: they may take a little longer than it, but not for
//! hours.
//!
//! If the first blocks of all workloads do not fit, those of as many workloads as possible are measured,
//! because a few blocks of each would decide nothing.

use super::plan::{Task, blocks_s, spent_s};
use simple_records::{Gate, GateLimits, Stage};

/// Share of the budget by which the blocks that a verdict needs may exceed it.
const OVER: f64 = 0.2;
/// The same in seconds, where that is more.
const LEAST_OVER_S: f64 = 60.0;
/// Share of all time for first blocks if not all workloads can have them: suspects need the rest.
const FIRST_SHARE: f64 = 2.0 / 3.0;

/// Splits tasks into those that may be done, and those whose workloads cannot have all blocks that a verdict
/// needs until the end.
pub(super) fn affordable(gate: &Gate, tasks: Vec<Task>) -> (Vec<Task>, Vec<Task>) {
    let Some(budget_s) = gate.start.limits.budget_s else { return (tasks, Vec::new()) };
    let Some(usual_s) = mean(blocks_s(gate, None)) else { return (tasks, Vec::new()) };
    let (needed, mut may): (Vec<Task>, Vec<Task>) =
        tasks.into_iter().partition(|task| task.block < least(gate, task));
    let need = |task: Task| (needed_s(gate, &task, usual_s), task);
    let (first, fresh): (Vec<Need>, Vec<Need>) =
        needed.into_iter().map(need).partition(|(_, task)| task.stage == Stage::Screen);
    let end_s = budget_s + (OVER * budget_s).max(LEAST_OVER_S);
    let left_s = (end_s - spent_s(gate)).max(0.0);
    let is_enough = first.iter().map(|(needed_s, _)| needed_s).sum::<f64>() <= left_s;
    let for_first_s = if is_enough { left_s } else { left_s - (1.0 - FIRST_SHARE) * end_s };
    let (first_s, first, mut over) = split(first, for_first_s);
    let (_, fresh, too_many) = split(fresh, left_s - first_s);
    may.extend(first.into_iter().chain(fresh));
    over.extend(too_many);
    (may, over)
}

/// A task, and the time that its workload needs.
type Need = (f64, Task);

/// Splits tasks, of which those that need least come first, into those that fit into a time and the others;
/// returns the time of those that fit as well.
fn split(mut needs: Vec<Need>, seconds: f64) -> (f64, Vec<Task>, Vec<Task>) {
    needs.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let (mut sum_s, mut fit, mut over) = (0.0, Vec::new(), Vec::new());
    for (needed_s, task) in needs {
        // None that follows needs less.
        match sum_s + needed_s <= seconds {
            true => {
                sum_s += needed_s;
                fit.push(task);
            }
            false => over.push(task),
        }
    }
    (sum_s, fit, over)
}

/// Time that a workload needs for the blocks of a stage without which there is no verdict.
fn needed_s(gate: &Gate, task: &Task, usual_s: f64) -> f64 {
    let blocks = least(gate, task) - task.block;
    let each_s = mean(blocks_s(gate, Some(&task.workload))).unwrap_or(usual_s);
    f64::from(blocks) * each_s
}

/// Number of blocks of the stage of a task without which there is no verdict.
fn least(gate: &Gate, task: &Task) -> u32 {
    let GateLimits { screen_blocks, confirm_blocks, .. } = &gate.start.limits;
    match task.stage {
        Stage::Screen => *screen_blocks,
        Stage::Confirm => *confirm_blocks,
    }
}

fn mean(times: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = times.fold((0.0, 0.0), |(count, sum), time| (count + 1.0, sum + time));
    (count > 0.0).then(|| sum / count)
}
