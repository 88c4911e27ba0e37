//! Sequences of values, with access to any item and changes at the end. Arrays are made of them.
//! Channels use the same block of memory.
//!
//! A ring in one block of memory. Positions count from the first item ever added. The item with
//! position `p` is at `p` modulo the capacity, a power of two.
//!
//! A process may fork while a thread is inside, and the child continues with the state it finds. So
//! each change becomes visible with one store: of an item, of an end, or of the block, which
//! contains its own capacity. The child loses only what it cannot know of (a value just taken out,
//! a block just made or replaced), and nothing is freed too early.

mod block;

use super::Value;
use crate::sync::AnyMomentConsistent;
use crate::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
pub(crate) use block::{Block, grown, is_far_too_large};
use std::ptr;

/// Capacity from which on growth is by a larger factor: untouched pages cost nothing, copying does.
const LARGE: u64 = 1 << 17;

/// A sequence of values; see the module.
pub(crate) struct Sequence {
    /// Null while there is no block.
    block: AtomicPtr<Block>,
    head: AtomicU64,
    tail: AtomicU64,
}

// SAFETY: each change is one store, as described above.
unsafe impl AnyMomentConsistent for Sequence {}
// SAFETY: the sequence owns the block, and values may be sent and shared.
unsafe impl Send for Sequence {}
// SAFETY: as above; nothing changes through a shared reference.
unsafe impl Sync for Sequence {}

/// Error: there is no memory for one more item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoMemory;

impl Sequence {
    pub(crate) const fn new() -> Self {
        Self {
            block: AtomicPtr::new(ptr::null_mut()),
            head: AtomicU64::new(0),
            tail: AtomicU64::new(0),
        }
    }

    pub(crate) fn with_capacity(capacity: u64) -> Result<Self, NoMemory> {
        let sequence = Self::new();
        if capacity > 0 {
            sequence.block.store(Block::new(capacity)?, Ordering::Relaxed);
        }
        Ok(sequence)
    }

    #[inline]
    pub(crate) fn len(&self) -> u64 {
        self.tail().wrapping_sub(self.head())
    }

    #[inline]
    fn head(&self) -> u64 {
        self.head.load(Ordering::Relaxed)
    }

    #[inline]
    fn tail(&self) -> u64 {
        self.tail.load(Ordering::Relaxed)
    }

    #[inline]
    fn block(&self) -> *mut Block {
        self.block.load(Ordering::Relaxed)
    }

    fn capacity(&self) -> u64 {
        // SAFETY: null, or the sequence's own block.
        unsafe { Block::capacity(self.block()) }
    }

    /// Returns the item at `index`; a negative index counts from the end.
    #[inline]
    pub(crate) fn get(&self, index: i64) -> Option<&Value> {
        let (head, tail) = (self.head(), self.tail());
        let index = from_start(index, tail - head)?;
        // SAFETY: there is an item, so there is a block, which contains it.
        Some(unsafe { &*Block::place(self.block(), head + index) })
    }

    /// Converts an index, which may count from the end, to one that counts from the start; `None`
    /// if it is out of range.
    #[inline]
    pub(crate) fn counted_from_start(&self, index: i64) -> Option<u64> {
        from_start(index, self.len())
    }

    /// Replaces the item at `index`, and returns the previous item; `None` if there is none.
    #[inline]
    pub(crate) fn replace(&mut self, index: u64, value: Value) -> Option<Value> {
        let (head, tail, block) = self.ends();
        // SAFETY: as in `get`; the reference is exclusive. The store is one word.
        (index < tail - head)
            .then(|| unsafe { ptr::replace(Block::place(block, head + index), value) })
    }

