//! A thread's own free slots.
//!
//! Each size has two lists: the one in use, from which slots are taken and to which they are
//! returned, and a full spare one. A thread at the boundary of a batch therefore does not go to the
//! central list again and again. Everything is in a thread-local variable without a destructor,
//! which works until the very end of a thread:
//!
//! | stage | what is done |
//! |---|---|
//! | NEW | the first use registers for the thread's end |
//! | RUNNING | the lists are used as above |
//! | DIRECT | one slot at a time, to and from the central list: the thread is over, its end cannot be detected, or valgrind must see each object |

use super::central::{self, Batch, batch_len};
use super::own::own;
use super::{CLASSES, Class, FreeSlot, valgrind};
use crate::sync::atomic::Ordering;
use crate::sync::thread_end;
use std::cell::Cell;
use std::ptr::{self, NonNull};

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
enum Stage {
    New = 0,
    Running,
    Direct,
}

struct List {
    first: Cell<*mut FreeSlot>,
    len: Cell<usize>,
    /// Length of a full list: 0 unless RUNNING.
    limit: Cell<usize>,
    /// A full list, or null.
    spare: Cell<*mut FreeSlot>,
}

pub(super) struct Cache {
    lists: [List; CLASSES],
    stage: Cell<Stage>,
    /// Number of slots taken from the central lists minus those returned to them.
    taken: Cell<isize>,
}

impl Cache {
    /// The initial state of a thread. All of it is zero, which the thread-local variable relies on.
    #[cfg_attr(not(test), allow(dead_code, reason = "said by zeros in assembly, see `own`"))]
    pub(super) const fn new() -> Self {
        const fn empty() -> List {
            List {
                first: Cell::new(ptr::null_mut()),
                len: Cell::new(0),
                limit: Cell::new(0),
                spare: Cell::new(ptr::null_mut()),
            }
        }
        let lists = [const { empty() }; CLASSES];
        Self { lists, stage: Cell::new(Stage::New), taken: Cell::new(0) }
    }
}

/// Returns the number of heap objects that the calling thread has created minus those it has freed.
/// Another thread than the creator may free an object, so only a sum over threads, or over objects
/// that stay in one thread, tells how many there are. For tests that look for leaks.
pub fn objects_of_this_thread() -> isize {
    own(|cache| {
        let free = |class: Class| {
            let list = &cache.lists[class as usize];
            let spare = if list.spare.get().is_null() { 0 } else { batch_len(class) };
            list.len.get() + spare
        };
        cache.taken.get() - Class::ALL.into_iter().map(free).sum::<usize>() as isize
    })
}

/// Takes a slot; `None` without memory.
#[inline(always)]
pub(super) fn take(class: Class) -> Option<NonNull<FreeSlot>> {
    own(|cache| {
        let list = &cache.lists[class as usize];
        if let Some(slot) = list.pop()
            // SAFETY: a free slot that this thread owns.
            && unsafe { slot.as_ref() }.state.load(Ordering::Relaxed) == 0
        {
            return Some(slot);
        }
        cache.take_slowly(class)
    })
}

/// Returns a slot to the cache.
///
/// # Safety
///
/// The slot is free, of this class, and owned by the caller, which gives it up.
#[inline(always)]
pub(super) unsafe fn give(class: Class, slot: NonNull<FreeSlot>) {
    own(|cache| {
        let list = &cache.lists[class as usize];
        if list.len.get() < list.limit.get() {
            list.push(slot);
        } else {
            // SAFETY: by the caller's promise.
            unsafe { cache.give_slowly(class, slot) };
        }
    });
}

impl List {
    #[inline(always)]
    fn pop(&self) -> Option<NonNull<FreeSlot>> {
        let slot = NonNull::new(self.first.get())?;
        // SAFETY: slots on the list are free, and this thread owns them.
        self.first.set(unsafe { slot.as_ref() }.next);
        self.len.set(self.len.get() - 1);
        Some(slot)
    }

    #[inline(always)]
    fn push(&self, slot: NonNull<FreeSlot>) {
        // SAFETY: free, and owned by this thread (see `give`).
        unsafe { (*slot.as_ptr()).next = self.first.get() };
        self.first.set(slot.as_ptr());
        self.len.set(self.len.get() + 1);
    }

    fn set(&self, batch: Batch) {
        self.first.set(batch.first);
        self.len.set(batch.len);
    }
}

