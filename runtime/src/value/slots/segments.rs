//! The address space of slots, and the table that describes it.

use super::Class;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU8, Ordering};
use crate::sys;
use std::ptr;

const SEGMENT_BYTES: usize = 1 << SEGMENT_SHIFT;
const SEGMENT_SHIFT: u32 = 24;
/// Bits of an address: no system gives a process more address space unless asked for it.
const ADDRESS_BITS: u32 = 48;
const PIECES: usize = 1 << (ADDRESS_BITS - SEGMENT_SHIFT);
const ADDRESSES: u64 = 1 << ADDRESS_BITS;
const TAG_HEAP: u64 = 0b001;
const TAGS: u64 = 0b111;

/// For each piece of address space, the bits that the address of a slot does not have: the size of
/// its slots minus one; 0 where there is no segment. Sixteen MiB of zeros, of which only the parts
/// that are read take memory.
static OFFSET_BITS: CachePadded<[AtomicU8; PIECES]> =
    CachePadded([const { AtomicU8::new(0) }; PIECES]);

/// Returns the address of the slot that a word names, if the word has the heap tag.
#[inline(always)]
pub(super) fn slot_of(word: u64) -> Option<usize> {
    // One comparison of tag and address space. Without it, words that are not heap words would be
    // looked up in the table.
    if word & !(ADDRESSES - 1) != 0 || word & TAGS != TAG_HEAP {
        return None;
    }
    let bits = OFFSET_BITS.get((word >> SEGMENT_SHIFT) as usize)?.load(Ordering::Relaxed);
    // Without a segment, the masked word is 0, and not the tag.
    (word as u8 & bits == TAG_HEAP as u8).then_some((word - TAG_HEAP) as usize)
}

/// Creates a segment and returns its address. All of it is unused. `None` if the system provides no
/// more address space.
///
/// Nothing takes memory before it is touched, and everything reads as zero.
pub(super) fn new_segment(class: Class) -> Option<usize> {
    let address = aligned_memory()?;
    let bits = u8::try_from(class.bytes() - 1).expect("slots are small");
    let piece = OFFSET_BITS.get(address >> SEGMENT_SHIFT)?;
    #[cfg(feature = "injected-faults")]
    census::note(address, class);
    // A thread can have a word of this segment only from one that took a slot afterwards.
    piece.store(bits, Ordering::Relaxed);
    Some(address)
}

/// Maps memory of a segment's size at a multiple of that size, out of a piece of twice the size.
fn aligned_memory() -> Option<usize> {
    let start = map(2 * SEGMENT_BYTES)?;
    let segment = start.next_multiple_of(SEGMENT_BYTES);
    unmap(start, segment - start);
    unmap(segment + SEGMENT_BYTES, start + SEGMENT_BYTES - segment);
    Some(segment)
}

fn map(bytes: usize) -> Option<usize> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: requests new memory and touches none.
    let start = unsafe { sys::map_memory(bytes, access, flags) };
    (start != libc::MAP_FAILED).then(|| start.expose_provenance())
}

fn unmap(start: usize, bytes: usize) {
    if bytes > 0 {
        // SAFETY: part of the new mapping, which nobody knows of yet.
        unsafe { libc::munmap(ptr::with_exposed_provenance_mut(start), bytes) };
    }
}

/// True if `address` is the first beyond a segment.
pub(super) fn is_at_the_end(address: usize) -> bool {
    address.is_multiple_of(SEGMENT_BYTES)
}

/// The number of live objects of the process, for tests that look for leaks.
#[cfg(feature = "injected-faults")]
pub(super) mod census {
    use super::{SEGMENT_BYTES, ptr};
    use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use crate::value::slots::{Class, first_byte};
    use std::ptr::NonNull;

    const MOST: usize = 64;
    const PAGE_BYTES: usize = 4096;

    /// The address of each segment, and the size of its slots.
    static SEGMENTS: [(AtomicUsize, AtomicUsize); MOST] =
        [const { (AtomicUsize::new(0), AtomicUsize::new(0)) }; MOST];
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn note(address: usize, class: Class) {
        let (at, slot_bytes) = &SEGMENTS[COUNT.fetch_add(1, Ordering::Relaxed)];
        slot_bytes.store(class.bytes(), Ordering::Relaxed);
        at.store(address, Ordering::Release);
    }

    /// Counts slots that hold an object, up to the first page of each segment that was never used.
    pub(crate) fn live_objects() -> usize {
        let segments = SEGMENTS.iter().map(|(at, slot_bytes)| {
            (at.load(Ordering::Acquire), slot_bytes.load(Ordering::Relaxed))
        });
        segments.take_while(|(at, _)| *at != 0).map(|(at, bytes)| live_in(at, bytes)).sum()
    }

    fn live_in(segment: usize, slot_bytes: usize) -> usize {
        let pages = (segment..segment + SEGMENT_BYTES).step_by(PAGE_BYTES);
        let used =
            pages.take_while(|page| (0..PAGE_BYTES).step_by(8).any(|at| word(page + at) != 0));
        let slots = used.flat_map(|page| (page..page + PAGE_BYTES).step_by(slot_bytes));
        slots.filter(|slot| first_byte(pointer(*slot)) != 0).count()
    }

    fn word(address: usize) -> u64 {
        // SAFETY: segments can always be read.
        unsafe { AtomicU64::from_ptr(pointer(address).as_ptr().cast()) }.load(Ordering::Relaxed)
    }

    fn pointer(address: usize) -> NonNull<u8> {
        NonNull::new(ptr::with_exposed_provenance_mut(address)).expect("no segment begins at 0")
    }
}
