//! A result handle for each of many small tasks.

use super::One;
use crate::catalogue::Family;
use crate::catalogue::executor::{WORKERS, effort};
use crate::peers::{Pool, PoolKind, Settings, WithPool, body};
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_records::Scale;
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
    let title = "What does a result handle for each of many small tasks cost?";
    let mut family = super::question("future/await-all", title, Scale::Log)
        .explain(format!(
            "One thread makes {FUTURES} tasks whose bodies return 1, starts them all, and waits \
             for every result. With `all` the waiting thread runs what nobody has begun; \
             `threaded` starts each and waits without helping, as the pools' callers do."
        ))
        .item("future");
    let reason = "fan-out and fan-in; the waiting thread runs what nobody has begun";
    for workers in WORKERS {
        family.add(("all", workers), reason, move |_| all(workers));
        for kind in PoolKind::ALL {
            let is_rare = kind.is_peer() || workers > 2;
            let of_other_numbers = if is_rare { Effort::Standard } else { Effort::Quick };
            let prepare = move |_: &_| kind.dispatch(AskAll { workers });
            let workload = family.add((kind.name(), workers), kind.reason(), prepare);
            workload.peer_if(kind.is_peer()).effort(effort(workers, of_other_numbers));
            if kind == PoolKind::Threaded {
                workload.gated();
            }
        }
    }
    family
}
