//! The memory of a sequence, and of a channel's queue.

use super::NoMemory;
use crate::value::Value;
use std::alloc::{Layout, alloc, dealloc};
use std::ops::Range;
use std::ptr::{self, NonNull};

/// Minimum capacity of a block.
const LEAST: u64 = 4;
/// Maximum capacity of a block: more would exceed the address space.
const MOST: u64 = 1 << 44;
/// A block with a larger capacity shrinks when few items are left.
pub(super) const SMALL: u64 = 512;

/// Places for items, and their number, which is a power of two.
#[repr(C)]
pub(crate) struct Block {
    capacity: u64,
    items: [Value; 0],
}

/// Returns the next larger capacity.
#[inline]
pub(crate) fn grown(capacity: u64) -> u64 {
    (capacity * 2).max(LEAST)
}

/// True if a block with `len` items should shrink to a quarter of this capacity.
#[inline(always)]
pub(crate) fn is_far_too_large(capacity: u64, len: u64) -> bool {
    capacity > SMALL && len <= capacity / 16
}

impl Block {
    /// Creates a block with the items of an old one, which are moved.
    ///
    /// # Safety
    ///
    /// `old` is alive and has these items, or is null and has none. They fit into the new block.
    pub(crate) unsafe fn copy_of(
        old: *mut Self,
        items: Range<u64>,
        capacity: u64,
    ) -> Result<*mut Self, NoMemory> {
        let new = Self::new(capacity)?;
        let mut position = items.start;
        while position < items.end {
            // SAFETY: by the caller's promise; each piece is contiguous in the old block and in the
            // new one, and the places in the new block are separate.
            position += unsafe {
                let room = Self::piece(old, position).min(Self::piece(new, position));
                let len = room.min(items.end - position);
                let place = Self::place(new, position);
                place.copy_from_nonoverlapping(Self::place(old, position), len as usize);
                len
            };
        }
        Ok(new)
    }

    /// Returns the number of places from `position` to the block's end.
    ///
    /// # Safety
    ///
    /// The block is alive.
    #[inline]
    unsafe fn piece(block: *const Self, position: u64) -> u64 {
        // SAFETY: by the caller's promise.
        let capacity = unsafe { (*block).capacity };
        capacity - (position & (capacity - 1))
    }

    /// Creates a block for this number of items or a few more.
    pub(super) fn new(capacity: u64) -> Result<*mut Self, NoMemory> {
        if capacity > MOST {
            return Err(NoMemory);
        }
        let capacity = capacity.max(LEAST).next_power_of_two();
        let layout = Self::layout(capacity).ok_or(NoMemory)?;
        // SAFETY: the layout is not empty.
        let block = NonNull::new(unsafe { alloc(layout) }).ok_or(NoMemory)?.cast::<Self>();
        // SAFETY: newly allocated, with the right alignment.
        unsafe { block.write(Self { capacity, items: [] }) };
        Ok(block.as_ptr())
    }

    fn layout(capacity: u64) -> Option<Layout> {
        let items = Layout::array::<Value>(usize::try_from(capacity).ok()?).ok()?;
        Some(Layout::new::<Self>().extend(items).ok()?.0)
    }

    /// Returns the capacity of a block; 0 for null.
    ///
    /// # Safety
    ///
    /// The block is null, or alive.
    #[inline(always)]
    pub(crate) unsafe fn capacity(block: *const Self) -> u64 {
        // SAFETY: by the caller's promise.
        unsafe { block.as_ref() }.map_or(0, |block| block.capacity)
    }

    /// Returns the address of the item at `position`.
    ///
    /// # Safety
    ///
    /// The block is alive.
    #[inline(always)]
    pub(crate) unsafe fn place(block: *mut Self, position: u64) -> *mut Value {
        // SAFETY: by the caller's promise; the remainder is less than the capacity.
        unsafe {
            let index = position & ((*block).capacity - 1);
            (&raw mut (*block).items).cast::<Value>().add(index as usize)
        }
    }

    /// Returns the places of `len` items from `position` on, in two pieces: up to the block's end,
    /// and from its start.
    ///
    /// # Safety
    ///
    /// The block is alive, and has `len` items there.
    pub(super) unsafe fn pieces(
        block: *mut Self,
        position: u64,
        len: u64,
    ) -> (*mut [Value], *mut [Value]) {
        // SAFETY: by the caller's promise.
        unsafe {
            let behind = len.min(Self::piece(block, position));
            let start = (&raw mut (*block).items).cast::<Value>();
            let slice = |first, len| ptr::slice_from_raw_parts_mut(first, len as usize);
            (slice(Self::place(block, position), behind), slice(start, len - behind))
        }
    }

    /// # Safety
    ///
    /// The block is null, or nobody uses it any more and its items are gone.
    pub(crate) unsafe fn free(block: *mut Self) {
        // SAFETY: by the caller's promise.
        if let Some(capacity) = unsafe { block.as_ref() }.map(|block| block.capacity) {
            let layout = Self::layout(capacity).expect("it was the same when it was allocated");
            // SAFETY: allocated in `new`, with this layout.
            unsafe { dealloc(block.cast(), layout) };
        }
    }
}
