//! Helpers of several test programs.
#![allow(dead_code, reason = "not every test program uses everything")]

use simple_runtime::executor;
use std::sync::{Mutex, MutexGuard, PoisonError};

static EXECUTOR: Mutex<()> = Mutex::new(());

/// The executor, as new, for one test alone: it is one per process, and tests of one
/// program run in threads of one process.
pub struct Alone(#[allow(dead_code, reason = "held")] MutexGuard<'static, ()>);

/// Waits for the other tests of this process and begins with an executor as new.
pub fn alone() -> Alone {
    // A test that failed has poisoned the lock; the executor is made new below.
    let guard = EXECUTOR.lock().unwrap_or_else(PoisonError::into_inner);
    executor::shutdown().expect("tests run no tasks themselves");
    Alone(guard)
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            executor::shutdown().expect("tests run no tasks themselves");
        }
    }
}
