//! One place of the slab: every transition of its word.
//!
//! The word holds, from the top: the generation (31 bits), LIVE (1 bit), the entry's state
//! (8 bits), the number of pins (24 bits).
//!
//! | slot | word | left by |
//! |---|---|---|
//! | VACANT | generation of the last occupant (0: none yet), no LIVE, no pins | [`Slot::occupy`], by the thread that took it off the free list |
//! | LIVE | generation of the occupant, LIVE, any number of pins | [`Slot::retire`], once |
//! | DYING | as before, no LIVE, at least one pin | the [`Slot::unpin`] that takes the last pin |
//!
//! The caller for which `retire` or `unpin` returns [`Last::Yes`] has exclusive access to the slot:
//! without LIVE nobody can pin it, and without pins nobody has. It takes the value out and gives
//! the slot to the free list, or leaves it unused forever if its generations are used up.

use crate::registry::Kind;
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use std::mem::MaybeUninit;

const PINS: u64 = (1 << 24) - 1;
const STATE_SHIFT: u32 = 24;
const STATE: u64 = 0xff << STATE_SHIFT;
const LIVE: u64 = 1 << 32;
const GENERATION_SHIFT: u32 = 33;
/// Generation and LIVE: equal to [`identity`] while the handle's entry exists.
const IDENTITY: u64 = !0 << 32;

/// The state of an entry and its existence, read at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryState {
    /// The state byte.
    pub state: u8,
    /// True if the entry has been removed; a guard keeps its value.
    pub removed: bool,
}

/// Tells if the caller now has exclusive access to the slot and must reclaim it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Last {
    Yes,
    No,
}

/// Alone on its cache lines: pinning one entry does not slow down its neighbours.
#[repr(C, align(64))]
pub(super) struct Slot<T> {
    word: AtomicU64,
    /// Link of the free list that contains the slot: index + 1 of the next slot, 0 at the end.
    pub(super) next: AtomicU32,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the cell is written only by a thread with exclusive access to the slot (see above), and
// read only through pins; `T: Sync` allows the shared reads, `T: Send` allows another thread to
// drop the value than the one that inserted it.
unsafe impl<T: Send + Sync> Sync for Slot<T> {}

impl<T> Slot<T> {
    #[cfg(loom)]
    pub(super) fn vacant() -> Self {
        Self {
            word: AtomicU64::new(0),
            next: AtomicU32::new(0),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// VACANT → LIVE with state 0; returns the new generation, which is one of `kind`.
    ///
    /// # Safety
    ///
    /// The caller took the slot off the free list (or it was never used).
    pub(super) unsafe fn occupy(&self, value: T, kind: Kind) -> u32 {
        // SAFETY: the caller has exclusive access to the vacant slot, whose cell holds no value.
        self.value.with_mut(|cell| unsafe { (*cell).write(value) });
        let (first, _) = kind.generations();
        let generation = first.max(generation_of(self.word.load(Ordering::Relaxed)) + 1);
        // A plain store loses no other thread's update: nobody writes a vacant word.
        self.word.store(identity(generation), Ordering::Release);
        generation
    }

    /// Keeps the value from being dropped; false if the handle's entry is gone, or has the maximum
    /// number of pins.
    #[inline]
    pub(super) fn pin(&self, generation: u32) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & IDENTITY == identity(generation) && word & PINS != PINS {
            match self.word.compare_exchange_weak(
                word,
                word + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(seen) => word = seen,
            }
        }
        false
    }

    /// Releases one pin.
    #[inline]
    pub(super) fn unpin(&self) -> Last {
        let before = self.word.fetch_sub(1, Ordering::Release);
        if before & (LIVE | PINS) == 1 { self.alone() } else { Last::No }
    }

    /// LIVE → DYING or, without pins, VACANT. For the one caller that ends the entry, returns its
    /// last state and whether the caller must reclaim the slot.
    #[inline]
    pub(super) fn retire(&self, generation: u32) -> Option<(u8, Last)> {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & IDENTITY == identity(generation) {
            match self.word.compare_exchange_weak(
                word,
                word & !LIVE,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    let last = if word & PINS == 0 { self.alone() } else { Last::No };
                    return Some((state_of(word), last));
                }
                Err(seen) => word = seen,
            }
        }
        None
    }

    /// Orders the other threads' use of the value before its end.
    #[inline]
    fn alone(&self) -> Last {
        fence(Ordering::Acquire);
        Last::Yes
    }

    /// Returns the entry's state, if `generation` is live: one load.
    #[inline]
    pub(super) fn state(&self, generation: u32) -> Option<u8> {
        let word = self.word.load(Ordering::Acquire);
        (word & IDENTITY == identity(generation)).then_some(state_of(word))
    }

    /// Returns the state of a pinned entry.
    #[inline]
    pub(super) fn pinned_state(&self) -> EntryState {
        entry_state(self.word.load(Ordering::Acquire))
    }

    /// Changes the state of a pinned entry to the result of `next`, in one atomic step; returns the
    /// previous state. If `next` returns `None`, the state is unchanged.
    #[inline]
    pub(super) fn update_state(
        &self,
        mut next: impl FnMut(EntryState) -> Option<u8>,
    ) -> Result<EntryState, EntryState> {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            let before = entry_state(word);
            let Some(state) = next(before) else { return Err(before) };
            let changed = word & !STATE | u64::from(state) << STATE_SHIFT;
            match self.word.compare_exchange_weak(
                word,
                changed,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok(before),
                Err(seen) => word = seen,
            }
        }
    }

    /// # Safety
    ///
    /// The caller holds a pin for as long as it uses the reference.
    #[inline]
    pub(super) unsafe fn value(&self) -> &T {
        // SAFETY: only live entries are pinned, so there is a value; it is not dropped
        // while pinned, and nobody writes it.
        self.value.with(|cell| unsafe { (*cell).assume_init_ref() })
    }

    /// Drops the value.
    ///
    /// # Safety
    ///
    /// The caller has exclusive access to the slot, which holds a value.
    pub(super) unsafe fn drop_value(&self) {
        // SAFETY: by the caller's promise.
        self.value.with_mut(|cell| unsafe { (*cell).assume_init_drop() });
    }

    /// True if the slot can have another occupant of this kind.
    pub(super) fn is_reusable(&self, kind: Kind) -> bool {
        let (_, last) = kind.generations();
        generation_of(self.word.load(Ordering::Relaxed)) < last
    }

    pub(super) fn is_live(&self) -> bool {
        self.word.load(Ordering::Relaxed) & LIVE != 0
    }

    /// True if there is a value although nobody else has access: the entry is live, or pinned by a
    /// guard that was leaked.
    pub(super) fn holds_value(&self) -> bool {
        self.word.load(Ordering::Relaxed) & (LIVE | PINS) != 0
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn set_generation(&self, generation: u32) {
        assert!(!self.holds_value());
        self.word.store(u64::from(generation) << GENERATION_SHIFT, Ordering::Relaxed);
    }
}

#[inline]
fn identity(generation: u32) -> u64 {
    u64::from(generation) << GENERATION_SHIFT | LIVE
}

#[inline]
fn generation_of(word: u64) -> u32 {
    (word >> GENERATION_SHIFT) as u32
}

#[inline]
fn state_of(word: u64) -> u8 {
    (word >> STATE_SHIFT) as u8
}

#[inline]
fn entry_state(word: u64) -> EntryState {
    EntryState { state: state_of(word), removed: word & LIVE == 0 }
}
