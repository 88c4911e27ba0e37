//! The places of a channel's values: a block like that of an array.

use super::queue::{NotSent, Places};
use crate::sync::atomic::{AtomicPtr, Ordering};
use crate::value::Value;
use crate::value::sequence::{Block, NoMemory, grown, is_far_too_large};
use std::ptr;

/// From this capacity on a block grows by more: a burst fills the block, and is given back at its
/// end.
const PAGE: u64 = 512;

/// A block; null while there are no places.
pub(super) struct Items(AtomicPtr<Block>);

impl Default for Items {
    fn default() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }
}

impl From<NoMemory> for NotSent {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}

impl Items {
    /// Returns the block. It changes under both locks, and every reader holds one of them.
    #[inline(always)]
    fn block(&self) -> *mut Block {
        self.0.load(Ordering::Relaxed)
    }

    /// # Safety
    ///
    /// As [`Places::grow`]; the new capacity is enough.
    unsafe fn move_to(&self, capacity: u64, head: u64, tail: u64) -> Result<(), NoMemory> {
        let old = self.block();
        // SAFETY: by the caller's promise.
        let new = unsafe { Block::copy_of(old, head..tail, capacity) }?;
        self.0.store(new, Ordering::Release);
        // SAFETY: no thread uses the old one.
        unsafe { Block::free(old) };
        Ok(())
    }
}

// SAFETY: the block contains its capacity, and is changed by one store.
unsafe impl Places for Items {
    type Item = Value;

    #[inline(always)]
    fn capacity(&self) -> u64 {
        // SAFETY: null, or the queue's own block.
        unsafe { Block::capacity(self.block()) }
    }

    #[inline(always)]
    unsafe fn write(&self, position: u64, item: Value) {
        // SAFETY: by the caller's promise.
        unsafe { Block::place(self.block(), position).write(item) }
    }

    #[inline(always)]
    unsafe fn read(&self, position: u64) -> Value {
        // SAFETY: by the caller's promise.
        unsafe { Block::place(self.block(), position).read() }
    }

    unsafe fn grow(&self, head: u64, tail: u64) -> Result<(), NotSent> {
        let least = grown(self.capacity());
        let more = if self.capacity() < PAGE { least } else { 2 * least };
        // SAFETY: by the caller's promise.
        let moved = unsafe { self.move_to(more, head, tail) };
        // SAFETY: as above.
        Ok(moved.or_else(|_| unsafe { self.move_to(least, head, tail) })?)
    }

    #[inline(always)]
    fn are_far_too_many(&self, len: u64) -> bool {
        is_far_too_large(self.capacity(), len)
    }

    unsafe fn shrink(&self, head: u64, tail: u64) {
        // Without memory for a smaller block the large one stays.
        // SAFETY: by the caller's promise.
        let _ = unsafe { self.move_to(self.capacity() / 4, head, tail) };
    }

    unsafe fn free(&mut self) {
        // SAFETY: by the caller's promise.
        unsafe { Block::free(self.block()) };
    }
}
