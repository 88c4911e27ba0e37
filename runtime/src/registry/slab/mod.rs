//! The lock-free registry: a slab whose slots carry generations.
//!
//! A lookup is one compare-and-swap on the entry's own cache line, and a check of the state is one
//! load; neither waits for another thread. The protocol is in `../README.md`, the slot's
//! transitions are in `slot.rs`.

mod chunks;
mod free_list;
#[cfg(all(test, loom))]
mod model;
mod slot;
#[cfg(all(test, not(loom)))]
mod tests;

pub use slot::EntryState;

use super::{Guard, Handle, Kind, Registry};
use crate::slowdown::{self, Site};
use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering};
use chunks::{Chunks, FIRST_CHUNK};
use free_list::{Chain, FreeList};
use slot::{Last, Slot};
use std::ops::Deref;

/// Number of fresh slots taken at a time, so that threads that grow the slab together do not
/// contend for its end with every entry. Divides every chunk's length.
const FRESH_BATCH: u32 = if cfg!(loom) { 1 } else { 16 };
const _: () = assert!(FIRST_CHUNK.is_multiple_of(FRESH_BATCH as usize));

/// A registry without locks; see the module's documentation.
pub struct Slab<T> {
    chunks: Chunks<T>,
    free: FreeList,
    /// Slots from this index on were never used.
    fresh: CachePadded<AtomicU64>,
    /// No slot from this index on will be used.
    limit: u32,
    /// The kind of its handles.
    kind: Kind,
}

impl<T> Slab<T> {
    /// Creates an empty slab; allocates nothing.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self::with_limit(Kind::Plain, Handle::MAX_INDEX)
    }

    /// Creates an empty slab whose handles are of `kind`: handles of other kinds name nothing in
    /// it.
    #[cfg(not(loom))]
    pub const fn of(kind: Kind) -> Self {
        Self::with_limit(kind, Handle::MAX_INDEX)
    }

    /// Creates an empty slab. (Not const under loom, because its atomics are not.)
    #[cfg(loom)]
    pub fn new() -> Self {
        let fresh = CachePadded(AtomicU64::new(0));
        let (limit, kind) = (Handle::MAX_INDEX, Kind::Plain);
        Self { chunks: Chunks::new(), free: FreeList::new(), fresh, limit, kind }
    }

    /// Same as [`Self::of`], for at most `limit` entries.
    #[cfg(not(loom))]
    pub(crate) const fn with_limit(kind: Kind, limit: u32) -> Self {
        let fresh = CachePadded(AtomicU64::new(0));
        Self { chunks: Chunks::new(), free: FreeList::new(), fresh, limit, kind }
    }

    /// Same as [`Registry::remove`], but returns the state that the entry had when it was removed.
    ///
    /// Removal and changes of the state are atomic steps on one word: a [`SlabGuard::update_state`]
    /// before the removal is seen here, and one after it sees [`EntryState::removed`].
    #[inline]
    pub fn take(&self, handle: Handle) -> Option<u8> {
        let slot = self.chunks.slot(handle.index())?;
        let (state, last) = slot.retire(handle.generation())?;
        if last == Last::Yes {
            // SAFETY: `retire` says that this thread has exclusive access to the slot.
            unsafe { self.reclaim(slot, handle.index()) };
        }
        Some(state)
    }

    /// Drops the value and makes the slot available.
    ///
    /// # Safety
    ///
    /// The caller got [`Last::Yes`] for this slot.
    #[inline(never)]
    unsafe fn reclaim(&self, slot: &Slot<T>, index: u32) {
        // SAFETY: exclusive access to the slot; the value of a live entry is dropped here only. If
        // its `drop` panics, the slot stays out of the list: lost, but not unsound.
        unsafe { slot.drop_value() };
        if slot.is_reusable(self.kind) {
            self.free.push(&self.chunks, Chain { first: index, last: index });
        }
    }

    /// Takes a batch of slots that were never used: returns the first, and frees the others.
    #[cold]
    fn grow(&self) -> Option<u32> {
        let mut first = self.fresh.load(Ordering::Relaxed);
        let batch = loop {
            let left = u64::from(self.limit).checked_sub(first).filter(|&left| left > 0)?;
            let batch = left.min(u64::from(FRESH_BATCH)) as u32;
            if !self.chunks.ensure(first as u32) {
                return None;
            }
            let next = first + u64::from(batch);
            match self.fresh.compare_exchange(first, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break batch,
                Err(seen) => first = seen,
            }
        };
        let first = first as u32;
        let (rest, last) = (first + 1, first + batch - 1);
        for index in rest..last {
            let slot = self.chunks.slot(index).expect("a batch lies within one chunk");
            slot.next.store(index + 2, Ordering::Relaxed);
        }
        if rest <= last {
            self.free.push(&self.chunks, Chain { first: rest, last });
        }
        Some(first)
    }

    fn used_slots(&self) -> impl Iterator<Item = &Slot<T>> {
        let fresh = self.fresh.load(Ordering::Acquire) as u32;
        (0..fresh).filter_map(|index| self.chunks.slot(index))
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Slab<T> {
    fn drop(&mut self) {
        for slot in self.used_slots().filter(|slot| slot.holds_value()) {
            // SAFETY: no guard outlives the slab, so this thread has exclusive access to its slots;
            // pins left by leaked guards protect nothing any more.
            unsafe { slot.drop_value() };
        }
    }
}

impl<T: Send + Sync> Registry<T> for Slab<T> {
    const NAME: &'static str = "slab";
    type Guard<'a>
        = SlabGuard<'a, T>
    where
        T: 'a;

    #[inline]
    fn insert(&self, value: T) -> Option<Handle> {
        slowdown::at(Site::RegistryInsert);
        let index = self.free.pop(&self.chunks).or_else(|| self.grow())?;
        let slot = self.chunks.slot(index)?;
        // SAFETY: the slot came off the free list, or was never used.
        let generation = unsafe { slot.occupy(value, self.kind) };
        Handle::new(generation, index)
    }

    #[inline]
    fn get(&self, handle: Handle) -> Option<SlabGuard<'_, T>> {
        slowdown::at(Site::RegistryGet);
        let slot = self.chunks.slot(handle.index())?;
        slot.pin(handle.generation()).then(|| SlabGuard { slab: self, slot, index: handle.index() })
    }

    #[inline]
    fn remove(&self, handle: Handle) -> bool {
        self.take(handle).is_some()
    }

    #[inline]
    fn state(&self, handle: Handle) -> Option<u8> {
        slowdown::at(Site::RegistryGet);
        self.chunks.slot(handle.index())?.state(handle.generation())
    }

    fn len(&self) -> usize {
        self.used_slots().filter(|slot| slot.is_live()).count()
    }
}

