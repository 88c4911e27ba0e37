//! Lazy futures: a body and its context, run at most once, by whoever needs the result.
//!
//! A future is a heap object ([`Value::future`](crate::Value::future)); the object is also the task: handing it to
//! the executor allocates nothing. Awaiting one that has not begun claims it with one
//! compare-and-swap and runs it on the spot; one that is queued likewise; one that runs
//! elsewhere is waited for. An awaiter never runs unrelated work. So nested awaits never
//! deadlock, with any number of workers, and their depth is limited by memory only.
//!
//! The states stand in `state.rs`, sleeping and waking in `sync/wait_table.rs`; models of
//! both together in `model.rs`.

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
