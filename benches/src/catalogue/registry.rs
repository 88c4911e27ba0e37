//! Looking up handles, by lock and number of threads.

use super::Family;
use crate::peers::{Table, TableKind, WithTable};
use crate::team::Team;
use crate::{Effort, Prepared};
use anyhow::{Context, Result};
use simple_records::{Display, Scale};
use simple_runtime::registry::Strategy;
use std::sync::Arc;

const THREADS: [u64; 4] = [1, 2, 4, 8];
/// Entries that all threads read.
const LIVE: [u64; 3] = [100, 1000, 100_000];
/// Entries of its own that a thread replaces in turn.
const OWN: usize = 64;
/// Operations of all threads together in one iteration.
const OPERATIONS: u64 = 64_000;

/// Share of operations that replace an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mix {
    GetOnly,
    FewUpdates,
    ManyUpdates,
}

impl Mix {
    const ALL: [Self; 3] = [Self::GetOnly, Self::FewUpdates, Self::ManyUpdates];

    fn name(self) -> &'static str {
        match self {
            Self::GetOnly => "get only",
            Self::FewUpdates => "5% updates",
            Self::ManyUpdates => "50% updates",
        }
    }

    fn updates_percent(self) -> u64 {
        match self {
            Self::GetOnly => 0,
            Self::FewUpdates => 5,
            Self::ManyUpdates => 50,
        }
    }
}

/// The next operation of a thread, from a small generator of its own: nothing that is as slow as a
/// lookup, such as a division.
enum Step {
    Get(usize),
    Replace,
}

struct Steps {
    random: fastrand::Rng,
    updates_percent: u64,
    live: u64,
}

impl Steps {
    fn new(thread: u64, mix: Mix, live: u64) -> Self {
        let random = fastrand::Rng::with_seed(thread);
        Self { random, updates_percent: mix.updates_percent(), live }
    }

    #[inline]
    fn next(&mut self) -> Step {
        let bits = self.random.u64(..);
        // Multiplying 32 random bits by a bound and dropping as many gives a number below it.
        let below = |bits: u64, bound: u64| ((bits & 0xFFFF_FFFF) * bound) >> 32;
        if below(bits, 100) < self.updates_percent {
            Step::Replace
        } else {
            Step::Get(below(bits >> 32, self.live) as usize)
        }
    }
}

/// The right result of an iteration: all threads' shares, without a table.
fn expected(Lookups { threads, mix, live }: Lookups) -> u64 {
    let share = |thread| {
        let mut steps = Steps::new(thread, mix, live);
        let value = |step| match step {
            Step::Get(index) => index as u64,
            Step::Replace => 1,
        };
        (0..OPERATIONS / threads).map(|_| value(steps.next())).sum::<u64>()
    };
    (0..threads).map(share).sum()
}

/// Prepares the workload for one type of table.
#[derive(Clone, Copy)]
struct Lookups {
    threads: u64,
    mix: Mix,
    live: u64,
}

fn insert<T: Table>(table: &T, value: u64) -> Result<T::Key> {
    table.insert(value).context("the table is full")
}

impl WithTable for Lookups {
    type Output = Result<Prepared>;

    fn run<T: Table>(self) -> Result<Prepared> {
        let Self { threads, mix, live } = self;
        let table = Arc::new(T::default());
        let shared: Result<Arc<[_]>> = (0..live).map(|value| insert(&*table, value)).collect();
        let shared = shared?;
        let mut own: Vec<Vec<T::Key>> = Vec::new();
        for _ in 0..threads {
            own.push((0..OWN).map(|_| insert(&*table, 1)).collect::<Result<_>>()?);
        }
        let team = Team::new(threads, |thread| {
            let (table, shared) = (table.clone(), shared.clone());
            let mut own = std::mem::take(&mut own[thread as usize]);
            move || operate(&*table, &shared, &mut own, Steps::new(thread, mix, live), threads)
        });
        Ok(Prepared::team(OPERATIONS, expected(self), team))
    }
}

/// One thread's share of an iteration.
fn operate<T: Table>(
    table: &T,
    shared: &[T::Key],
    own: &mut [T::Key],
    mut steps: Steps,
    threads: u64,
) -> u64 {
    let mut oldest = 0;
    let mut sum = 0;
    for _ in 0..OPERATIONS / threads {
        sum += match steps.next() {
            Step::Get(index) => table.get(shared[index]).unwrap_or(0),
            Step::Replace => {
                oldest = (oldest + 1) % OWN;
                let removed = table.remove(own[oldest]);
                match table.insert(1) {
                    Some(key) => own[oldest] = key,
                    None => return 0,
                }
                u64::from(removed)
            }
        };
    }
    sum
}

/// The runtime's locks at the usual size in every effort; the rest in larger ones.
fn effort(kind: TableKind, Lookups { threads, mix, live }: Lookups) -> Effort {
    let few = Mix::FewUpdates;
    match (threads, mix, live) {
        (2 | 8, mix, 1000) if mix == few => Effort::Quick,
        (2, Mix::GetOnly, 1000) if !kind.is_peer() => Effort::Quick,
        (_, _, 1000) => Effort::Standard,
        (2, mix, _) if mix == few => Effort::Standard,
        _ => Effort::Full,
    }
}

fn family(mix: Mix) -> Family {
    let updates = match mix.updates_percent() {
        0 => "Nothing is added or removed meanwhile.".to_owned(),
        percent => format!("{percent} in a hundred remove an entry and insert another instead."),
    };
    let id = format!("registry/{}", mix.name().replace(' ', "-").replace('%', "pct"));
    let title = format!("Which lock for the handle registry: {}?", mix.name());
    let mut family = Family::question(&id, &title)
        .explain(format!(
            "Threads look up handles at random among the live entries, {OPERATIONS} operations an \
             iteration together. {updates} The figure is all threads' operations in a second. \
             Keys of maps are counted up, as a handle without a generation would be."
        ))
        .series("lock")
        .along("threads", Scale::Log)
        .facet("live")
        .default_at("lock", TableKind::Runtime(Strategy::Slab).name())
        .item("operation")
        .display(Display::ItemsPerSecond);
    for live in LIVE {
        for threads in THREADS {
            for kind in TableKind::all() {
                let lookups = Lookups { threads, mix, live };
                let prepare = move |_: &_| kind.dispatch(lookups);
                family
                    .add((kind.name(), threads, live), kind.reason(), prepare)
                    .peer_if(kind.is_peer())
                    .effort(effort(kind, lookups));
            }
        }
    }
    family
}

pub(super) fn families() -> Vec<Family> {
    Mix::ALL.map(family).into()
}
