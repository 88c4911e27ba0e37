//! State that belongs to one process, across forks.
//!
//! A fork copies the memory, but only the forking thread. The work of the other threads stops in
//! the child: locks stay locked, lists name sleepers that do not exist, queues hold jobs
//! that no thread takes. So everything that belongs to a process is in a [`PerProcess`], and a
//! child gets a new one on its first call.
//!
//! The parent's copy is left as it is, in the child too: never locked, read or freed there.

use super::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::sys;
use std::ptr;

/// Number of forks between the process that loaded the library and this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Counts forks from the moment the library is loaded.
#[used]
#[unsafe(link_section = ".init_array")]
static COUNT_FORKS: extern "C" fn() = {
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
        crate::executor::after_fork();
    }
    extern "C" fn at_load() {
        // If it fails, for lack of memory, a child has what its parent has left.
        //
        // SAFETY: a function of the required type, which does nothing that a child may not do.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
    at_load
};

/// Returns the number of forks between the process that loaded the library and this one: 0 in the
/// first, one more in each child. Never changes while a process has more than one thread.
#[inline(always)]
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// A static that every process makes for itself.
pub(crate) struct PerProcess<T: 'static> {
    first: T,
    /// The newest value, null until a forked process asks. Older ones are leaked: one per fork.
    newest: AtomicPtr<Made<T>>,
    make: fn() -> T,
}

struct Made<T> {
    generation: u32,
    value: T,
}

impl<T: Send + Sync> PerProcess<T> {
    /// Uses `first` in the process that loads the library, and `make` in every child.
    pub(crate) const fn new(first: T, make: fn() -> T) -> Self {
        Self { first, newest: AtomicPtr::new(ptr::null_mut()), make }
    }

    /// Returns the calling process's value. One load and a branch in a process that was not forked.
    #[inline(always)]
    pub(crate) fn get(&'static self) -> &'static T {
        match generation() {
            0 => &self.first,
            generation => self.of_child(generation),
        }
    }

    fn of_child(&'static self, generation: u32) -> &'static T {
        let newest = self.newest.load(Ordering::Acquire);
        // SAFETY: null, or from a box that is never freed.
        match unsafe { newest.as_ref() } {
            Some(made) if made.generation == generation => &made.value,
            _ => self.make_for(generation, newest),
        }
    }

    /// Several threads of a child may each make one; all of them use the same.
    #[cold]
    fn make_for(&'static self, generation: u32, parents: *mut Made<T>) -> &'static T {
        let make = || Box::new(Made { generation, value: (self.make)() });
        let ours = Box::into_raw(sys::aborts_without_memory(make));
        let stored =
            self.newest.compare_exchange(parents, ours, Ordering::AcqRel, Ordering::Acquire);
        match stored {
            // SAFETY: never freed from now on.
            Ok(_) => unsafe { &(*ours).value },
            Err(theirs) => {
                // SAFETY: ours came from a box and was never shared. Theirs is never freed, and is
                // this process's: `newest` changes once for each fork.
                unsafe {
                    drop(Box::from_raw(ours));
                    &(*theirs).value
                }
            }
        }
    }
}
