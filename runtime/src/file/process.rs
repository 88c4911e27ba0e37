//! What a process has for itself: its loader threads, and the locks around them.
//!
//! A fork copies the memory, but of the threads only the one that forks. What the others
//! were doing stands still in the child: loads that nobody ends, sleepers that are counted and
//! do not exist, locks that stay locked. So the child gets all of this anew, on its first call
//! that needs it. What the parent had queued or begun to load stays asked for; in the child,
//! `start_loading` and `wait` see to it (`protocol::adopt`), and until then it shows as loading.
//!
//! (A fork from several threads is a delicate thing. What other libraries hold at that moment,
//! the allocator of the system excepted, is beyond this module.)

use super::loader::Loaders;
use crate::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::sync::wait_table::WaitTable;
use std::ptr;
use std::sync::OnceLock;

/// The forks between the process that first came here and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);
static FIRST: Process = Process::new(0);
static CURRENT: AtomicPtr<Process> = AtomicPtr::new((&raw const FIRST).cast_mut());

/// One process's own.
pub(super) struct Process {
    /// Tells it from its ancestors, whose files it has.
    pub(super) number: u32,
    pub(super) loaders: Loaders,
    /// Those who wait for a file.
    pub(super) waiters: WaitTable,
    /// The threads of a parallel touch, once they are wanted; `None` if there are none.
    pub(super) touchers: OnceLock<Option<rayon::ThreadPool>>,
}

impl Process {
    const fn new(number: u32) -> Self {
        Self {
            number,
            loaders: Loaders::new(),
            waiters: WaitTable::new(),
            touchers: OnceLock::new(),
        }
    }

    /// The calling process's. Cheap: a few loads.
    pub(super) fn current() -> &'static Self {
        static COUNTING: OnceLock<()> = OnceLock::new();
        COUNTING.get_or_init(count_forks);
        // SAFETY: what is stored there is `FIRST`, or came from a box that is never freed.
        let current = unsafe { &*CURRENT.load(Ordering::Acquire) };
        let number = FORKS.load(Ordering::Relaxed);
        if current.number == number { current } else { renew(current, number) }
    }
}

fn count_forks() {
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    // Should it fail, for want of memory, a child has what its parent has left.
    // SAFETY: a function of the type asked for, which does nothing that a child may not do.
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}

/// The first calls in a child: one of them makes what all of them use.
#[cold]
fn renew(parents: &'static Process, number: u32) -> &'static Process {
    let ours = Box::into_raw(Box::new(Process::new(number)));
    let parents = ptr::from_ref(parents).cast_mut();
    let made = CURRENT.compare_exchange(parents, ours, Ordering::AcqRel, Ordering::Acquire);
    match made {
        // SAFETY: never freed from now on.
        Ok(_) => unsafe { &*ours },
        Err(theirs) => {
            // SAFETY: ours came from a box and was never shared; theirs is never freed. It is
            // this process's: there is one change of `CURRENT` for each fork.
            unsafe {
                drop(Box::from_raw(ours));
                &*theirs
            }
        }
    }
}
