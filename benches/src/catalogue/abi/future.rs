//! Futures, without an executor where none is needed and in Manual mode where one is.

use super::{CALLS, Call1, Call2, List, Release, asked_of, calls, made_from};
use crate::Prepared;
use crate::peers::Settings;
use anyhow::Result;
use simple_runtime::ffi::executor::rt_executor_poll_all;
use simple_runtime::ffi::future::*;
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "future";
/// Futures in the array of a combined await.
const MANY: u64 = 10;
const READY: i64 = 1;
const FULFILLED: i64 = 3;

/// Makes a future of a body's address and a context.
pub(super) type New = Call2<u64, RuntimeValue, Value>;

/// The body of most futures here: returns 1.
pub(super) extern "C-unwind" fn one(_: RuntimeValue) -> Value {
    Value::int(1)
}

/// The address of a body, as compiled code passes it.
pub(super) fn address(body: extern "C-unwind" fn(RuntimeValue) -> Value) -> u64 {
    body as usize as u64
}

fn ready() -> Value {
    Value::resolved(Value::int(1))
}

fn is_one(value: &Value) -> bool {
    value.as_int() == Some(1)
}

pub(super) fn add(list: &mut List) {
    makers(list);
    questions(list);
    combined(list);
    executed(list);
}

fn makers(list: &mut List) {
    list.add(FAMILY, "rt_future_new", "one block; never run", |_| {
        let (new, release) = (black_box(rt_future_new as New), Release::new());
        calls(1, move || {
            // SAFETY: the address is that of a body, the context is an integer.
            release.give_back(unsafe { new(address(one), Value::int(0).raw()) })
        })
    })
    .quick();
    list.add(FAMILY, "rt_future_resolve", "what is known already where a future is wanted", |_| {
        made_from(Value::int(1), rt_future_resolve, |made| made.as_future().is_some())
    });
    list.add(FAMILY, "rt_future_reject", "an error where a future is wanted", |_| {
        made_from(Value::int(1), rt_future_reject, |made| made.as_future().is_some())
    });
}

fn questions(list: &mut List) {
    let why = "an await of what is there: the fast path of all awaits";
    list.add(FAMILY, ("rt_future_await", "ready"), why, |_| {
        made_from(ready(), rt_future_await, is_one)
    })
    .quick();
    list.add(FAMILY, ("rt_future_await_timeout", "ready"), "the same with a limit", |_| {
        let wait = black_box(rt_future_await_timeout as Call2<RuntimeValue, i64, i64>);
        let future = ready();
        // SAFETY: the closure keeps the future alive.
        calls(1, move || unsafe { wait(future.raw(), 1000) } as u64)
    });
    list.add(FAMILY, "rt_future_is_ready", "who polls by hand asks this most", |_| {
        asked_of(ready(), rt_future_is_ready, READY)
    });
    list.add(FAMILY, "rt_future_get_result", "after an answer that it is ready", |_| {
        made_from(ready(), rt_future_get_result, is_one)
    });
    list.add(FAMILY, "rt_future_state", "one load", |_| {
        asked_of(ready(), rt_future_state, FULFILLED)
    });
    list.add(FAMILY, "rt_future_error", "after an await that gave nil", |_| {
        made_from(Value::rejected(Value::int(1)), rt_future_error, is_one)
    });
}

fn combined(list: &mut List) {
    let futures = || Value::array((0..MANY).map(|_| ready()).collect());
    list.add(FAMILY, "rt_future_all", "a fan-in of ten that are ready", move |_| {
        made_from(futures(), rt_future_all, |made| {
            made.as_array().is_some_and(|results| results.len() as u64 == MANY)
        })
    })
    .quick();
    list.add(FAMILY, "rt_future_race", "the first of ten that are ready", move |_| {
        made_from(futures(), rt_future_race, is_one)
    });
}

fn executed(list: &mut List) {
    list.add(FAMILY, "rt_future_start", "a hundred are queued, then one poll runs all", |_| {
        started()
    })
    .quick();
    list.add(FAMILY, "rt_future_cancel", "a future that nobody wants any more", |_| {
        let new = black_box(rt_future_new as New);
        let cancel = black_box(rt_future_cancel as Call1<RuntimeValue, i64>);
        let release = Release::new();
        calls(1, move || {
            // SAFETY: the address is that of a body, the context is an integer; the future
            // is alive until it is given back.
            unsafe {
                let future = new(address(one), Value::int(0).raw());
                let cancelled = cancel(future.raw());
                release.give_back(future);
                cancelled as u64
            }
        })
    });
}

fn started() -> Result<Prepared> {
    let new = black_box(rt_future_new as New);
    let start = black_box(rt_future_start as Call1<RuntimeValue, i64>);
    let poll_all = black_box(rt_executor_poll_all as extern "C" fn() -> i64);
    let (running, release) = (Settings::manual()?, Release::new());
    Ok(Prepared::new(CALLS, 2 * CALLS, move || {
        let _ = &running;
        let mut started = 0;
        for _ in 0..CALLS {
            // SAFETY: the address is that of a body, the context is an integer; the future
            // is alive until it is given back, and the executor keeps it after that.
            unsafe {
                let future = new(address(one), Value::int(0).raw());
                started += start(future.raw()) as u64;
                release.give_back(future);
            }
        }
        started + poll_all() as u64
    }))
}
