//! Memory for heap objects: slots in the runtime's own address space, which hold only objects, as
//! long as the process lives.
//!
//! Any word may be passed as a value. A word that carries the heap tag by chance must not be
//! followed. So finding out whether a word names an object of the runtime must be cheap, and safe
//! for any word. Three facts make it so:
//!
//! 1. A table of one byte for each 16 MiB of address space tells whether that piece is a *segment*
//!    of the runtime, and how large its slots are ([`segments`]). Segments are never given back,
//!    and all of their memory can be read.
//! 2. All slots of a segment have one size, a power of two, and lie at multiples of it.
//! 3. A slot begins with the eight bytes that tell what it contains. They are zero if it contains
//!    nothing: in a slot that was never used (fresh memory is zero) and in a free one.
//!
//! So a word names an object if [`slot_of`] finds a slot and that slot's first byte is not 0
//! ([`super::heap::header_of`]). A released object is dead until its slot is used again.
//!
//! # Owners of free slots
//!
//! | location | owner | passed on |
//! |---|---|---|
//! | a thread's lists ([`cache`]) | that thread, without locks | a whole batch to or from the central list |
//! | the central list of its size ([`central`]) | nobody; a lock | a batch at a time |
//! | fresh memory of the newest segment | the central list | a page, as one batch |
//!
//! A batch fills a page, so threads that create objects begin on pages of their own.
//!
//! # Stored dead words
//!
//! A word that names a dead object when a container stores it is not counted, and when the
//! container releases it, nothing may be released. But by then the slot may hold another object. So
//! a dead slot whose word is stored is *pinned* ([`pin`]): it is never used again.
//!
//! # Forks
//!
//! Every change of the central list is one store, and its lock may be taken over from a thread that
//! no longer exists ([`crate::sync::ForkMutex`]). A child continues with its parent's state; the
//! slots in the lists of the parent's other threads stay unused there.

mod cache;
mod central;
mod own;
mod segments;
mod valgrind;

pub use cache::objects_of_this_thread;
#[cfg(feature = "injected-faults")]
pub(crate) use segments::census::live_objects;

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
    /// 256 bytes: strings that fit.
    Huge,
}

const CLASSES: usize = 4;

impl Class {
    const ALL: [Self; CLASSES] = [Self::Small, Self::Medium, Self::Large, Self::Huge];

    /// Returns the smallest class that holds `bytes`, if there is one.
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
    /// Zero, or [`PINNED`]. In an object this place holds its kind, which is never 0.
    state: AtomicU64,
    next: *mut FreeSlot,
    /// In the first slot of a batch on the central list: the next batch, and the size of this one.
    next_batch: *mut FreeSlot,
    batch_len: usize,
}

const _: () = assert!(size_of::<FreeSlot>() <= Class::Small.bytes());

/// The state of a free slot that is never used again. Its first byte is 0, like that of any free
/// slot.
const PINNED: u64 = 1 << 8;

/// Allocates memory for an object; `None` if there is none. The first eight bytes are zero.
#[inline(always)]
pub(crate) fn allocate(class: Class) -> Option<NonNull<u8>> {
    cache::take(class).map(NonNull::cast)
}

/// Frees an object's memory.
///
/// # Safety
///
/// `slot` came from [`allocate`] for this class, and nobody uses it any more.
#[inline(always)]
pub(crate) unsafe fn free(class: Class, slot: NonNull<u8>) {
    let slot = slot.cast::<FreeSlot>();
    // SAFETY: the caller's memory, large enough and aligned for this. The store is atomic because
    // stale words may be checked at any time.
    unsafe { slot.as_ref() }.state.store(0, Ordering::Relaxed);
    // SAFETY: by the caller's promise.
    unsafe { cache::give(class, slot) };
}

/// Returns the slot that a word names, in use or not.
#[inline(always)]
pub(crate) fn slot_of(word: u64) -> Option<NonNull<u8>> {
    let slot = std::ptr::with_exposed_provenance_mut::<u8>(segments::slot_of(word)?);
    // SAFETY: no segment begins at 0: the system maps nothing there. The hint spares the compiler a
    // comparison of the address.
    Some(unsafe {
        std::hint::assert_unchecked(!slot.is_null());
        NonNull::new_unchecked(slot)
    })
}

/// Returns the first byte of a slot: the kind of its object, or 0.
#[inline(always)]
pub(crate) fn first_byte(slot: NonNull<u8>) -> u8 {
    // SAFETY: slots can always be read. This byte is written atomically, or by the creator of an
    // object whose word nobody has yet; a check of a stale word may read either value.
    unsafe { AtomicU8::from_ptr(slot.as_ptr()) }.load(Ordering::Relaxed)
}

/// Keeps a dead slot from being used again: its word has been stored, and must not come to name
/// another object.
///
/// Another thread may take the slot at this very moment. Then the word names that thread's object,
/// as it would a moment later. That cannot be excluded.
#[cold]
#[inline]
pub(crate) fn pin(slot: NonNull<u8>) {
    // SAFETY: slots can always be read and written; only this state is touched.
    let state = unsafe { AtomicU64::from_ptr(slot.as_ptr().cast()) };
    let _ = state.compare_exchange(0, PINNED, Ordering::Relaxed, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
