//! A result handle for each of many small tasks.

use super::{One, axes};
use crate::catalogue::Family;
use crate::catalogue::executor::{WORKERS, profile};
use crate::peers::{Pool, PoolKind, Settings, WithPool, body};
use crate::{Prepared, Workload};
use anyhow::Result;
use simple_records::{Comparison, Display, Scale};
use simple_runtime::{Value, future};

const FUTURES: u64 = 10_000;

/// Asks for everything, then waits for everything.
struct AskAll {
    workers: u64,
}

impl WithPool for AskAll {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        Ok(Prepared::new(FUTURES, FUTURES, move || {
            let replies: Vec<_> = (0..FUTURES).map(|i| pool.ask::<One>(i)).collect();
            replies.into_iter().map(|reply| pool.wait(reply)).sum()
        }))
    }
}

fn all(workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    Ok(Prepared::new(FUTURES, FUTURES, move || {
        let _held = &settings;
        let make = |_| Value::future(Some(body::<One>), Value::nil());
        let futures: Vec<_> = (0..FUTURES).map(make).collect();
        future::all(&futures).iter().filter_map(Value::as_int).sum::<i64>() as u64
    }))
}

pub(super) fn family() -> Family {
    let comparison = Comparison {
        id: "future/await-all".to_owned(),
        title: "What does a result handle for each of many small tasks cost?".to_owned(),
        explanation: format!(
            "One thread makes {FUTURES} tasks whose bodies answer 1, starts them all, and waits \
             for every result. With `all` the waiting thread runs what nobody has begun; \
             `threaded` starts each and waits without helping, as the pools' callers do."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "how".to_owned(),
        facet_axis: None,
        defaults: super::defaults(),
        item: "future".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for workers in WORKERS {
        workloads.push(Workload::new(
            &comparison,
            axes("all", workers),
            "fan-out and fan-in; the waiting thread runs what nobody has begun",
            move |_| all(workers),
        ));
        for kind in PoolKind::ALL {
            let workload =
                Workload::new(&comparison, axes(kind.name(), workers), kind.reason(), move |_| {
                    kind.dispatch(AskAll { workers })
                });
            let rare = kind.is_peer() || workers > 2;
            workloads.push(workload.peer_if(kind.is_peer()).in_profile(profile(workers, rare)));
        }
    }
    Family { comparison, workloads }
}
