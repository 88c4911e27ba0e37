//! The only source of atomics, locks, cells and threads in this crate.
//!
//! Everything in this crate that coordinates threads imports from here, so that `RUSTFLAGS="--cfg
//! loom" cargo test` runs the very same protocols under the loom model checker. Both back ends have
//! `parking_lot`'s lock interface: `lock()` returns the guard, and a panic while holding it poisons
//! nothing.

#[cfg(loom)]
mod loom_backend;
#[cfg(not(loom))]
mod std_backend;

#[cfg(loom)]
pub(crate) use loom_backend::*;
#[cfg(not(loom))]
pub(crate) use std_backend::*;

pub(crate) mod biased;
#[cfg(not(loom))]
mod constant;
pub(crate) mod counted;
#[cfg(not(loom))]
pub(crate) mod fork;
mod fork_mutex;
pub(crate) mod futex;
mod gate;
mod lock;
#[cfg(not(loom))]
pub(crate) mod os_thread;
mod parker;
#[cfg(not(loom))]
mod processors;
#[cfg(not(loom))]
pub(crate) mod signals;
mod spin;
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod stay_loaded;
#[cfg(not(loom))]
pub(crate) mod thread_end;
pub(crate) mod wait_table;

#[cfg(not(loom))]
pub(crate) use constant::Constant;
pub(crate) use counted::Counted;
pub(crate) use fork_mutex::{AnyMomentConsistent, ForkMutex};
pub(crate) use gate::Gate;
pub(crate) use lock::{Condition, Lock, Locked};
pub(crate) use parker::Parker;
#[cfg(not(loom))]
pub(crate) use processors::processors;
pub(crate) use spin::Spin;

/// Keeps its content alone on its cache lines, so that two threads writing to
/// neighbouring values do not move one line back and forth (128 bytes: x86 prefetches
/// lines in pairs, as crossbeam's `CachePadded` documents).
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct CachePadded<T>(pub(crate) T);

impl<T> std::ops::Deref for CachePadded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