    /// Appends `value`, or gives it back if there is no memory.
    #[inline]
    pub(crate) fn push_back(&mut self, value: Value) -> Result<(), Value> {
        let (head, tail, block) = self.ends();
        // SAFETY: null, or the sequence's own block.
        if tail - head == unsafe { Block::capacity(block) } {
            return self.push_back_growing(value);
        }
        // SAFETY: there is room at the end.
        unsafe { Block::place(block, tail).write(value) };
        self.tail.store(tail + 1, Ordering::Release);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn push_back_growing(&mut self, value: Value) -> Result<(), Value> {
        if self.grow().is_ok() { self.push_back(value) } else { Err(value) }
    }

    /// Appends all of `items`, or none if there is no memory.
    pub(crate) fn append(&mut self, mut items: Vec<Value>) -> Result<(), NoMemory> {
        let more = items.len() as u64;
        self.reserve(more)?;
        let (_, tail, block) = self.ends();
        // SAFETY: there is room after the last item, up to the block's end and from its start. All
        // items move before the tail does: nobody reads beyond the tail.
        unsafe {
            if more > 0 {
                let (behind, from_start) = Block::pieces(block, tail, more);
                let (there, rest) = (behind.len(), items.as_ptr().add(behind.len()));
                behind.cast::<Value>().copy_from_nonoverlapping(items.as_ptr(), there);
                from_start.cast::<Value>().copy_from_nonoverlapping(rest, from_start.len());
            }
            items.set_len(0);
        }
        self.tail.store(tail + more, Ordering::Release);
        Ok(())
    }

    /// Makes room for `more` items after the last.
    fn reserve(&mut self, more: u64) -> Result<(), NoMemory> {
        match self.len().checked_add(more) {
            Some(len) if len <= self.capacity() => Ok(()),
            Some(len) => self.move_to(len),
            None => Err(NoMemory),
        }
    }

    /// Removes the last item and returns it.
    #[inline]
    pub(crate) fn pop_back(&mut self) -> Option<Value> {
        let (head, tail, block) = self.ends();
        if head == tail {
            return None;
        }
        // SAFETY: there is an item before the tail, which is moved out.
        let value = unsafe { Block::place(block, tail - 1).read() };
        self.tail.store(tail - 1, Ordering::Release);
        // SAFETY: as above.
        self.shrink_if_far_too_large(tail - head, unsafe { Block::capacity(block) });
        Some(value)
    }

    /// Returns head, tail and block, read once: nobody else changes them.
    #[inline(always)]
    fn ends(&mut self) -> (u64, u64, *mut Block) {
        (*self.head.get_mut(), *self.tail.get_mut(), *self.block.get_mut())
    }

    /// Takes out everything, including the block.
    pub(crate) fn take(&mut self) -> Self {
        let taken = Self {
            block: AtomicPtr::new(self.block()),
            head: AtomicU64::new(self.head()),
            tail: AtomicU64::new(self.tail()),
        };
        // The ends first: without a block there must be no items.
        self.head.store(self.tail(), Ordering::Release);
        self.block.store(ptr::null_mut(), Ordering::Release);
        taken
    }

    /// Returns the items in two slices; the second is at the block's start.
    pub(crate) fn slices(&self) -> [&[Value]; 2] {
        let (head, len) = (self.head(), self.len());
        if len == 0 {
            return [&[], &[]];
        }
        // SAFETY: there are items, so there is a block, which contains them.
        unsafe {
            let (behind, from_start) = Block::pieces(self.block(), head, len);
            [&*behind, &*from_start]
        }
    }

    #[cfg(test)]
    fn iter(&self) -> impl Iterator<Item = &Value> {
        self.slices().into_iter().flatten()
    }

    fn grow(&mut self) -> Result<(), NoMemory> {
        let capacity = self.capacity();
        if capacity >= LARGE && self.move_to(capacity * 4).is_ok() {
            return Ok(());
        }
        self.move_to(grown(capacity))
    }

    #[inline]
    fn shrink_if_far_too_large(&mut self, len: u64, capacity: u64) {
        if is_far_too_large(capacity, len) {
            self.shrink();
        }
    }

    /// Shrinks to a quarter. The number of items must then quadruple before it grows again.
    #[cold]
    #[inline(never)]
    fn shrink(&mut self) {
        // If there is no memory for a smaller block, it keeps the large one.
        let _ = self.move_to(self.capacity() / 4);
    }

    /// Moves the items to a new block, which has room for them.
    fn move_to(&mut self, capacity: u64) -> Result<(), NoMemory> {
        let (head, tail, old) = self.ends();
        // SAFETY: the items are in the old block, which is no longer used.
        let new = unsafe { Block::copy_of(old, head..tail, capacity) }?;
        self.block.store(new, Ordering::Release);
        // SAFETY: nobody reads the old block: the reference is exclusive.
        unsafe { Block::free(old) };
        Ok(())
    }
}

#[inline(always)]
fn from_start(index: i64, len: u64) -> Option<u64> {
    let before = if index < 0 { len } else { 0 };
    // An index too far before the start wraps to more than any length.
    let index = (index as u64).wrapping_add(before);
    (index < len).then_some(index)
}

impl Drop for Sequence {
    fn drop(&mut self) {
        self.empty(drop);
        // SAFETY: the sequence's own block, which nobody uses any more.
        unsafe { Block::free(self.block()) };
    }
}

impl Sequence {
    /// Takes out all items, from the last to the first.
    pub(crate) fn drain_back(mut self, f: impl FnMut(Value)) {
        self.empty(f);
    }

    /// Takes out all items. Nobody else knows the sequence any more.
    #[inline]
    fn empty(&mut self, mut f: impl FnMut(Value)) {
        let (head, tail, block) = self.ends();
        // The tail first: if `f` unwinds, no item may be taken twice.
        *self.tail.get_mut() = head;
        for position in (head..tail).rev() {
            // SAFETY: there is an item, which is moved out.
            f(unsafe { Block::place(block, position).read() });
        }
    }
}

#[cfg(test)]
mod tests;
