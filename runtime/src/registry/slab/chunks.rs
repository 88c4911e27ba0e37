//! The slab's memory: slots in chunks that never move, each as long as all before it together.
//!
//! A chunk is freed only with the slab. So a reference to a slot, and a read of a slot that another
//! thread has just taken, are sound for as long as the slab lives. Memory comes from the system
//! zeroed and is not written here (a zero word is a vacant slot), so a chunk costs only the part
//! that is used. Threads that need a chunk at the same moment may each allocate one; all but one
//! are freed untouched. Nobody waits, because in the child of a fork the other thread might not
//! exist.

use super::slot::Slot;
use crate::sync::atomic::{AtomicPtr, Ordering};
use std::marker::PhantomData;
use std::ptr;

/// Number of slots in the first chunk; also a multiple of the slab's batch.
pub(super) const FIRST_CHUNK: usize = if cfg!(loom) { 2 } else { 64 };
/// Enough for every index of a handle.
const CHUNKS: usize = if cfg!(loom) { 3 } else { 27 };

pub(super) struct Chunks<T> {
    /// The first slot of each chunk.
    chunks: [AtomicPtr<Slot<T>>; CHUNKS],
    /// The allocations that contain the chunks, each set after its chunk. They are used at the end
    /// of the slab, and by tools that look for leaks: these report a block as lost if nothing
    /// points to its beginning.
    allocations: [AtomicPtr<u8>; CHUNKS],
    /// For the compiler's `Send`, `Sync` and drop checks: the slots belong to this value.
    owned: PhantomData<Box<Slot<T>>>,
}

impl<T> Chunks<T> {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            allocations: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            owned: PhantomData,
        }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        let chunks = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        let allocations = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self { chunks, allocations, owned: PhantomData }
    }

    /// Returns the slot at `index`, if its chunk exists.
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
        let Some(ours) = Memory::allocate(chunk_len(chunk)) else { return false };
        let (first, null) = (ours.first, ptr::null_mut());
        match place.compare_exchange(null, first, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => self.allocations[chunk].store(ours.whole, Ordering::Relaxed),
            // SAFETY: another thread's chunk came first; this one was never shared.
            Err(_) => unsafe { ours.free(chunk_len(chunk)) },
        }
        true
    }
}

impl<T> Drop for Chunks<T> {
    fn drop(&mut self) {
        for (chunk, (place, whole)) in self.chunks.iter().zip(&self.allocations).enumerate() {
            let first = place.load(Ordering::Relaxed);
            if !first.is_null() {
                let memory = Memory { first, whole: whole.load(Ordering::Relaxed) };
                // SAFETY: made by `ensure` with this length; nobody has access any more.
                unsafe { memory.free(chunk_len(chunk)) };
            }
        }
    }
}

const fn chunk_len(chunk: usize) -> usize {
    FIRST_CHUNK << chunk.saturating_sub(1)
}

/// Returns the chunk, and the slot in it.
///
/// Every check of an entry's state calls this. On x86-64 a logarithm is `bsr`, which depends on the
/// previous content of its target register: in a loop, on the previous check. A separate first
/// chunk defines the result for 0, so the compiler must set the register first, which breaks that
/// chain.
#[inline]
fn locate(index: u32) -> (usize, usize) {
    let chunk = (u32::BITS - (index / FIRST_CHUNK as u32).leading_zeros()) as usize;
    let start = (FIRST_CHUNK << chunk >> 1) & !(FIRST_CHUNK - 1);
    (chunk, index as usize - start)
}

/// A chunk's slots, and the allocation that contains them.
struct Memory<T> {
    first: *mut Slot<T>,
    whole: *mut u8,
}

#[cfg(not(loom))]
impl<T> Memory<T> {
    /// Allocates memory for `len` vacant slots, zeroed by the system; `None` if there is none.
    fn allocate(len: usize) -> Option<Self> {
        let layout = Self::layout(len)?;
        // SAFETY: the layout is not empty: a slot has a word, and a chunk has slots.
        let whole = unsafe { std::alloc::alloc_zeroed(layout) };
        let padding = whole.align_offset(align_of::<Slot<T>>());
        // SAFETY: the layout has room for the padding. Zero bytes are a valid slot: a word and
        // a link of 0, and a cell that claims no value.
        (!whole.is_null()).then(|| Self { first: unsafe { whole.add(padding) }.cast(), whole })
    }

