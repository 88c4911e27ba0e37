//! The executor: one per process. It is a pool of workers, or in Manual mode the threads that poll.
//!
//! ```
//! use simple_runtime::executor::{self, Mode};
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! static RAN: AtomicU32 = AtomicU32::new(0);
//! executor::set_mode(Mode::Manual)?;
//! executor::submit_closure(|| {
//!     RAN.fetch_add(1, Ordering::Relaxed);
//! });
//! assert_eq!(executor::pending_count(), 1);
//! assert_eq!(executor::poll_all(), 1);
//! assert_eq!(RAN.load(Ordering::Relaxed), 1);
//! executor::shutdown()?;
//! # Ok::<(), executor::ExecutorError>(())
//! ```
//!
//! `queue.rs` and `worker.rs` describe the path of a job, `README.md` beside this file the sleep of
//! idle workers, `phases.rs` and `ending.rs` the executor's start and end, `process.rs` what a
//! forked child has of it.

mod batch;
mod ending;
mod fifo;
pub(crate) mod job;
mod phases;
mod ring;
mod shared_queue;
mod sleep;

#[cfg(not(loom))]
mod blocked;
#[cfg(not(loom))]
mod control;
#[cfg(not(loom))]
mod joins;
#[cfg(not(loom))]
mod last_start;
#[cfg(not(loom))]
pub(crate) mod local;
#[cfg(not(loom))]
mod manual;
#[cfg(not(loom))]
mod process;
#[cfg(not(loom))]
mod queue;
#[cfg(not(loom))]
mod stats;
#[cfg(not(loom))]
mod thread_end;
#[cfg(not(loom))]
mod worker;

#[cfg(not(loom))]
pub use control::{ExecutorError, MAX_WORKERS, Mode, mode, set_mode, set_workers, shutdown, start};
#[cfg(not(loom))]
pub use manual::{pending_count, poll, poll_all};
#[cfg(not(loom))]
pub use queue::{submit, submit_closure};
#[cfg(not(loom))]
pub use stats::{ExecutorStats, stats};

#[cfg(not(loom))]
pub(crate) use blocked::{blocking, blocking_until, is_only_worker, napping, racing};
#[cfg(not(loom))]
pub(crate) use control::{is_idle, is_manual, note_recording};
#[cfg(not(loom))]
pub(crate) use joins::joining;
#[cfg(not(loom))]
pub(crate) use last_start::starts;
#[cfg(not(loom))]
pub(crate) use manual::{entry_became_stale, entry_never_came};
#[cfg(not(loom))]
pub(crate) use process::after_fork;
#[cfg(not(loom))]
pub(crate) use queue::{enqueue, enqueue_all};
#[cfg(not(loom))]
pub(crate) use stats::{Counter, Counters, loads};
