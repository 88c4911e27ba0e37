//! A future that is made and awaited at once.

use super::One;
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Settings, WithPool, body};
use crate::{Effort, Prepared};
use anyhow::Result;
use simple_records::Scale;
use simple_runtime::{Value, executor, future};

const FUTURES: u64 = 100;

fn wait(future: &Value) -> u64 {
    let result = future.as_future().and_then(future::Future::wait);
    result.and_then(|result| result.as_int()).unwrap_or(0) as u64
}

fn one() -> Value {
    Value::future(Some(body::<One>), Value::nil())
}

/// The same through a pool: another thread makes the result.
struct AskAndWait;

impl WithPool for AskAndWait {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(1)?;
        Ok(Prepared::new(FUTURES, FUTURES, move || {
            (0..FUTURES).map(|i| pool.wait(pool.ask::<One>(i))).sum()
        }))
    }
}

fn awaited() -> Result<Prepared> {
    let settings = Settings::threaded(1)?;
    Ok(Prepared::new(FUTURES, FUTURES, move || {
        let _held = &settings;
        (0..FUTURES).map(|_| wait(&one())).sum()
    }))
}

fn polled() -> Result<Prepared> {
    let settings = Settings::manual()?;
    Ok(Prepared::new(FUTURES, FUTURES, move || {
        let _held = &settings;
        let run = |_| {
            let future = one();
            wait(&future);
            executor::poll();
            wait(&future)
        };
        (0..FUTURES).map(run).sum()
    }))
}

pub(super) fn family() -> Family {
    let title = "What does it cost to make a future and await it at once?";
    let mut family = super::question("future/new-await", title, Scale::Category)
        .explain(format!(
            "{FUTURES} times in turn: make a task whose body returns 1, and wait for its result. \
             The runtime's awaiter runs a body that has not begun itself; a pool hands it to \
             another thread and back. Manual mode queues it and polls. A function call is what \
             all of this is instead of."
        ))
        .item("future");
    let reason = "the most frequent use of a future: no thread is involved";
    family.add(("await", 1), reason, |_| awaited()).gated();
    let reason = "the same for embedded use, where bodies run in polls only";
    family.add(("manual poll", 1), reason, |_| polled()).gated();
    for kind in PoolKind::ALL.into_iter().filter(|kind| kind.is_peer()) {
        let usual = matches!(kind, PoolKind::Naive | PoolKind::Crossbeam | PoolKind::Tokio);
        family
            .add((kind.name(), 1), kind.reason(), move |_| kind.dispatch(AskAndWait))
            .peer()
            .effort(if usual { Effort::Quick } else { Effort::Standard });
    }
    family
}
