//! One task there and its result back: with both sides awake, and with both asleep.

use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Task, WithPool};
use crate::{Effort, Prepared};
use anyhow::Result;
use std::time::Duration;

/// Round trips of an iteration where both sides stay awake.
const BUSY_TRIPS: u64 = 50;
/// Far longer than any pool's threads spin before they sleep.
const UNTIL_ASLEEP: Duration = Duration::from_millis(2);

/// Returns its argument.
struct Echo;

impl Task for Echo {
    fn run(argument: u64) -> u64 {
        argument
    }
}

struct Busy {
    workers: u64,
}

impl WithPool for Busy {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        let sum = (0..BUSY_TRIPS).sum();
        Ok(Prepared::new(BUSY_TRIPS, sum, move || {
            (0..BUSY_TRIPS).map(|i| pool.wait(pool.ask::<Echo>(i))).sum()
        }))
    }
}

struct Idle {
    workers: u64,
}

impl WithPool for Idle {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        let fall_asleep = || {
            std::thread::sleep(UNTIL_ASLEEP);
            Ok(crate::Condition::Holds)
        };
        Ok(Prepared::staged(1, 7, fall_asleep, move || pool.wait(pool.ask::<Echo>(7))))
    }
}

pub(super) fn busy() -> Family {
    let title = "How long until another thread's answer is back, when nobody sleeps?";
    let mut family = super::question("executor/round-trip-busy", title)
        .explain(format!(
            "{BUSY_TRIPS} times in a row: hand a task to the pool and wait for its result on a \
             thread outside of it, without running it there. Each side's next job comes within \
             microseconds, so who spins before sleeping is never woken. Between processors that \
             share little cache this is mostly the price of moving lines."
        ))
        .item("round trip");
    for workers in [1, 2] {
        for kind in PoolKind::ALL {
            let prepare = move |_: &_| kind.dispatch(Busy { workers });
            let effort = if workers == 1 { Effort::Quick } else { Effort::Standard };
            let workload = family.add((kind.name(), workers), kind.reason(), prepare);
            workload.peer_if(kind.is_peer()).effort(effort);
            if kind == PoolKind::Threaded {
                workload.gated();
            }
        }
    }
    family
}

pub(super) fn idle() -> Family {
    let title = "How long until another thread's answer is back, when everybody sleeps?";
    let mut family = super::question("executor/round-trip-idle", title)
        .explain(format!(
            "Before each round trip the pool is left alone for {} ms, which is not measured, so \
             its threads are asleep; the waiting thread falls asleep too if the answer is slow. \
             The figure is two wake-ups and little else.",
            UNTIL_ASLEEP.as_millis()
        ))
        .item("round trip");
    for workers in [1, 2] {
        for kind in PoolKind::ALL {
            let prepare = move |_: &_| kind.dispatch(Idle { workers });
            family
                .add((kind.name(), workers), kind.reason(), prepare)
                .peer_if(kind.is_peer())
                .effort(if workers == 2 { Effort::Quick } else { Effort::Standard });
        }
    }
    family
}
