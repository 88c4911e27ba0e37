//! Isolated threads: what can be asked of one that has ended. Starting one is up to the
//! kernel's timing, which no count is to depend on.

use super::{List, asked, calls};
use crate::Prepared;
use anyhow::{Result, ensure};
use simple_runtime::Value;
use simple_runtime::ffi::thread::*;
use std::hint::black_box;

const FAMILY: &str = "thread";

/// A thread that has ended and been joined, freed when this is dropped.
struct Ended(u64);

impl Ended {
    fn new() -> Result<Self> {
        let body = super::future::address(super::future::one);
        // SAFETY: the address is that of a body, the data is nil.
        let thread = Self(unsafe { rt_thread_spawn_isolated(body, Value::nil().raw()) });
        ensure!(rt_thread_join(thread.0).as_int() == Some(1), "no thread could be run");
        Ok(thread)
    }

    /// Through the whole value, so that a closure keeps it, not a copy of its number.
    fn handle(&self) -> u64 {
        self.0
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        rt_thread_free(self.0);
    }
}

/// [`CALLS`](super::CALLS) times a call about a thread that has ended.
fn about_ended(answer: u64, call: impl Fn(u64) -> u64 + 'static) -> Result<Prepared> {
    let thread = Ended::new()?;
    calls(answer, move || call(thread.handle()))
}

pub(super) fn add(list: &mut List) {
    list.add(FAMILY, "rt_thread_is_done", "who polls threads asks this most", |_| {
        let is_done = black_box(rt_thread_is_done as extern "C" fn(u64) -> i64);
        about_ended(1, move |thread| is_done(thread) as u64)
    });
    list.add(FAMILY, "rt_thread_id", "for messages and maps", |_| {
        let id = black_box(rt_thread_id as extern "C" fn(u64) -> i64);
        about_ended(1, move |thread| u64::from(id(thread) > 0))
    })
    .quick();
    list.add(
        FAMILY,
        ("rt_thread_join", "joined before"),
        "the second join: nil and a message",
        |_| {
            let join = black_box(rt_thread_join as extern "C" fn(u64) -> Value);
            about_ended(Value::nil().raw().to_bits(), move |thread| {
                join(thread).into_raw().to_bits()
            })
        },
    );
    list.add(
        FAMILY,
        ("rt_thread_free", "stale handle"),
        "freed twice: harmless, a message",
        |_| {
            let free = black_box(rt_thread_free as extern "C" fn(u64));
            let stale = Ended::new()?.handle();
            calls(1, move || {
                free(stale);
                1
            })
        },
    );
    let why = "how many workers to start: asks the kernel each time";
    list.add(FAMILY, "rt_thread_available_parallelism", why, |_| {
        let cpus = rt_thread_available_parallelism();
        asked(rt_thread_available_parallelism, cpus)
    });
    list.add(FAMILY, ("rt_thread_sleep", "no time"), "0 ms: returns at once", |_| {
        let sleep = black_box(rt_thread_sleep as extern "C" fn(i64));
        calls(1, move || {
            sleep(0);
            1
        })
    });
    list.add(FAMILY, "rt_thread_yield", "a turn of a loop that waits", |_| {
        let pause = black_box(rt_thread_yield as extern "C" fn());
        calls(1, move || {
            pause();
            1
        })
    });
}
