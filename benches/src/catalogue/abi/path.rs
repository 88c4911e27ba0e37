//! Paths through several calls: what programs do all the time.

use super::channel::{Receive, Send};
use super::coverage::Decision;
use super::future::{New, address, one};
use super::{Call1, List, Release, calls, made_from};
use crate::Prepared;
use crate::peers::Settings;
use anyhow::Result;
use simple_runtime::ffi::channel::{rt_channel_recv, rt_channel_send};
use simple_runtime::ffi::coverage::rt_coverage_decision_probe;
use simple_runtime::ffi::executor::{rt_executor_poll, rt_executor_poll_all};
use simple_runtime::ffi::future::*;
use simple_runtime::ffi::value::rt_value_deep_copy;
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "path";
const FIB: i64 = 10;
const FIB_RESULT: u64 = 55;
/// Calls that the naive recursion makes for [`FIB`].
const FIB_CALLS: u64 = 177;
/// Decisions of a small function.
const DECISIONS: u32 = 5;

pub(super) fn add(list: &mut List) {
    futures(list);
    let why = "what an isolated thread is given: a tree with sharing";
    list.add_text(FAMILY, "deep copy of a small graph", why, |_| {
        made_from(graph(), rt_value_deep_copy, |copy| {
            copy.as_array().is_some_and(|items| items.len() == 6)
        })
    });
    let why = "a string passed on between two parts of a program";
    list.add_text(FAMILY, "channel send and recv", why, |_| {
        let send = black_box(rt_channel_send as Send);
        let receive = black_box(rt_channel_recv as Receive);
        let (channel, text, release) = (Value::channel(), Value::string("text"), Release::new());
        calls(2, move || {
            // SAFETY: the closure keeps channel and text alive.
            let sent = unsafe { send(channel.raw(), text.raw()) };
            // SAFETY: as above.
            sent as u64 + release.give_back(unsafe { receive(channel.raw()) })
        })
    });
    let why = "a function of five decisions, run again and again";
    list.add_text(FAMILY, "coverage of a small function", why, |_| {
        let decision = black_box(rt_coverage_decision_probe as Decision);
        calls(1, move || {
            for id in 0..DECISIONS {
                // SAFETY: the file is a constant.
                unsafe { decision(id, (id % 2 == 0).into(), c"bench.spl".as_ptr(), id, 1) };
            }
            1
        })
    });
}

/// Strings, boxed numbers, an array twice, and one string in all of them. No ring: a copy of
/// one could not be given back.
fn graph() -> Value {
    let text = Value::string("shared");
    let inner = Value::array(vec![text.clone(), Value::int(1), Value::float(0.1)]);
    Value::array(vec![
        text,
        inner.clone(),
        inner,
        Value::int(i64::MAX),
        Value::string("another"),
        Value::bool(true),
    ])
}

fn futures(list: &mut List) {
    let why = "a future that is awaited at once: run by its awaiter, no thread, no queue";
    list.add_text(FAMILY, "future new and await", why, |_| {
        let new = black_box(rt_future_new as New);
        let wait = black_box(rt_future_await as Call1<RuntimeValue, Value>);
        let release = Release::new();
        calls(Value::int(1).raw().to_bits(), move || {
            // SAFETY: the address is that of a body, the context is an integer; the future
            // is alive until it is given back.
            unsafe {
                let future = new(address(one), Value::int(0).raw());
                let result = wait(future.raw()).into_raw().to_bits();
                release.give_back(future);
                result
            }
        })
    });
    let why = "the same for embedded use: queued, run by a poll, then awaited";
    list.add_text(FAMILY, "future start, poll and await in manual mode", why, |_| polled());
    let why = "nested futures inside of a poll: 177 calls, half of them started, half awaited";
    list.add_text(FAMILY, "fib(10) by futures in manual mode", why, |_| fibonacci());
}

fn polled() -> Result<Prepared> {
    let new = black_box(rt_future_new as New);
    let start = black_box(rt_future_start as Call1<RuntimeValue, i64>);
    let wait = black_box(rt_future_await as Call1<RuntimeValue, Value>);
    let poll = black_box(rt_executor_poll as extern "C" fn() -> i64);
    let (running, release) = (Settings::manual()?, Release::new());
    calls(Value::int(1).raw().to_bits(), move || {
        let _ = &running;
        // SAFETY: the address is that of a body, the context is an integer; the future is
        // alive until it is given back.
        unsafe {
            let future = new(address(one), Value::int(0).raw());
            start(future.raw());
            poll();
            let result = wait(future.raw()).into_raw().to_bits();
            release.give_back(future);
            result
        }
    })
}

extern "C-unwind" fn fib(n: RuntimeValue) -> Value {
    let n = n.small_int().unwrap_or(0);
    if n < 2 {
        return Value::int(n);
    }
    let new = black_box(rt_future_new as New);
    let start = black_box(rt_future_start as Call1<RuntimeValue, i64>);
    let wait = black_box(rt_future_await as Call1<RuntimeValue, Value>);
    let release = Release::new();
    // SAFETY: the address is that of a body, the contexts are integers; the futures are alive
    // until they are given back.
    unsafe {
        let left = new(address(fib), Value::int(n - 1).raw());
        start(left.raw());
        let right = new(address(fib), Value::int(n - 2).raw());
        let sum = wait(right.raw()).into_raw().small_int().unwrap_or(0)
            + wait(left.raw()).into_raw().small_int().unwrap_or(0);
        release.give_back(right);
        release.give_back(left);
        Value::int(sum)
    }
}

fn fibonacci() -> Result<Prepared> {
    let new = black_box(rt_future_new as New);
    let start = black_box(rt_future_start as Call1<RuntimeValue, i64>);
    let result = black_box(rt_future_get_result as Call1<RuntimeValue, Value>);
    let poll_all = black_box(rt_executor_poll_all as extern "C" fn() -> i64);
    let (running, release) = (Settings::manual()?, Release::new());
    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || {
        let _ = &running;
        // SAFETY: the address is that of a body, the context is an integer; the future is
        // alive until it is given back.
        unsafe {
            let root = new(address(fib), Value::int(FIB).raw());
            start(root.raw());
            poll_all();
            let sum = result(root.raw()).into_raw().small_int().unwrap_or(0);
            release.give_back(root);
            sum as u64
        }
    }))
}
