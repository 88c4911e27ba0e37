//! Helpers for the tests of futures and of the executor.
#![allow(dead_code, reason = "not every test program uses everything")]

#[path = "mod.rs"]
mod common;
#[path = "watchdog.rs"]
mod watchdog;

use simple_runtime::future::Body;
use simple_runtime::{RuntimeValue, Value, executor};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The executor for one test alone, with an end to tests that hang.
pub struct Alone {
    _executor: common::Alone,
    _watchdog: watchdog::Watchdog,
}

/// Waits for the other tests of this process and begins with an executor as new. A test
/// that never ends ends the process: it could not be failed otherwise.
pub fn alone() -> Alone {
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    Alone { _executor: common::alone(), _watchdog: watchdog::watch(name.leak()) }
}

/// Like [`alone`], with this many workers, already started.
pub fn alone_with(workers: i64) -> Alone {
    let alone = alone();
    executor::set_workers(workers).unwrap();
    executor::start().unwrap();
    alone
}

/// Like [`alone`], in Manual mode.
pub fn alone_by_hand() -> Alone {
    let alone = alone();
    executor::set_mode(executor::Mode::Manual).unwrap();
    alone
}

/// A future whose body tells when it begins, and ends when it is told to (or when the test
/// has forgotten it).
pub struct Held {
    pub future: Value,
    began: Receiver<()>,
    end: Sender<()>,
}

impl Held {
    pub fn new(result: i64) -> Self {
        let (begins, began) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let future = Value::future_of(move || {
            let _ = begins.send(());
            let _ = ended.recv();
            Value::int(result)
        });
        Self { future, began, end }
    }

    /// One that a worker runs by now.
    pub fn running(result: i64) -> Self {
        let held = Self::new(result);
        assert!(held.future.as_future().unwrap().start());
        held.wait_until_it_runs();
        held
    }

    pub fn wait_until_it_runs(&self) {
        self.began.recv().unwrap();
    }

    pub fn let_go(&self) {
        self.end.send(()).unwrap();
    }

    /// Waits for the result without ever running the body here.
    pub fn finish(self) -> Option<i64> {
        self.let_go();
        let future = self.future.as_future().unwrap();
        assert!(future.wait_timeout(Duration::MAX));
        int(future.result())
    }
}

/// Both modes, and several numbers of workers.
pub fn each_way(test: impl Fn()) {
    for workers in 1..=4 {
        let _alone = alone_with(workers);
        test();
    }
    let _alone = alone_by_hand();
    test();
}

/// This many workers, each held by a body. They are not blocked in the runtime's own sense:
/// the runtime knows nothing of the channels they wait for.
pub fn hold_workers(workers: usize) -> Vec<Held> {
    let held: Vec<_> = (0..workers).map(|_| Held::new(0)).collect();
    for worker in &held {
        assert!(worker.future.as_future().unwrap().start());
    }
    held.iter().for_each(Held::wait_until_it_runs);
    held
}

/// After a shutdown, no queue holds anything: in Manual mode it would be seen.
#[track_caller]
pub fn assert_nothing_queued() {
    executor::set_mode(executor::Mode::Manual).unwrap();
    assert_eq!((executor::pending_count(), executor::poll_all()), (0, 0));
    executor::shutdown().unwrap();
}

/// A value with a watch on it: see [`Watch::is_kept`].
pub fn watched_value() -> (Value, Watch) {
    let token = Arc::new(());
    let watch = Watch(Arc::downgrade(&token));
    // What a future captured goes when the future does.
    let value = Value::future_of(move || {
        drop(token);
        Value::nil()
    });
    (value, watch)
}

/// Tells whether anybody still holds the value.
pub struct Watch(Weak<()>);

impl Watch {
    pub fn is_kept(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// Counts its runs.
#[derive(Clone, Default)]
pub struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub fn one_more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub fn submit(&self) {
        let runs = self.clone();
        executor::submit_closure(move || runs.one_more());
    }

    /// A task that submits the next, this many times.
    pub fn submit_a_chain(&self, links: usize) {
        let runs = self.clone();
        executor::submit_closure(move || {
            runs.one_more();
            if links > 1 {
                runs.submit_a_chain(links - 1);
            }
        });
    }

    /// A task that submits two, this many times.
    pub fn submit_a_tree(&self, depth: usize) {
        let runs = self.clone();
        executor::submit_closure(move || {
            runs.one_more();
            if depth > 0 {
                runs.submit_a_tree(depth - 1);
                runs.submit_a_tree(depth - 1);
            }
        });
    }
}

/// A body that returns its context.
pub extern "C-unwind" fn identity(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call.
    unsafe { Value::borrow(&context) }.clone()
}

/// A body as the C interface takes it.
pub fn address(body: Body) -> u64 {
    body as usize as u64
}

pub fn int(value: Option<Value>) -> Option<i64> {
    value.and_then(|value| value.as_int())
}

pub fn wait(future: &Value) -> Option<i64> {
    int(future.as_future().unwrap().wait())
}

/// The text a rejected future was rejected with.
pub fn error_of(future: &Value) -> String {
    let error = future.as_future().unwrap().error().expect("rejected");
    error.as_str().expect("a string").to_owned()
}

/// The message of the last failing call on this thread, as C reads it.
pub fn message() -> String {
    let text = simple_runtime::ffi::error::rt_last_error();
    // SAFETY: a NUL-terminated text that is valid until the next failing call.
    unsafe { std::ffi::CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

/// Waits, without sleeping, for what other threads are about to bring about.
pub fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

/// Repeats a random sequence from its seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }
}
