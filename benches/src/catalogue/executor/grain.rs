//! Tasks of uneven length: how much of the processors reaches the work.

use super::WORKERS;
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Task, WithPool};
use crate::team::Team;
use crate::{Prepared, Profile, Workload};
use anyhow::Result;
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// Work of one iteration, in steps.
const STEPS: u64 = 3_000_000;
/// Steps of about a microsecond: each waits for the multiplication before it.
const STEPS_A_MICROSECOND: u64 = 750;

/// Mean lengths of the tasks.
const GRAINS_US: [u64; 3] = [1, 10, 100];

static DONE: AtomicU64 = AtomicU64::new(0);
/// Who waits for all steps. It sleeps: one that looked again and again, and only yielded
/// between, would count as a third thread to a scheduler with two processors to share out.
static WAITER: Mutex<Option<Thread>> = Mutex::new(None);

fn waiter() -> MutexGuard<'static, Option<Thread>> {
    WAITER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does as many steps as its argument says.
struct Steps;

impl Task for Steps {
    fn run(steps: u64) -> u64 {
        let end = (0..steps).fold(1_u64, |x, _| black_box(x).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        black_box(end);
        if DONE.fetch_add(steps, Ordering::Release) + steps == STEPS
            && let Some(waiter) = &*waiter()
        {
            waiter.unpark();
        }
        steps
    }
}

/// Lengths from nothing to twice the mean, the same every time, that add up to [`STEPS`].
fn lengths(grain_us: u64) -> Arc<[u64]> {
    let mean = grain_us * STEPS_A_MICROSECOND;
    let mut random = fastrand::Rng::with_seed(grain_us);
    let mut left = STEPS;
    let mut lengths = Vec::new();
    while left > 0 {
        let length = random.u64(1..mean * 2).min(left);
        lengths.push(length);
        left -= length;
    }
    lengths.into()
}

struct SubmitAll {
    workers: u64,
    grain_us: u64,
}

impl WithPool for SubmitAll {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        let lengths = lengths(self.grain_us);
        Ok(Prepared::new(STEPS, STEPS, move || {
            *waiter() = Some(thread::current());
            lengths.iter().for_each(|&length| pool.submit::<Steps>(length));
            while DONE.load(Ordering::Acquire) < STEPS {
                thread::park();
            }
            DONE.swap(0, Ordering::Relaxed)
        }))
    }
}

/// The floor: every thread knows its share beforehand.
fn static_split(threads: u64, grain_us: u64) -> Prepared {
    let lengths = lengths(grain_us);
    let team = Team::new(threads, |thread| {
        let lengths = lengths.clone();
        move || {
            let mine = lengths.iter().skip(thread as usize).step_by(threads as usize);
            mine.map(|&length| Steps::run(length)).sum()
        }
    });
    Prepared::team(STEPS, STEPS, team)
}

fn axes(executor: &str, workers: u64, grain_us: u64) -> Axes {
    Axes::default()
        .with("executor", executor)
        .with("workers", AxisValue::Count(workers))
        .with("grain", format!("{grain_us}us").as_str())
}

/// Two workers tell most; the rest is for those who look closer.
fn profile(workers: u64, grain_us: u64) -> Profile {
    match (workers, grain_us) {
        (2, 1 | 10) => Profile::Quick,
        (1 | 2, _) | (_, 10) => Profile::Standard,
        _ => Profile::Full,
    }
}

pub(super) fn family() -> Family {
    let comparison = Comparison {
        id: "executor/grain".to_owned(),
        title: "How long must tasks be to be worth handing out?".to_owned(),
        explanation: format!(
            "Tasks of uneven lengths, from nothing to twice the mean, {STEPS} steps together; a \
             step is a multiplication that waits for the one before, about {STEPS_A_MICROSECOND} \
             of them a microsecond. One thread outside submits all and waits. The figure is \
             elapsed time by steps: half of the one worker's figure is all that two workers can \
             reach. The static split hands out nothing: every thread knows its share."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "executor".to_owned(),
        facet_axis: Some("grain".to_owned()),
        defaults: super::defaults(),
        item: "step".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for grain_us in GRAINS_US {
        for workers in WORKERS {
            for kind in PoolKind::ALL {
                let axes = axes(kind.name(), workers, grain_us);
                let prepare = move |_: &_| kind.dispatch(SubmitAll { workers, grain_us });
                let workload = Workload::new(&comparison, axes, kind.reason(), prepare);
                let profile = profile(workers, grain_us);
                workloads.push(workload.peer_if(kind.is_peer()).in_profile(profile));
            }
            let axes = axes("static split", workers, grain_us);
            let reason = "the floor: plain threads that know their shares";
            let split = move |_: &_| Ok(static_split(workers, grain_us));
            let workload = Workload::new(&comparison, axes, reason, split);
            workloads.push(workload.peer().in_profile(profile(workers, grain_us)));
        }
    }
    Family { comparison, workloads }
}
