//! Looking up handles, by lock and number of threads.

use super::Family;
use crate::team::Team;
use crate::{Prepared, Workload};
use anyhow::{Context, Result};
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use simple_runtime::registry::{Dispatch, Handle, Registry, Strategy};
use std::sync::Arc;

const THREADS: [u64; 4] = [1, 2, 4, 8];
/// Entries that all threads read.
const LIVE: u64 = 1000;
/// Entries of its own that a thread replaces in turn.
const OWN: usize = 64;
/// Operations of all threads together in one iteration.
const OPERATIONS: u64 = 64_000;

/// How many operations in a hundred replace an entry.
#[derive(Clone, Copy)]
enum Mix {
    GetOnly,
    FewUpdates,
}

impl Mix {
    fn name(self) -> &'static str {
        match self {
            Self::GetOnly => "get only",
            Self::FewUpdates => "5% updates",
        }
    }

    fn updates_percent(self) -> u64 {
        match self {
            Self::GetOnly => 0,
            Self::FewUpdates => 5,
        }
    }
}

/// What one thread does next, from a small generator of its own.
enum Step {
    Get(usize),
    Replace,
}

struct Steps {
    state: u64,
    updates_percent: u64,
}

impl Steps {
    fn new(thread: u64, mix: Mix) -> Self {
        Self { state: thread + 1, updates_percent: mix.updates_percent() }
    }

    #[inline]
    fn next(&mut self) -> Step {
        // Knuth's MMIX constants; the upper bits are the good ones.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bits = self.state >> 33;
        if bits % 100 < self.updates_percent {
            Step::Replace
        } else {
            Step::Get((bits / 100 % LIVE) as usize)
        }
    }
}

/// One thread's share of an iteration, without a registry: what it must answer.
fn expected(threads: u64, mix: Mix) -> u64 {
    let share = |thread| {
        let mut steps = Steps::new(thread, mix);
        let value = |step| match step {
            Step::Get(index) => index as u64,
            Step::Replace => 1,
        };
        (0..OPERATIONS / threads).map(|_| value(steps.next())).sum::<u64>()
    };
    (0..threads).map(share).sum()
}

/// Prepares the workload for one registry type.
struct Lookups {
    threads: u64,
    mix: Mix,
}

impl Dispatch<u64> for Lookups {
    type Output = Result<Prepared>;

    fn run<R: Registry<u64> + 'static>(self) -> Result<Prepared> {
        // A team's threads outlive this call.
        prepare::<R>(self)
    }
}

fn insert<R: Registry<u64>>(registry: &R, value: u64) -> Result<Handle> {
    registry.insert(value).context("the registry is full")
}

fn prepare<R: Registry<u64> + 'static>(lookups: Lookups) -> Result<Prepared> {
    let Lookups { threads, mix } = lookups;
    let registry = Arc::new(R::default());
    let shared: Result<Vec<_>> = (0..LIVE).map(|value| insert(&*registry, value)).collect();
    let shared = Arc::new(shared?);
    let mut own: Vec<Vec<Handle>> = Vec::new();
    for _ in 0..threads {
        own.push((0..OWN).map(|_| insert(&*registry, 1)).collect::<Result<_>>()?);
    }
    let team = Team::new(threads, |thread| {
        let (registry, shared) = (registry.clone(), shared.clone());
        let mut own = std::mem::take(&mut own[thread as usize]);
        move || {
            let mut steps = Steps::new(thread, mix);
            let mut oldest = 0;
            let mut sum = 0;
            for _ in 0..OPERATIONS / threads {
                sum += match steps.next() {
                    Step::Get(index) => registry.get(shared[index]).map_or(0, |value| *value),
                    Step::Replace => {
                        oldest = (oldest + 1) % OWN;
                        let removed = registry.remove(own[oldest]);
                        match registry.insert(1) {
                            Some(handle) => own[oldest] = handle,
                            None => return 0,
                        }
                        u64::from(removed)
                    }
                };
            }
            sum
        }
    });
    Ok(Prepared::team(OPERATIONS, expected(threads, mix), team))
}

pub(super) fn families() -> Vec<Family> {
    let comparison = Comparison {
        id: "registry/lookup".to_owned(),
        title: "Which lock for the handle registry, with how many threads?".to_owned(),
        explanation: format!(
            "Threads look up handles at random among {LIVE} live entries, {OPERATIONS} operations \
             an iteration together; with updates, five in a hundred remove an entry and insert \
             another. The figure is all threads' operations in a second."
        ),
        x_axis: "threads".to_owned(),
        x_scale: Scale::Log,
        series_axis: "lock".to_owned(),
        facet_axis: Some("mix".to_owned()),
        item: "operation".to_owned(),
        display: Display::ItemsPerSecond,
    };
    let mut workloads = Vec::new();
    for mix in [Mix::GetOnly, Mix::FewUpdates] {
        for threads in THREADS {
            for strategy in Strategy::ALL {
                let axes = Axes::default()
                    .with("lock", strategy.name())
                    .with("threads", AxisValue::Count(threads))
                    .with("mix", mix.name());
                workloads.push(Workload::new(
                    &comparison,
                    axes,
                    "every call with a handle begins with a lookup",
                    move |_| strategy.dispatch::<u64, _>(Lookups { threads, mix }),
                ));
            }
        }
    }
    vec![Family { comparison, workloads }]
}
