//! Lazy futures: a body and its context, run at most once, by a thread that needs the result.
//!
//! A future is a heap object ([`Value::future`](crate::Value::future)). The object is also the
//! task: handing it to the executor allocates nothing. An await claims a future that has not begun,
//! queued or not, with one compare-and-swap and runs it on the spot. If the future runs elsewhere,
//! the await waits for it. An awaiter never runs unrelated work. So nested awaits never deadlock,
//! with any number of workers, and only memory limits their depth.
//!
//! The states are in `state.rs`, sleeping and waking in `sync/wait_table.rs`, and models of both
//! together in `model.rs`.

mod state;

#[cfg(all(test, loom))]
mod model;

#[cfg(not(loom))]
mod combine;
#[cfg(not(loom))]
mod object;
#[cfg(not(loom))]
mod run;
#[cfg(not(loom))]
mod wait;

#[cfg(not(loom))]
pub(crate) use combine::all_in_place;
#[cfg(not(loom))]
pub use combine::{all, race};
#[cfg(not(loom))]
pub use object::{Body, Future};
pub use state::FutureState;

#[cfg(not(loom))]
pub(crate) use object::FutureObject;
#[cfg(not(loom))]
pub(crate) use run::{give_up_entry, is_unbegun, run_queued};
#[cfg(not(loom))]
pub(crate) use state::Queue;