/// A pin on an entry of a [`Slab`]. Leaking one keeps its value and slot for the slab's life.
pub struct SlabGuard<'a, T> {
    slab: &'a Slab<T>,
    slot: &'a Slot<T>,
    index: u32,
}

impl<T> SlabGuard<'_, T> {
    /// Returns the state, and whether the entry has been removed.
    #[inline]
    pub fn entry_state(&self) -> EntryState {
        self.slot.pinned_state()
    }

    /// Changes the state to the result of `next`, in one atomic step, and returns the previous
    /// state. If `next` returns `None`, the state is unchanged and returned as the error. `next`
    /// may be called several times.
    #[inline]
    pub fn update_state(
        &self,
        next: impl FnMut(EntryState) -> Option<u8>,
    ) -> Result<EntryState, EntryState> {
        self.slot.update_state(next)
    }
}

impl<T> Deref for SlabGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard is a pin and outlives the reference.
        unsafe { self.slot.value() }
    }
}

impl<T> Guard<T> for SlabGuard<'_, T> {
    #[inline]
    fn state(&self) -> u8 {
        self.entry_state().state
    }

    fn swap_state(&self, new: u8) -> u8 {
        match self.update_state(|_| Some(new)) {
            Ok(before) | Err(before) => before.state,
        }
    }

    fn compare_exchange_state(&self, current: u8, new: u8) -> Result<u8, u8> {
        self.update_state(|entry| (entry.state == current).then_some(new))
            .map(|before| before.state)
            .map_err(|before| before.state)
    }
}

impl<T> Drop for SlabGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.slot.unpin() == Last::Yes {
            // SAFETY: `unpin` says that this thread has exclusive access to the slot.
            unsafe { self.slab.reclaim(self.slot, self.index) };
        }
    }
}
