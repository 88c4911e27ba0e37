//! Decision, condition and path coverage, and MC/DC.
//!
//! Compiled code calls a probe for each decision, condition and block. A probe costs about as much
//! as the call itself and does not slow down with more threads: every thread has its own counters,
//! which a report sums up.
//!
//! ```
//! use simple_runtime::coverage::{self, Site};
//!
//! let positive = |x: i32| {
//!     let outcome = x > 0;
//!     coverage::decision(7, outcome, Site::new(c"sign.spl", 3, 8));
//!     outcome
//! };
//! positive(1);
//! positive(-1);
//! assert!(coverage::report().to_sdn().contains("    7, sign.spl, 3, 8, 1, 1\n"));
//! ```
//!
//! # Guarantees
//!
//! * Counts are exact with any number of threads, including those of finished threads. Every
//!   function may be called from any thread at any time; probes must not be called from a signal
//!   handler or from a memory allocator.
//! * A [`report`] or [`clear`] sees everything that happened before it (on the same thread, or
//!   ordered by a join, a lock, a channel). A probe that races with it falls before or after it,
//!   and is counted once either way. For a decision's probe, the count may fall before and the test
//!   vector after it. No row of MC/DC is without a count.
//! * A clear forgets evaluations and paths in progress, on all threads. An evaluation that was in
//!   progress at a clear gives no vector; of a path only the later blocks are seen.
//! * An evaluation in progress while coverage is switched off or on gives no vector. So a condition
//!   that a vector marks as not evaluated was skipped. An evaluation that began before coverage was
//!   on is recognised by its first condition, if the process has met the decision's first
//!   condition. Paths in progress continue, with the blocks that were seen.
//! * No probe, no thread's first probe and no thread's end waits for a report or a clear. A report
//!   blocks nothing.
//! * A site costs about 100 bytes, and 18 for each thread that comes to it at the same time as
//!   others, 32 if it is among that thread's first thousand of its kind; a thread costs about 5
//!   KiB. A thread continues the counters of one that has ended. A probe takes the same time
//!   however many sites share its numbers or its file.
//! * Everything that grows with the program's run has a limit, and anything beyond is counted
//!   together: see the tables `paths_beyond`, `mcdc_beyond` and `beyond` of a report.
//! * A forked process counts for itself, from zero. Anything that the forking thread had in
//!   progress continues in both.
//! * All probes of a thread count as one thread's until it is over, including those in destructors;
//!   `thread_end.rs` states the exceptions. Once a probe has run, the library stays loaded.

mod chapter;
mod interner;
mod ledger;
mod lock;
mod mcdc;
mod outcome;
mod pool;
mod registry;

#[cfg(not(loom))]
mod api;
#[cfg(not(loom))]
mod evaluation;
#[cfg(not(loom))]
mod fixed_text;
#[cfg(not(loom))]
mod lcov;
#[cfg(not(loom))]
mod local;
#[cfg(not(loom))]
mod names;
#[cfg(not(loom))]
mod numbers;
#[cfg(not(loom))]
mod probes;
#[cfg(not(loom))]
mod process;
#[cfg(not(loom))]
mod report;
#[cfg(not(loom))]
mod rows;
#[cfg(not(loom))]
mod sdn;
#[cfg(not(loom))]
mod shortcuts;
#[cfg(not(loom))]
mod site;
#[cfg(not(loom))]
mod sites;
#[cfg(not(loom))]
mod text;
#[cfg(not(loom))]
mod thread_end;
#[cfg(not(loom))]
mod thread_pointer;
#[cfg(not(loom))]
mod traces;

#[cfg(not(loom))]
pub use api::{
    clear, condition, decision, enabled, path_begin, path_block, path_finalize, report,
    set_enabled, take_report,
};
pub use chapter::MAX_PATHS;
pub use mcdc::{Covered, MAX_CONDITIONS, MAX_VECTORS, Vector, covered};
#[cfg(not(loom))]
pub use report::{
    BeyondRow, ConditionRow, DecisionRow, McdcBeyondRow, McdcRow, PathBeyondRow, PathRow, Report,
};
#[cfg(not(loom))]
pub use site::{FileName, Site};

#[cfg(all(test, loom))]
mod model;