    /// Returns a layout with the alignment that every allocator provides, and room for a larger
    /// one. If more alignment were requested, the standard library's allocator would write the
    /// zeros itself, over memory that was zero before.
    fn layout(len: usize) -> Option<std::alloc::Layout> {
        const ALIGNED_BYTES: usize = 16;
        let bytes = size_of::<Slot<T>>().checked_mul(len)?.checked_add(align_of::<Slot<T>>())?;
        std::alloc::Layout::from_size_align(bytes, ALIGNED_BYTES).ok()
    }

    /// # Safety
    ///
    /// `self` is from `allocate(len)`, and nobody else has access. Slots do not drop their values:
    /// the slab does.
    unsafe fn free(self, len: usize) {
        let layout = Self::layout(len).expect("it was checked when allocated");
        // SAFETY: by the caller's promise.
        unsafe { std::alloc::dealloc(self.whole, layout) };
    }
}

#[cfg(loom)]
impl<T> Memory<T> {
    fn allocate(len: usize) -> Option<Self> {
        let slots: Box<[Slot<T>]> = (0..len).map(|_| Slot::vacant()).collect();
        let first: *mut Slot<T> = Box::into_raw(slots).cast();
        Some(Self { first, whole: first.cast() })
    }

    /// # Safety
    ///
    /// `self` is from `allocate(len)`, and nobody else has access.
    unsafe fn free(self, len: usize) {
        // SAFETY: by the caller's promise.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(self.first, len)) });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{CHUNKS, Chunks, Slot, chunk_len, locate};
    use crate::registry::{Handle, Kind};
    use std::thread;

    /// The tested chunk, which has many pages: its number, first index and length in bytes.
    const CHUNK: usize = 13;
    type Value = [u64; 64];
    const FIRST: u32 = chunk_len(CHUNK) as u32;
    const BYTES: usize = chunk_len(CHUNK) * size_of::<Slot<Value>>();

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

    /// Returns the number of the chunk's pages that are in memory.
    fn resident_pages(chunks: &Chunks<Value>) -> usize {
        const PAGE_BYTES: usize = 4096;
        let first = std::ptr::from_ref(chunks.slot(FIRST).unwrap()).addr() & !(PAGE_BYTES - 1);
        let mut pages = vec![0_u8; BYTES / PAGE_BYTES];
        // SAFETY: reads only the page table, and has a byte for each page.
        let looked = unsafe { libc::mincore(first as *mut _, BYTES, pages.as_mut_ptr()) };
        assert_eq!(looked, 0);
        pages.iter().filter(|&&page| page & 1 != 0).count()
    }

    #[test]
    fn a_chunk_costs_what_is_used_of_it() {
        let chunks = Chunks::<Value>::new();
        assert!(chunks.ensure(FIRST));
        // Pages may be large; one part of the chunk is more than a page.
        let few = BYTES / 4096 / 16;
        assert!(resident_pages(&chunks) <= few, "{}", resident_pages(&chunks));
        for index in (FIRST..2 * FIRST).step_by(chunk_len(CHUNK) / 8) {
            let slot = chunks.slot(index).unwrap();
            assert!(std::ptr::from_ref(slot).is_aligned());
            assert!(!slot.holds_value() && slot.is_reusable(Kind::File));
        }
    }

    #[test]
    fn threads_that_make_a_chunk_at_once_get_the_same() {
        for _ in 0..50 {
            let chunks = Chunks::<Value>::new();
            let make = || {
                assert!(chunks.ensure(FIRST));
                std::ptr::from_ref(chunks.slot(FIRST).unwrap()).addr()
            };
            let places: Vec<usize> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(places.iter().all(|&place| place == places[0]), "{places:x?}");
        }
    }
}
