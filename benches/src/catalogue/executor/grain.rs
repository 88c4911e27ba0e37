//! Tasks of uneven length: how much of the processors reaches the work.

use super::WORKERS;
use super::tasks::{STEPS_A_MICROSECOND, do_steps};
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Task, WithPool};
use crate::team::Team;
use crate::{Effort, Prepared};
use anyhow::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// Work of one iteration, in steps.
const STEPS: u64 = 3_000_000;

/// Mean lengths of the tasks.
const GRAINS_US: [u64; 3] = [1, 10, 100];

static DONE: AtomicU64 = AtomicU64::new(0);
/// The thread that waits for all steps. It parks: polling and yielding would make it a third
/// runnable thread on a two-processor machine.
static WAITER: Mutex<Option<Thread>> = Mutex::new(None);

fn waiter() -> MutexGuard<'static, Option<Thread>> {
    WAITER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the number of steps that its argument says.
struct Steps;

impl Task for Steps {
    fn run(steps: u64) -> u64 {
        do_steps(steps);
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

/// Two workers tell most; the rest is for those who look closer.
fn effort(workers: u64, grain_us: u64) -> Effort {
    match (workers, grain_us) {
        (2, 1 | 10) => Effort::Quick,
        (1 | 2, _) | (_, 10) => Effort::Standard,
        _ => Effort::Full,
    }
}

pub(super) fn family() -> Family {
    let mut family =
        super::question("executor/grain", "How long must tasks be to be worth handing out?")
            .explain(format!(
                "Tasks of uneven lengths, from nothing to twice the mean, {STEPS} steps together; \
                 a step is a multiplication that waits for the one before, about \
                 {STEPS_A_MICROSECOND} of them a microsecond. One thread outside submits all and \
                 waits. The figure is elapsed time by steps: half of the one worker's figure is \
                 all that two workers can reach. The static split hands out nothing: every thread \
                 knows its share."
            ))
            .facet("grain")
            .item("step");
    for grain_us in GRAINS_US {
        let grain = format!("{grain_us}us");
        for workers in WORKERS {
            let effort = effort(workers, grain_us);
            for kind in PoolKind::ALL {
                let prepare = move |_: &_| kind.dispatch(SubmitAll { workers, grain_us });
                family
                    .add((kind.name(), workers, grain.as_str()), kind.reason(), prepare)
                    .peer_if(kind.is_peer())
                    .effort(effort);
            }
            let reason = "the floor: plain threads that know their shares";
            let split = move |_: &_| Ok(static_split(workers, grain_us));
            let place = ("static split", workers, grain.as_str());
            family.add(place, reason, split).peer().effort(effort);
        }
    }
    family
}
