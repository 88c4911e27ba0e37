//! The data of a process.

use super::probes::Probes;
use super::registry::Registry;
use super::sites::{Groups, MAX_SITES, Sites};
use super::text::{MAX_TEXTS, Texts};
use super::thread_pointer;
use crate::sync::fork::PerProcess;
use std::cell::Cell;
use std::ptr;

static PROCESS: PerProcess<Process> = PerProcess::new(Process::new(), Process::new);

/// The sites of a process, and their counts. A forked process begins with neither.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) decisions: Sites,
    pub(super) conditions: Sites,
    pub(super) groups: Groups,
    pub(super) texts: Texts,
    pub(super) registry: Registry,
}

impl Process {
    pub(super) const fn new() -> Self {
        Self {
            decisions: Sites::new(MAX_SITES, ()),
            conditions: Sites::new(MAX_SITES, ()),
            groups: Groups::new(MAX_SITES, ()),
            texts: Texts::new(MAX_TEXTS, 0),
            registry: Registry::new(),
        }
    }

    /// Returns the calling process's data.
    pub(super) fn current() -> &'static Self {
        PROCESS.get()
    }
}

thread_local! {
    /// The probes that this thread had in the process from which it was forked.
    static PARENTS: Cell<*mut Probes> = const { Cell::new(ptr::null_mut()) };
}

/// Makes a forked process begin again. Registered when the library is loaded.
#[used]
#[unsafe(link_section = ".init_array")]
static WATCH_FORKS: extern "C" fn() = {
    /// The child's one thread has no probes of its own yet. The parent's are left unchanged.
    extern "C" fn in_child() {
        let parents = thread_pointer::get();
        if !parents.is_null() {
            PARENTS.set(parents);
            thread_pointer::set(ptr::null_mut());
        }
    }
    extern "C" fn at_load() {
        // SAFETY: a function of the required type, which does only what is allowed in a child.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
    at_load
};

/// Returns the parent's probes of a thread that has forked, once.
pub(super) fn parents_probes() -> Option<&'static mut Probes> {
    // SAFETY: null, or the probes of this thread in the parent, which nobody else has here and
    // which are never freed.
    unsafe { PARENTS.replace(ptr::null_mut()).as_mut() }
}
