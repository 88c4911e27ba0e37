//! What a process has for itself: its loader threads, and the locks around them.
//!
//! What a parent had queued or begun to load stays asked for in its child, which has none of the
//! parent's threads: `start_loading` and `wait` see to it (`protocol::adopt`), and until then it
//! shows as loading.
//!
//! (A fork from several threads is a delicate thing. What other libraries hold at that moment,
//! the allocator of the system excepted, is beyond this module.)

use super::loader::Loaders;
use crate::sync::fork::{self, PerProcess};
use crate::sync::wait_table::WaitTable;
use std::sync::OnceLock;

static PROCESS: PerProcess<Process> = PerProcess::new(Process::new(), Process::new);

/// One process's own.
pub(super) struct Process {
    pub(super) loaders: Loaders,
    /// Those who wait for a file.
    pub(super) waiters: WaitTable,
    /// The threads of a parallel touch, once they are wanted.
    pub(super) touchers: OnceLock<rayon::ThreadPool>,
}

impl Process {
    const fn new() -> Self {
        Self { loaders: Loaders::new(), waiters: WaitTable::new(), touchers: OnceLock::new() }
    }

    /// The calling process's.
    #[inline]
    pub(super) fn current() -> &'static Self {
        PROCESS.get()
    }

    /// Tells the calling process from its ancestors, whose files it has.
    #[inline]
    pub(super) fn number() -> u32 {
        fork::generation()
    }
}
