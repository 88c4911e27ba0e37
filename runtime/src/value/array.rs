//! Growable arrays of values, safe to use from several threads at once.

use super::Value;
use super::heap::{Dying, Header, HeapKind, HeapObject, try_allocate, view};
use super::sequence::Sequence;
use crate::sync::biased::Biased;

/// Maximum capacity. A larger request is an error of the caller.
const MAX_CAPACITY: u64 = 1 << 32;
/// Arrays up to this length are copied as a whole with a buffer of this size; longer ones are asked
/// for their length first. Few arrays that are read as a whole are longer.
const LIKELY_LEN: usize = 16;

#[repr(C)]
pub(crate) struct ArrayObject {
    header: Header,
    // Bodies on several workers share the same array, and a `get` that retains what a concurrent
    // `set` releases would be a use after free.
    items: Biased<Sequence>,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Array.
unsafe impl HeapObject for ArrayObject {
    const KIND: HeapKind = HeapKind::Array;

    fn give_up(self, children: &mut Dying) {
        self.items.into_inner().drain_back(|item| children.push(item));
    }
}

/// A view of an array value. Methods that change the array exclude each other and all readers;
/// methods that only read it exclude only methods that change it.
#[derive(Clone, Copy)]
pub struct Array<'a>(&'a ArrayObject);

impl std::fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Array(len {})", self.len())
    }
}

impl Value {
    fn array_of(items: Sequence) -> Option<Self> {
        let header = Header::new(HeapKind::Array, size_of::<ArrayObject>(), 0);
        try_allocate(ArrayObject { header, items: Biased::new(items) }).ok()
    }

    /// Creates an array of `items`, and takes over their references.
    ///
    /// Aborts the process if there is no memory, as a `Vec` does.
    pub fn array(items: Vec<Self>) -> Self {
        Self::try_array(items).unwrap_or_else(super::heap::out_of_memory)
    }

    /// Creates an array of `items`, and takes over their references; `None` without memory.
    pub fn try_array(items: Vec<Self>) -> Option<Self> {
        let mut sequence = Sequence::new();
        sequence.append(items).ok()?;
        Self::array_of(sequence)
    }

    /// Creates an empty array with room for `capacity` items; `None` if that is too large or there
    /// is no memory.
    pub fn array_with_capacity(capacity: u64) -> Option<Self> {
        if capacity > MAX_CAPACITY {
            return None;
        }
        Self::array_of(Sequence::with_capacity(capacity).ok()?)
    }

    /// This value as an array.
    #[inline]
    pub fn as_array(&self) -> Option<Array<'_>> {
        view::<ArrayObject>(self).map(Array)
    }
}

/// Drops an item for which there was no memory.
#[cold]
#[inline(never)]
fn out_of_room(item: Value) -> bool {
    drop(item);
    false
}

impl Array<'_> {
    /// Returns the number of items.
    #[inline]
    pub fn len(self) -> usize {
        self.0.items.read(Sequence::len) as usize
    }

    /// True if there are no items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the item at `index`; a negative index counts from the end.
    #[inline]
    pub fn get(self, index: i64) -> Option<Value> {
        self.0.items.read(move |items| items.get(index).cloned())
    }

    /// Replaces the item at `index` (negative: from the end); false if it is out of range.
    #[inline]
    pub fn set(self, index: i64, value: Value) -> bool {
        let old = {
            let mut items = self.0.items.write();
            let Some(index) = items.counted_from_start(index) else { return false };
            items.replace(index, value)
        };
        // Outside of the lock: dropping the last reference may free a long chain of objects.
        drop(old);
        true
    }

    /// Appends `value`; false if there is no memory.
    #[inline]
    pub fn push(self, value: Value) -> bool {
        let refused = self.0.items.write().push_back(value).err();
        refused.is_none_or(out_of_room)
    }

    /// Appends all of `items`; `None` if there is no memory.
    pub(super) fn append(self, items: Vec<Value>) -> Option<()> {
        self.0.items.write().append(items).ok()
    }

    /// Removes the last item and returns it.
    #[inline]
    pub fn pop(self) -> Option<Value> {
        self.0.items.write().pop_back()
    }

    /// Removes all items and frees their memory.
    pub fn clear(self) {
        let items = self.0.items.write().take();
        drop(items);
    }

    /// Returns a copy of the current items.
    ///
    /// Aborts the process if there is no memory, as a `Vec` does.
    pub fn to_vec(self) -> Vec<Value> {
        self.try_to_vec().unwrap_or_else(super::heap::out_of_memory)
    }

    /// Returns a copy of the current items; `None` without memory.
    pub fn try_to_vec(self) -> Option<Vec<Value>> {
        let mut copy = Vec::new();
        let mut room = LIKELY_LEN;
        // Reserve first, so that nothing is allocated while the lock is held.
        loop {
            copy.try_reserve_exact(room).ok()?;
            room = self.0.items.read(|items| {
                if items.len() <= copy.capacity() as u64 {
                    items.slices().into_iter().for_each(|items| copy.extend_from_slice(items));
                }
                items.len() as usize
            });
            if room == copy.len() {
                return Some(copy);
            }
        }
    }
}
