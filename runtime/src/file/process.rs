//! The data of a process: its loader threads, and the locks around them.
//!
//! A file that a parent had queued or begun to load stays requested in its child, which has none of
//! the parent's threads. `start_loading` and `wait` take care of it (`protocol::adopt`); until then
//! its state is loading.
//!
//! (A fork from several threads is delicate. Locks that other libraries hold at that moment, except
//! the system's allocator, are beyond this module.)

use super::loader::Loaders;
use crate::sync::fork::{self, PerProcess};
use crate::sync::wait_table::WaitTable;
use std::sync::OnceLock;

static PROCESS: PerProcess<Process> = PerProcess::new(Process::new(), Process::new);

/// The data of one process.
pub(super) struct Process {
    pub(super) loaders: Loaders,
    /// The threads that wait for a file.
    pub(super) waiters: WaitTable,
    /// The threads of a parallel touch, once they were needed.
    pub(super) touchers: OnceLock<rayon::ThreadPool>,
}

impl Process {
    const fn new() -> Self {
        Self { loaders: Loaders::new(), waiters: WaitTable::new(), touchers: OnceLock::new() }
    }

    /// Returns the calling process's data.
    #[inline]
    pub(super) fn current() -> &'static Self {
        PROCESS.get()
    }

    /// Returns a number that distinguishes the calling process from its ancestors, whose files it
    /// has.
    #[inline]
    pub(super) fn number() -> u32 {
        fork::generation()
    }
}
