//! The executor: which mode, how many workers, and against whom.

mod grain;
mod inside;
mod outside;
mod round_trip;

use super::Family;
use crate::peers::{PoolKind, Task};
use crate::{Prepared, Profile, Workload};
use anyhow::Result;
use simple_records::{Axes, AxisValue, Comparison};
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of workers that are compared.
pub(super) const WORKERS: [u64; 4] = [1, 2, 4, 8];

pub(super) fn families() -> Vec<Family> {
    vec![
        outside::family(),
        inside::family(),
        round_trip::busy(),
        round_trip::idle(),
        grain::family(),
    ]
}

/// What tasks count in, the same for all alternatives.
static RAN: AtomicU64 = AtomicU64::new(0);

/// Adds one to a shared counter.
pub(super) struct CountOne;

impl Task for CountOne {
    #[inline]
    fn run(_: u64) -> u64 {
        RAN.fetch_add(1, Ordering::Relaxed);
        1
    }
}

/// Waits until so many tasks have run, without taking a core from those that run them, and
/// begins a new count.
fn all_ran(tasks: u64) -> u64 {
    while RAN.load(Ordering::Acquire) < tasks {
        std::thread::yield_now();
    }
    RAN.swap(0, Ordering::Relaxed)
}

fn axes(executor: &str, workers: u64) -> Axes {
    Axes::default().with("executor", executor).with("workers", AxisValue::Count(workers))
}

/// What users get who choose nothing.
fn defaults() -> Axes {
    axes(PoolKind::Threaded.name(), default_workers())
}

/// The workers that the runtime starts if it is not told how many.
pub(super) fn default_workers() -> u64 {
    simple_runtime::thread::available_parallelism() as u64
}

/// An alternative that is measured with each number of workers: its name, the reason for it,
/// whether it is a peer, and what prepares it.
pub(super) type Way = (&'static str, &'static str, bool, fn(u64) -> Result<Prepared>);

/// The workloads of `ways`; `axes` says where a name and a number of workers stand.
pub(super) fn by_workers(
    comparison: &Comparison,
    axes: fn(&str, u64) -> Axes,
    ways: &[Way],
) -> Vec<Workload> {
    let mut workloads = Vec::new();
    for workers in WORKERS {
        for &(name, reason, peer, prepare) in ways {
            let axes = axes(name, workers);
            let workload = Workload::new(comparison, axes, reason, move |_| prepare(workers));
            workloads.push(workload.peer_if(peer).in_profile(profile(workers, peer)));
        }
    }
    workloads
}

/// Two workers tell most. Four and eight on a machine with fewer processors say what too many
/// cost: the runtime shows that in every profile, peers in larger ones.
pub(super) fn profile(workers: u64, peer: bool) -> Profile {
    if workers != 2 && peer { Profile::Standard } else { Profile::Quick }
}
