//! Memory for heap objects: slots in address space of our own that hold objects and nothing
//! else, for as long as the process lives.
//!
//! Any word may be passed as a value. One that carries the heap tag by chance must not be
//! followed, so whether it names an object of ours has to be cheap to find out, and safe for
//! any word. Three facts make it so:
//!
//! 1. A table of one byte for each 16 MiB of address space says whether that piece is a
//!    *segment* of ours, and how large its slots are ([`segments`]). Segments are never given
//!    back, and all of them can be read.
//! 2. All slots of a segment have one size, a power of two, and lie at multiples of it.
//! 3. A slot begins with the eight bytes that say what is in it, and that are zero where
//!    nothing is: in a slot that was never used (fresh memory is zero) and in a free one.
//!
//! So a word names an object if [`slot_of`] finds a slot and that slot's first byte is not 0
//! ([`super::heap::header_of`]). A released object is dead until its slot is used again.
//!
//! # Who has a free slot
//!
//! | where | owned by | passed on |
//! |---|---|---|
//! | a thread's lists ([`cache`]) | that thread, without locks | a whole batch to or from the central list |
//! | the central list of its size ([`central`]) | nobody; a lock | a batch at a time |
//! | fresh memory of the newest segment | the central list | a page, as one batch |
//!
//! A batch fills a page, so threads that make objects begin on pages of their own.
//!
//! # Dead words that are kept
//!
//! A word that names a dead object when a container takes it is not counted, and its release
//! by the container must release nothing. But by then the slot may hold another object. So a
//! dead slot whose word is kept is *pinned* ([`pin`]): it is never used again.
//!
//! # Forks
//!
//! Every change of the central list is one store, and its lock may be taken over from a thread
//! that does not exist any more ([`crate::sync::ForkMutex`]). A child goes on with what its
//! parent had; what was in the lists of the parent's other threads stays unused there.

mod cache;
mod central;
mod own;
mod segments;
mod valgrind;

pub use cache::objects_of_this_thread;

use crate::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::ptr::NonNull;

/// The sizes of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// 32 bytes: boxed numbers, short strings.
    Small,
    /// 64 bytes: futures, arrays, channels, closures.
    Medium,
    /// 128 bytes: strings that fit.
    Large,
    /// 256 bytes: the same.
    Huge,
}

const CLASSES: usize = 4;

impl Class {
    const ALL: [Self; CLASSES] = [Self::Small, Self::Medium, Self::Large, Self::Huge];

    /// The smallest that holds `bytes`, if one does.
    #[inline(always)]
    pub(crate) const fn of(bytes: usize) -> Option<Self> {
        match bytes {
            0..=32 => Some(Self::Small),
            33..=64 => Some(Self::Medium),
            65..=128 => Some(Self::Large),
            129..=256 => Some(Self::Huge),
            _ => None,
        }
    }

    pub(crate) const fn bytes(self) -> usize {
        32 << self as usize
    }
}

/// The start of a slot that holds no object.
#[repr(C)]
struct FreeSlot {
    /// Zero, or [`PINNED`]. In an object its kind stands here, which is never 0.
    state: AtomicU64,
    next: *mut FreeSlot,
    /// In the first of a batch on the central list: the next batch, and the size of this one.
    next_batch: *mut FreeSlot,
    batch_len: usize,
}

const _: () = assert!(size_of::<FreeSlot>() <= Class::Small.bytes());

/// The state of a free slot that is never used again. Its first byte is that of no object.
const PINNED: u64 = 1 << 8;

/// Memory for an object, or `None` where there is none. The first eight bytes are zero.
#[inline(always)]
pub(crate) fn allocate(class: Class) -> Option<NonNull<u8>> {
    cache::take(class).map(NonNull::cast)
}

/// Gives an object's memory back.
///
/// # Safety
///
/// `slot` came from [`allocate`] for this class, and nobody uses it any more.
#[inline(always)]
pub(crate) unsafe fn free(class: Class, slot: NonNull<u8>) {
    let slot = slot.cast::<FreeSlot>();
    // SAFETY: the caller's memory, large enough and aligned for it. Atomically, because looks at
    // stale words may come at any time.
    unsafe { slot.as_ref() }.state.store(0, Ordering::Relaxed);
    // SAFETY: by the caller's promise.
    unsafe { cache::give(class, slot) };
}

/// The slot that a word names, in use or not.
#[inline(always)]
pub(crate) fn slot_of(word: u64) -> Option<NonNull<u8>> {
    let slot = std::ptr::with_exposed_provenance_mut::<u8>(segments::slot_of(word)?);
    // SAFETY: no segment begins at 0: the system maps nothing there. Said to the compiler too,
    // which would compare the address otherwise.
    Some(unsafe {
        std::hint::assert_unchecked(!slot.is_null());
        NonNull::new_unchecked(slot)
    })
}

/// The first byte of a slot: what it holds, or 0.
#[inline(always)]
pub(crate) fn first_byte(slot: NonNull<u8>) -> u8 {
    // SAFETY: slots can always be read. Whoever writes this byte writes it atomically, or is
    // the maker of an object whose word nobody has yet; a stale word may read either.
    unsafe { AtomicU8::from_ptr(slot.as_ptr()) }.load(Ordering::Relaxed)
}

/// Keeps a dead slot from being used again: its word has been stored somewhere, and must not
/// come to name another object.
///
/// A contradiction cannot be excluded where another thread takes the slot at this very moment:
/// then the word names that thread's object, as it would a moment later.
#[cold]
#[inline]
pub(crate) fn pin(slot: NonNull<u8>) {
    // SAFETY: slots can always be read and written; nothing but this state is touched.
    let state = unsafe { AtomicU64::from_ptr(slot.as_ptr().cast()) };
    let _ = state.compare_exchange(0, PINNED, Ordering::Relaxed, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