impl Cache {
    /// Takes a slot when the list is empty, or when its first slot is pinned. A pinned slot is
    /// dropped from the list.
    #[cold]
    fn take_slowly(&self, class: Class) -> Option<NonNull<FreeSlot>> {
        loop {
            let running = self.running();
            let slot =
                if running { self.take_from_list(class) } else { self.take_directly(class) }?;
            // SAFETY: a free slot that this thread owns.
            if unsafe { slot.as_ref() }.state.load(Ordering::Relaxed) == 0 {
                if !running {
                    valgrind::made(slot.cast(), class);
                }
                return Some(slot);
            }
        }
    }

    fn take_from_list(&self, class: Class) -> Option<NonNull<FreeSlot>> {
        let list = &self.lists[class as usize];
        if list.len.get() == 0 {
            let spare = list.spare.replace(ptr::null_mut());
            if spare.is_null() {
                list.set(self.take_batch(class)?);
            } else {
                list.set(Batch { first: spare, len: batch_len(class) });
            }
        }
        list.pop()
    }

    fn take_directly(&self, class: Class) -> Option<NonNull<FreeSlot>> {
        let batch = self.take_batch(class)?;
        let slot = NonNull::new(batch.first)?;
        // SAFETY: this thread owns the batch.
        let rest = unsafe { slot.as_ref() }.next;
        if batch.len > 1 {
            // SAFETY: as above, without the first slot.
            unsafe { self.give_batch(class, Batch { first: rest, len: batch.len - 1 }) };
        }
        Some(slot)
    }

    /// Returns a slot when the list is full, or when there is none.
    #[cold]
    unsafe fn give_slowly(&self, class: Class, slot: NonNull<FreeSlot>) {
        let list = &self.lists[class as usize];
        if !self.running() {
            valgrind::freed(slot.cast());
            // SAFETY: by the caller's promise.
            unsafe {
                (*slot.as_ptr()).next = ptr::null_mut();
                self.give_batch(class, Batch { first: slot.as_ptr(), len: 1 });
            }
            return;
        }
        if list.len.get() >= batch_len(class) {
            let spare = list.spare.replace(list.first.get());
            list.set(Batch { first: ptr::null_mut(), len: 0 });
            if !spare.is_null() {
                // SAFETY: a full list that this thread owns.
                unsafe { self.give_batch(class, Batch { first: spare, len: batch_len(class) }) };
            }
        }
        list.push(slot);
    }

    fn take_batch(&self, class: Class) -> Option<Batch> {
        let batch = central::take(class)?;
        self.taken.set(self.taken.get() + batch.len as isize);
        Some(batch)
    }

    /// # Safety
    ///
    /// Same as for [`central::give`].
    unsafe fn give_batch(&self, class: Class, batch: Batch) {
        self.taken.set(self.taken.get() - batch.len as isize);
        // SAFETY: by the caller's promise.
        unsafe { central::give(class, batch) };
    }

    /// True if this thread uses lists. The first call decides that.
    fn running(&self) -> bool {
        if self.stage.get() == Stage::New {
            central::prepare();
            let has_lists = !valgrind::is_running() && thread_end::call(&END);
            self.stage.set(if has_lists { Stage::Running } else { Stage::Direct });
            for class in Class::ALL.into_iter().filter(|_| has_lists) {
                self.lists[class as usize].limit.set(batch_len(class));
            }
        }
        self.stage.get() == Stage::Running
    }

    /// Gives all lists to the central list, for other threads.
    fn end(&self) {
        self.stage.set(Stage::Direct);
        for class in Class::ALL {
            let list = &self.lists[class as usize];
            list.limit.set(0);
            let spare = list.spare.replace(ptr::null_mut());
            let batches = [
                Batch { first: list.first.get(), len: list.len.get() },
                Batch { first: spare, len: batch_len(class) },
            ];
            list.set(Batch { first: ptr::null_mut(), len: 0 });
            for batch in batches.into_iter().filter(|batch| !batch.first.is_null()) {
                // SAFETY: this thread's lists, which it has given up.
                unsafe { self.give_batch(class, batch) };
            }
        }
    }
}

static END: thread_end::Key = thread_end::Key::new(at_thread_end);

extern "C" fn at_thread_end(_: *mut std::ffi::c_void) {
    end_of_this_thread();
}

/// Gives the calling thread's slots to the other threads. From now on it keeps none.
pub(super) fn end_of_this_thread() {
    own(Cache::end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_cache_is_all_zeros() {
        // SAFETY: the type consists of words, each of which is initialized.
        let words: [usize; size_of::<Cache>() / size_of::<usize>()] =
            unsafe { std::mem::transmute(Cache::new()) };
        assert!(words.iter().all(|&word| word == 0));
    }
}
