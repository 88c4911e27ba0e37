//! The runtime's own executor, as one of the pools that are compared.

use super::{Pool, Task};
use anyhow::{Context, Result};
use simple_runtime::executor::{self, Mode};
use simple_runtime::future::Body;
use simple_runtime::{RuntimeValue, Value};
use std::time::Duration;

/// The executor's settings, until this is dropped: the executor is one per process.
#[derive(Debug)]
pub(crate) struct Settings;

impl Settings {
    pub(crate) fn threaded(workers: u64) -> Result<Self> {
        executor::shutdown()?;
        executor::set_workers(workers as i64)?;
        executor::start()?;
        Ok(Self)
    }

    pub(crate) fn manual() -> Result<Self> {
        executor::shutdown()?;
        executor::set_mode(Mode::Manual)?;
        Ok(Self)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        executor::shutdown().expect("benchmarks run no tasks while they take down");
    }
}

/// The runtime's executor in Threaded mode.
#[derive(Debug)]
pub struct Threaded(#[allow(dead_code, reason = "held")] Settings);

/// A task as a body of the runtime.
pub(crate) extern "C-unwind" fn body<T: Task>(argument: RuntimeValue) -> Value {
    Value::int(T::run(argument.small_int().unwrap_or(0) as u64) as i64)
}

/// The result of a fulfilled future of an integer.
pub(crate) fn integer(future: &Value) -> u64 {
    let result = future.as_future().and_then(simple_runtime::future::Future::result);
    result.and_then(|result| result.as_int()).unwrap_or(0) as u64
}

/// Has a worker run `body` and everything that it awaits, and returns its result, an integer.
pub(crate) fn on_a_worker(body: Body, argument: i64) -> u64 {
    let future = Value::future(Some(body), Value::int(argument));
    if let Some(view) = future.as_future() {
        view.wait_timeout(Duration::MAX);
    }
    integer(&future)
}

/// The same in a poll, in Manual mode.
pub(crate) fn in_a_poll(body: Body, argument: i64) -> u64 {
    let future = Value::future(Some(body), Value::int(argument));
    if let Some(view) = future.as_future() {
        view.start();
    }
    executor::poll_all();
    integer(&future)
}

impl Pool for Threaded {
    type Reply = Value;

    fn start(workers: u64) -> Result<Self> {
        Ok(Self(Settings::threaded(workers).context("the executor is in use")?))
    }

    #[inline]
    fn submit<T: Task>(&self, argument: u64) {
        executor::submit(body::<T>, Value::int(argument as i64));
    }

    #[inline]
    fn ask<T: Task>(&self, argument: u64) -> Value {
        let future = Value::future(Some(body::<T>), Value::int(argument as i64));
        if let Some(view) = future.as_future() {
            view.start();
        }
        future
    }

    /// Waits without running the body itself, as the other pools' callers do.
    #[inline]
    fn wait(&self, reply: Value) -> u64 {
        if let Some(view) = reply.as_future() {
            view.wait_timeout(Duration::MAX);
        }
        integer(&reply)
    }
}
