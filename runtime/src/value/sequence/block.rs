//! The memory of a sequence.

use super::NoMemory;
use crate::value::Value;
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, NonNull};

/// Fewest items that there is room for, if for any.
pub(super) const LEAST: u64 = 4;
/// More would be beyond all address space.
const MOST: u64 = 1 << 44;

/// Places for items, and their number, which is a power of two.
#[repr(C)]
pub(super) struct Block {
    capacity: u64,
    items: [Value; 0],
}

impl Block {
    /// A block for as many items or some more.
    pub(super) fn new(capacity: u64) -> Result<*mut Self, NoMemory> {
        if capacity > MOST {
            return Err(NoMemory);
        }
        let capacity = capacity.max(LEAST).next_power_of_two();
        let layout = Self::layout(capacity).ok_or(NoMemory)?;
        // SAFETY: the layout is not empty.
        let block = NonNull::new(unsafe { alloc(layout) }).ok_or(NoMemory)?.cast::<Self>();
        // SAFETY: newly allocated, and aligned for it.
        unsafe { block.write(Self { capacity, items: [] }) };
        Ok(block.as_ptr())
    }

    fn layout(capacity: u64) -> Option<Layout> {
        let items = Layout::array::<Value>(usize::try_from(capacity).ok()?).ok()?;
        Some(Layout::new::<Self>().extend(items).ok()?.0)
    }

    /// Number of items that there is room for; 0 without a block.
    ///
    /// # Safety
    ///
    /// Null, or a block that lives.
    #[inline(always)]
    pub(super) unsafe fn capacity(block: *const Self) -> u64 {
        // SAFETY: by the caller's promise.
        unsafe { block.as_ref() }.map_or(0, |block| block.capacity)
    }

    /// Where the item at `position` stands.
    ///
    /// # Safety
    ///
    /// The block lives.
    #[inline(always)]
    pub(super) unsafe fn place(block: *mut Self, position: u64) -> *mut Value {
        // SAFETY: by the caller's promise; the remainder is less than the capacity.
        unsafe {
            let index = position & ((*block).capacity - 1);
            (&raw mut (*block).items).cast::<Value>().add(index as usize)
        }
    }

    /// The places of `len` items from `position` on: up to the block's end, and from its start.
    ///
    /// # Safety
    ///
    /// The block lives, and has as many.
    pub(super) unsafe fn pieces(
        block: *mut Self,
        position: u64,
        len: u64,
    ) -> (*mut [Value], *mut [Value]) {
        // SAFETY: by the caller's promise.
        unsafe {
            let capacity = (*block).capacity;
            let behind = len.min(capacity - (position & (capacity - 1)));
            let start = (&raw mut (*block).items).cast::<Value>();
            let slice = |first, len| ptr::slice_from_raw_parts_mut(first, len as usize);
            (slice(Self::place(block, position), behind), slice(start, len - behind))
        }
    }

    /// # Safety
    ///
    /// Null, or a block that nobody uses any more, without its items.
    pub(super) unsafe fn free(block: *mut Self) {
        // SAFETY: by the caller's promise.
        if let Some(capacity) = unsafe { block.as_ref() }.map(|block| block.capacity) {
            let layout = Self::layout(capacity).expect("it was the same when it was allocated");
            // SAFETY: allocated in `new`, with this layout.
            unsafe { dealloc(block.cast(), layout) };
        }
    }
}
