//! Futures that await futures: the naive Fibonacci recursion.

use crate::Prepared;
use crate::catalogue::Family;
use crate::catalogue::executor::{Alternative, add_by_workers};
use crate::peers::{Pool, RayonPool, Settings, TokioPool, in_a_poll, on_a_worker};
use anyhow::Result;
use simple_records::Scale;
use simple_runtime::{RuntimeValue, Value};
use std::pin::Pin;

const FIB: i64 = 18;
const FIB_RESULT: u64 = 2584;
/// Calls that the naive recursion makes for [`FIB`]: 2 fib(n + 1) - 1.
const FIB_CALLS: u64 = 2 * 4181 - 1;

extern "C-unwind" fn fib(n: RuntimeValue) -> Value {
    let n = n.small_int().unwrap_or(0);
    if n < 2 {
        return Value::int(n);
    }
    let left = Value::future(Some(fib), Value::int(n - 1));
    if let Some(left) = left.as_future() {
        left.start();
    }
    let right = Value::future(Some(fib), Value::int(n - 2));
    let sum = awaited(&right) + awaited(&left);
    Value::int(sum)
}

fn awaited(future: &Value) -> i64 {
    let result = future.as_future().and_then(simple_runtime::future::Future::wait);
    result.and_then(|result| result.as_int()).unwrap_or(0)
}

fn futures(workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || {
        let _held = &settings;
        on_a_worker(fib, FIB)
    }))
}

fn manual() -> Result<Prepared> {
    let settings = Settings::manual()?;
    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || {
        let _held = &settings;
        in_a_poll(fib, FIB)
    }))
}

fn join_fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (left, right) = rayon::join(|| join_fib(n - 1), || join_fib(n - 2));
    left + right
}

fn rayon_join(workers: u64) -> Result<Prepared> {
    let pool = RayonPool::start(workers)?;
    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || pool.install(|| join_fib(FIB as u64))))
}

fn spawned_fib(n: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        let left = tokio::spawn(spawned_fib(n - 1));
        let right = spawned_fib(n - 2).await;
        right + left.await.unwrap_or(0)
    })
}

fn tokio_tasks(workers: u64) -> Result<Prepared> {
    let pool = TokioPool::start(workers)?;
    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || pool.on_worker(spawned_fib(FIB as u64))))
}

pub(super) fn family() -> Family {
    let title = "What does a call cost in a tree of nested futures?";
    let mut family = super::question("future/tree", title, Scale::Log)
        .explain(format!(
            "fib({FIB}) with a started future for one branch and an awaited one for the other: \
             {FIB_CALLS} calls, begun on a worker. rayon::join is fork and join without futures: \
             nothing outlives the call, so it allocates nothing. Pools whose awaiting task keeps \
             its worker deadlock here and are missing."
        ))
        .item("call");
    let reason = "the same code inside of a poll, where nobody else can help";
    family.add(("manual poll", 1), reason, |_| manual()).gated();
    let alternatives = [
        Alternative::own("futures", "nested awaits: queue, take back, steal", futures),
        Alternative::peer("rayon join", "the floor for fork and join", rayon_join),
        Alternative::peer("tokio", "a spawned task for one branch of each call", tokio_tasks),
    ];
    add_by_workers(&mut family, &alternatives);
    family
}
