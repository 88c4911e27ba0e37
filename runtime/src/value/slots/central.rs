//! The free slots of one size that no thread owns: batches of them, and fresh memory.

use super::{CLASSES, Class, FreeSlot, segments};
use crate::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use crate::sync::{AnyMomentConsistent, CachePadded, ForkMutex};
use std::ptr;

/// Size of a batch in bytes: one page. A thread that gets fresh slots gets a page of its own.
const BATCH_BYTES: usize = 4096;

/// Free slots, linked by `next`.
#[derive(Clone, Copy)]
pub(super) struct Batch {
    pub(super) first: *mut FreeSlot,
    pub(super) len: usize,
}

/// Returns the number of slots in a full batch.
pub(super) const fn batch_len(class: Class) -> usize {
    BATCH_BYTES / class.bytes()
}

/// Uses atomics for the order of the stores, although there is a lock.
struct Central {
    batches: AtomicPtr<FreeSlot>,
    /// The start of the unused part of the newest segment; 0 if nothing is left.
    fresh: AtomicUsize,
}

// SAFETY: taking and giving a batch is one store of `batches`, after the batch's own stores; taking
// a fresh page is one store of `fresh`.
unsafe impl AnyMomentConsistent for Central {}

impl Central {
    const fn new() -> Self {
        Self { batches: AtomicPtr::new(ptr::null_mut()), fresh: AtomicUsize::new(0) }
    }
}

static CENTRAL: [CachePadded<ForkMutex<Central>>; CLASSES] =
    [const { CachePadded(ForkMutex::new(Central::new())) }; CLASSES];

/// Prepares a segment for each class that has none. So the first object of a size, perhaps the text
/// of an error, can still be created when no address space is left.
#[cold]
pub(super) fn prepare() {
    for class in Class::ALL {
        let central = CENTRAL[class as usize].lock();
        let is_empty = central.batches.load(Ordering::Relaxed).is_null()
            && central.fresh.load(Ordering::Relaxed) == 0;
        // If this fails, it is tried again when a slot is needed.
        if is_empty && let Some(segment) = segments::new_segment(class) {
            central.fresh.store(segment, Ordering::Release);
        }
    }
}

/// Takes a batch, which the caller then owns. `None` without memory.
#[cold]
pub(super) fn take(class: Class) -> Option<Batch> {
    let central = CENTRAL[class as usize].lock();
    let first = central.batches.load(Ordering::Relaxed);
    // SAFETY: null, or a free slot on the list: slots can always be read.
    if let Some(slot) = unsafe { first.as_ref() } {
        central.batches.store(slot.next_batch, Ordering::Release);
        return Some(Batch { first, len: slot.batch_len });
    }
    let page = match central.fresh.load(Ordering::Relaxed) {
        0 => segments::new_segment(class)?,
        fresh => fresh,
    };
    let end = page + BATCH_BYTES;
    let rest = if segments::is_at_the_end(end) { 0 } else { end };
    central.fresh.store(rest, Ordering::Release);
    drop(central);
    // SAFETY: a fresh page of a segment, taken above.
    Some(unsafe { link(class, page) })
}

/// Gives a batch to all threads.
///
/// # Safety
///
/// The slots are free, of this class, and owned by the caller, which gives them up.
#[cold]
pub(super) unsafe fn give(class: Class, batch: Batch) {
    let central = CENTRAL[class as usize].lock();
    // SAFETY: the caller's slot.
    unsafe {
        (*batch.first).batch_len = batch.len;
        (*batch.first).next_batch = central.batches.load(Ordering::Relaxed);
    }
    central.batches.store(batch.first, Ordering::Release);
}

/// Makes a batch from a fresh page.
///
/// # Safety
///
/// The page is part of a segment of this class, and owned by the caller.
unsafe fn link(class: Class, page: usize) -> Batch {
    let slot = |i: usize| ptr::with_exposed_provenance_mut::<FreeSlot>(page + i * class.bytes());
    let len = batch_len(class);
    for i in 0..len {
        let next = if i + 1 < len { slot(i + 1) } else { ptr::null_mut() };
        // SAFETY: a slot in the page. Its state is left unchanged: zero, or pinned.
        unsafe { (*slot(i)).next = next };
    }
    Batch { first: slot(0), len }
}
