//! The slab's memory: slots in chunks that never move, each as long as all before it.
//!
//! A chunk is freed only with the slab, so a reference to a slot, and a read of a slot that
//! somebody else has just taken, are sound for as long as the slab lives. Memory comes
//! zeroed (a zero word is a vacant slot), so a large chunk costs nothing until it is used.

use super::slot::Slot;
use crate::sync::atomic::{AtomicPtr, Ordering};
use std::marker::PhantomData;
use std::ptr;

/// Slots in the first chunk; also a multiple of what the slab hands out at a time.
pub(super) const FIRST_CHUNK: usize = if cfg!(loom) { 2 } else { 64 };
/// Enough for every index of a handle.
const CHUNKS: usize = if cfg!(loom) { 3 } else { 27 };

pub(super) struct Chunks<T> {
    chunks: [AtomicPtr<Slot<T>>; CHUNKS],
    /// For the compiler's `Send`, `Sync` and drop checks: the slots belong to this value.
    owned: PhantomData<Box<Slot<T>>>,
}

impl<T> Chunks<T> {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self { chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS], owned: PhantomData }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        let chunks = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self { chunks, owned: PhantomData }
    }

    /// The slot at `index`, if its chunk exists.
    #[inline]
    pub(super) fn slot(&self, index: u32) -> Option<&Slot<T>> {
        let (chunk, offset) = locate(index);
        let first = self.chunks.get(chunk)?.load(Ordering::Acquire);
        // SAFETY: a pointer in the table is the start of a chunk of `chunk_len(chunk)`
        // initialised slots that live as long as `self`, and `offset` is less than that.
        (!first.is_null()).then(|| unsafe { &*first.add(offset) })
    }

    /// Makes sure that the chunk of `index` exists; false if there is no memory for it.
    pub(super) fn ensure(&self, index: u32) -> bool {
        let (chunk, _) = locate(index);
        let Some(place) = self.chunks.get(chunk) else { return false };
        if !place.load(Ordering::Acquire).is_null() {
            return true;
        }
        let Some(slots) = allocate::<T>(chunk_len(chunk)) else { return false };
        let ours = Box::into_raw(slots).cast::<Slot<T>>();
        let published =
            place.compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire);
        if published.is_err() {
            // SAFETY: another thread's chunk came first; ours was never shared.
            unsafe { free(ours, chunk_len(chunk)) };
        }
        true
    }
}

impl<T> Drop for Chunks<T> {
    fn drop(&mut self) {
        for (chunk, place) in self.chunks.iter().enumerate() {
            let first = place.load(Ordering::Relaxed);
            if !first.is_null() {
                // SAFETY: made by `ensure` with this length; nobody has access any more.
                unsafe { free(first, chunk_len(chunk)) };
            }
        }
    }
}

fn chunk_len(chunk: usize) -> usize {
    FIRST_CHUNK << chunk.saturating_sub(1)
}

/// Which chunk, and which slot of it.
///
/// Every look at an entry's state comes through here. On x86-64 a logarithm is `bsr`, which
/// waits for whatever its target register was last used for, in a loop for the look before. With
/// a first chunk of its own the answer for 0 is defined, and the compiler, having to set the
/// register first, breaks that chain.
#[inline]
fn locate(index: u32) -> (usize, usize) {
    let chunk = (u32::BITS - (index / FIRST_CHUNK as u32).leading_zeros()) as usize;
    let start = (FIRST_CHUNK << chunk >> 1) & !(FIRST_CHUNK - 1);
    (chunk, index as usize - start)
}

#[cfg(not(loom))]
fn allocate<T>(len: usize) -> Option<Box<[Slot<T>]>> {
    use std::alloc::{Layout, alloc_zeroed};
    let layout = Layout::array::<Slot<T>>(len).ok()?;
    // SAFETY: the layout is not empty: a slot has a word, and a chunk has slots.
    let first = unsafe { alloc_zeroed(layout) }.cast::<Slot<T>>();
    // SAFETY: memory of `Box`'s allocator with this very layout; zero bytes are a valid
    // slot: a word and a link of 0, and a cell that claims no value.
    (!first.is_null()).then(|| unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(first, len)) })
}

#[cfg(loom)]
fn allocate<T>(len: usize) -> Option<Box<[Slot<T>]>> {
    Some((0..len).map(|_| Slot::vacant()).collect())
}

/// # Safety
///
/// `first` and `len` are those of a boxed slice that nobody else has access to.
unsafe fn free<T>(first: *mut Slot<T>, len: usize) {
    // SAFETY: the caller's promise. Slots do not drop values: that is the slab's business.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(first, len)) });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{CHUNKS, chunk_len, locate};
    use crate::registry::Handle;

    #[test]
    fn chunks_follow_each_other_up_to_the_highest_index() {
        let mut first = 0;
        for chunk in 0..CHUNKS {
            let len = chunk_len(chunk);
            for offset in [0, 1, len / 2, len - 2, len - 1] {
                let Ok(index) = u32::try_from(first + offset) else { continue };
                assert_eq!(locate(index), (chunk, offset), "{index}");
            }
            first += len;
        }
        assert!(first > Handle::MAX_INDEX as usize);
    }
}
