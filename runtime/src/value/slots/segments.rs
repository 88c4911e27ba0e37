//! The address space of slots, and the table that describes it.

use super::Class;
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU8, Ordering};
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
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
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
