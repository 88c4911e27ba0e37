//! One task there and its result back: with both sides awake, and with both asleep.

use super::axes;
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Task, WithPool};
use crate::{Prepared, Profile, Workload};
use anyhow::Result;
use simple_records::{Comparison, Display, Scale};
use std::time::Duration;

/// Round trips of an iteration where both sides stay awake.
const BUSY_TRIPS: u64 = 50;
/// Far longer than any pool's threads spin before they sleep.
const UNTIL_ASLEEP: Duration = Duration::from_millis(2);

/// Answers its argument.
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

fn comparison(id: &str, title: &str, explanation: String) -> Comparison {
    Comparison {
        id: id.to_owned(),
        title: title.to_owned(),
        explanation,
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "executor".to_owned(),
        facet_axis: None,
        defaults: super::defaults(),
        item: "round trip".to_owned(),
        display: Display::TimePerItem,
    }
}

pub(super) fn busy() -> Family {
    let comparison = comparison(
        "executor/round-trip-busy",
        "How long until another thread's answer is back, when nobody sleeps?",
        format!(
            "{BUSY_TRIPS} times in a row: hand a task to the pool and wait for its result on a \
             thread outside of it, without running it there. Each side's next job comes within \
             microseconds, so who spins before sleeping is never woken. Between processors that \
             share little cache this is mostly the price of moving lines."
        ),
    );
    let workloads = [1, 2].into_iter().flat_map(|workers| {
        PoolKind::ALL.map(|kind| {
            Workload::new(&comparison, axes(kind.name(), workers), kind.reason(), move |_| {
                kind.dispatch(Busy { workers })
            })
            .peer_if(kind.is_peer())
            .in_profile(if workers == 1 { Profile::Quick } else { Profile::Standard })
        })
    });
    let workloads = workloads.collect();
    Family { comparison, workloads }
}

pub(super) fn idle() -> Family {
    let comparison = comparison(
        "executor/round-trip-idle",
        "How long until another thread's answer is back, when everybody sleeps?",
        format!(
            "Before each round trip the pool is left alone for {} ms, which is not measured, so \
             its threads are asleep; the waiting thread falls asleep too if the answer is slow. \
             The figure is two wake-ups and little else.",
            UNTIL_ASLEEP.as_millis()
        ),
    );
    let workloads = [1, 2].into_iter().flat_map(|workers| {
        PoolKind::ALL.map(|kind| {
            Workload::new(&comparison, axes(kind.name(), workers), kind.reason(), move |_| {
                kind.dispatch(Idle { workers })
            })
            .peer_if(kind.is_peer())
            .in_profile(if workers == 2 { Profile::Quick } else { Profile::Standard })
        })
    });
    let workloads = workloads.collect();
    Family { comparison, workloads }
}
