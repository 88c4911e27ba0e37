//! The executor: which mode, how many workers, and against whom.

mod grain;
mod inside;
mod outside;
mod round_trip;
pub(super) mod tasks;

use super::Family;
use crate::peers::PoolKind;
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_records::Scale;

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

/// A question about executors by number of workers, with the defaults of both.
fn question(id: &str, title: &str) -> Family {
    Family::question(id, title)
        .series("executor")
        .along("workers", Scale::Log)
        .default_at("executor", PoolKind::Threaded.name())
        .default_at("workers", default_workers())
}

/// Workers that the runtime starts by default.
pub(super) fn default_workers() -> u64 {
    simple_runtime::thread::available_parallelism() as u64
}

/// An alternative that is measured with each number of workers.
#[derive(Clone, Copy)]
pub(super) struct Alternative {
    name: &'static str,
    reason: &'static str,
    is_peer: bool,
    prepare: fn(u64) -> Result<Prepared>,
}

impl Alternative {
    /// One of the runtime's own; `prepare` gets the number of workers.
    pub(super) fn own(
        name: &'static str,
        reason: &'static str,
        prepare: fn(u64) -> Result<Prepared>,
    ) -> Self {
        Self { name, reason, is_peer: false, prepare }
    }

    /// Somebody else's code.
    pub(super) fn peer(
        name: &'static str,
        reason: &'static str,
        prepare: fn(u64) -> Result<Prepared>,
    ) -> Self {
        Self { is_peer: true, ..Self::own(name, reason, prepare) }
    }
}

/// Adds each alternative with each number of workers; the axes are a name and that number.
pub(super) fn add_by_workers(family: &mut Family, alternatives: &[Alternative]) {
    for workers in WORKERS {
        for &Alternative { name, reason, is_peer, prepare } in alternatives {
            let of_other_numbers = if is_peer { Effort::Standard } else { Effort::Quick };
            family
                .add((name, workers), reason, move |_| prepare(workers))
                .peer_if(is_peer)
                .effort(effort(workers, of_other_numbers));
        }
    }
}

/// Two workers tell most. Four and eight on a machine with fewer processors show the cost of too
/// many: that of the runtime is measured at every effort, that of peers at a larger one.
pub(super) fn effort(workers: u64, of_other_numbers: Effort) -> Effort {
    if workers == 2 { Effort::Quick } else { of_other_numbers }
}
