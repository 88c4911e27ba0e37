//! Doses: numbers of steps that make a hot path slower by a known share.
//!
//! The first step at a place costs more than the others (`simple_runtime`'s module `slowdown`),
//! so both sides make one, and the head makes more.

use crate::gate::block::Arena;
use crate::gate::sides::Programs;
use crate::harness::Log;
use crate::harness::block::Ground;
use crate::harness::valgrind::Scope;
use anyhow::{Context, Result};
use simple_records::{Side, Stage, Witness};
use simple_reports::judge::{Task, difference};
use simple_reports::stats::signed_rank;

/// A hot path, and a workload that goes through it.
#[derive(Debug)]
pub struct Path {
    /// Name of the place in the runtime.
    pub site: &'static str,
    /// The workload.
    pub workload: &'static str,
}

/// Paths that are slowed in time.
pub static TIMED: [Path; 8] = [
    Path { site: "future-run", workload: "future/tree/manual poll/1" },
    Path { site: "future-run", workload: "executor/spawn-inside/threaded/2" },
    Path { site: "future-new", workload: "future/new-await/await/1" },
    Path { site: "registry-get", workload: "registry/get-only/slab/2/1000" },
    Path { site: "file-load", workload: "file/load/auto/4KiB/warm" },
    Path { site: "deep-copy", workload: "value/deep-copy/array of strings/1000" },
    Path { site: "aop-call", workload: "aop/chain/runtime/4" },
    Path { site: "channel-send", workload: "channel/throughput/runtime/0" },
];

/// Paths that are slowed in time to find out how often a run is right, besides those of [`TIMED`].
pub static BENCHED_TOO: [Path; 2] = [
    Path { site: "coverage-probe", workload: "coverage/probe/decision/1/1000" },
    Path { site: "channel-send", workload: "channel/throughput/runtime/1" },
];

/// Paths that are made to execute more instructions.
pub static COUNTED: [Path; 4] = [
    Path { site: "future-new", workload: "abi/calls/future/rt_future_new" },
    Path { site: "channel-send", workload: "abi/calls/channel/rt_channel_send" },
    Path { site: "aop-call", workload: "abi/calls/aop/rt_aop_proceed, one advice" },
    Path {
        site: "coverage-probe",
        workload: "abi/calls/coverage/rt_coverage_decision_probe, next",
    },
];

/// Smallest slow-down that is set by measuring; smaller ones are fractions of it, because the time to
/// measure them as precisely grows quadratically.
const LEAST_MEASURED: f64 = 0.05;
/// Largest error of a dose; a less precise one is left out.
const CLOSE_ENOUGH: f64 = 0.15;
/// Number of doses that are tried.
const ATTEMPTS: u32 = 5;
/// Steps that are tried first.
const FIRST_STEPS: f64 = 20.0;
/// Blocks by which the effect of a dose is measured.
const BLOCKS: u32 = 12;

/// A number of steps and its effect.
#[derive(Debug, Clone, Copy)]
pub struct Dose {
    /// Steps that the head makes more.
    pub steps: u32,
    /// Share by which it should be slower.
    pub share: f64,
}

/// The dose that slows `path` by the share `by`, in time or in instructions. `None` if it cannot
/// be set closely enough. Another dose of the path, `known`, says what to try first.
pub fn dose(
    programs: &Programs,
    path: &Path,
    witness: Witness,
    by: f64,
    known: Option<Dose>,
) -> Result<Option<Dose>> {
    let aim = match witness {
        Witness::Time => by.max(LEAST_MEASURED),
        Witness::Instructions => by,
    };
    let mut steps = known.map_or(FIRST_STEPS, |dose| f64::from(dose.steps) * aim / dose.share);
    for _ in 0..ATTEMPTS {
        let tried = steps.round().max(1.0);
        let share = match witness {
            Witness::Time => longer(programs, path, tried as u32)?,
            Witness::Instructions => more_instructions(programs, path, tried as u32)?,
        };
        if (share / aim - 1.0).abs() <= CLOSE_ENOUGH {
            let part = (tried * by / aim).round();
            let dose = Dose { steps: part as u32, share: share * part / tried };
            return Ok((dose.steps > 0 && close(dose.share, by)).then_some(dose));
        }
        // In proportion; a dose without visible effect is multiplied by ten.
        steps = tried * (aim / share.max(aim / 10.0));
    }
    Ok(None)
}

fn close(share: f64, by: f64) -> bool {
    (share / by - 1.0).abs() <= 2.0 * CLOSE_ENOUGH
}

/// Variables of a side that makes this many steps more.
pub fn environment(path: &Path, steps: u32) -> Vec<(String, String)> {
    vec![("SIMPLE_RT_SLOWDOWN".to_owned(), format!("{}={}", path.site, 1 + steps))]
}

/// Returns the share by which the head takes longer with this many steps more.
fn longer(programs: &Programs, path: &Path, steps: u32) -> Result<f64> {
    let arena = with_steps(programs, path, steps)?;
    let mut differences = Vec::new();
    for block in 0..BLOCKS {
        let workload = path.workload.to_owned();
        let task = Task { workload, stage: Stage::Confirm, block };
        let block = arena.measure(&task, 0).map_err(|failure| failure.why)?;
        differences.extend(difference(&block));
    }
    let middle = signed_rank(&differences).context("nothing was timed")?;
    Ok(middle.estimate.exp_m1())
}

/// Returns the share by which the head executes more instructions with this many steps more.
fn more_instructions(programs: &Programs, path: &Path, steps: u32) -> Result<f64> {
    let arena = with_steps(programs, path, steps)?;
    let count = |side| {
        let profile = arena.sides.instructions(path.workload, side, Scope::Iteration)?;
        Ok::<_, anyhow::Error>(profile.costs.instructions as f64)
    };
    Ok(count(Side::Head)? / count(Side::Base)? - 1.0)
}

fn with_steps(programs: &Programs, path: &Path, steps: u32) -> Result<Arena> {
    let Programs { base, head, ground, layouts, .. } = programs;
    let programs = Programs {
        base: base.clone(),
        head: head.clone(),
        base_environment: environment(path, 0),
        head_environment: environment(path, steps),
        layouts: layouts.clone(),
        ground: Ground {
            data: ground.data.clone(),
            log: Log::append_to(&ground.log.path)?,
            pin: None,
        },
    };
    Ok(Arena::new(Box::new(programs), None))
}
