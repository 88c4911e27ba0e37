//! The runtime of the Simple language, for Rust and, through `include/simple_runtime.h`,
//! for C.
//!
//! * [`Value`]: the tagged 64-bit word and the heap objects behind it;
//! * [`future`]: lazy futures with `await`; [`executor`]: the one executor, a thread pool or polled
//!   by hand;
//! * [`channel`] and [`thread`]: isolated threads, and the channels they communicate through;
//! * [`mod@file`]: files loaded in the background over memory maps;
//! * [`timeline`]: the activity of the executor's threads over time, as a trace to view;
//! * [`coverage`]: decision, condition, MC/DC and path probes; [`aop`]: around-advice;
//! * [`registry`]: values behind handles, with the locking strategy as a type parameter;
//! * [`ffi`]: the C interface over all of this, without logic of its own.
//!
//! ```
//! use simple_runtime::{Value, executor};
//!
//! let answer = Value::future_of(|| Value::int(6 * 7));
//! let future = answer.as_future().unwrap();
//! assert!(!future.state().is_finished(), "futures are lazy");
//! assert_eq!(future.wait().and_then(|result| result.as_int()), Some(42));
//! executor::shutdown()?;
//! # Ok::<(), executor::ExecutorError>(())
//! ```

// Models use the protocols without their surroundings, and leave much else unused.
#![cfg_attr(loom, allow(dead_code, unused_imports))]

#[cfg(not(loom))]
mod environment;
#[cfg(not(loom))]
mod json;
#[cfg(not(loom))]
mod log;
mod slowdown;
#[cfg(not(loom))]
mod stack;
mod sync;
mod sys;
#[cfg(not(loom))]
mod unwind;
mod value;

pub mod coverage;
pub mod executor;
pub mod file;
pub mod future;
pub mod registry;
pub mod timeline;

#[cfg(not(loom))]
pub mod aop;
#[cfg(not(loom))]
pub mod channel;
#[cfg(loom)]
mod channel {
    mod queue;
}
#[cfg(not(loom))]
pub mod error;
#[cfg(not(loom))]
pub mod ffi;
#[cfg(not(loom))]
pub mod thread;
#[cfg(all(feature = "injected-faults", not(loom)))]
pub mod faults {
    //! Calls of the system's that fail, for tests.
    pub use crate::sys::Call;
    pub use crate::sys::injected::{Fault, Injection, Times, inject, is_exempt};

    /// Returns the number of live heap objects of the process.
    pub fn live_objects() -> usize {
        crate::value::live_objects()
    }
}

#[cfg(not(loom))]
pub use value::{Array, HeapKind, RuntimeValue, Value, objects_of_this_thread};
