//! Growable arrays of values, safe to use from several threads at once.

use super::Value;
use super::heap::{Header, HeapKind, HeapObject, allocate, view};
use crate::sync::Mutex;

/// Larger arrays than this are a mistake of the caller, not a wish.
const MAX_CAPACITY: u64 = 1 << 32;

#[repr(C)]
pub(crate) struct ArrayObject {
    header: Header,
    // One byte of lock. Bodies on several workers see the same array, and a `get` that
    // retains what a concurrent `set` releases would be a use after free.
    items: Mutex<Vec<Value>>,
}

// SAFETY: `repr(C)`, and the header comes first, with kind Array.
unsafe impl HeapObject for ArrayObject {
    const KIND: HeapKind = HeapKind::Array;

    fn give_up(self, children: &mut Vec<Value>) {
        let mut items = self.items.into_inner();
        if children.is_empty() {
            std::mem::swap(children, &mut items);
        } else {
            children.append(&mut items);
        }
    }
}

/// A view of an array value; every method takes the array's lock for its duration.
#[derive(Clone, Copy)]
pub struct Array<'a>(&'a ArrayObject);

impl std::fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Array(len {})", self.len())
    }
}

impl Value {
    /// An array of `items`, whose references pass to it.
    pub fn array(items: Vec<Self>) -> Self {
        let header = Header::new(HeapKind::Array, size_of::<ArrayObject>(), 0);
        allocate(ArrayObject { header, items: Mutex::new(items) })
    }

    /// An empty array with room for `capacity` items, or `None` where that is absurd or
    /// there is no memory for it.
    pub fn array_with_capacity(capacity: u64) -> Option<Self> {
        if capacity > MAX_CAPACITY {
            return None;
        }
        let mut items = Vec::new();
        items.try_reserve_exact(usize::try_from(capacity).ok()?).ok()?;
        Some(Self::array(items))
    }

    /// This value as an array.
    #[inline]
    pub fn as_array(&self) -> Option<Array<'_>> {
        view::<ArrayObject>(self).map(Array)
    }
}

impl Array<'_> {
    /// Number of items.
    pub fn len(&self) -> usize {
        self.0.items.lock().len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`; a negative index counts from the end.
    pub fn get(&self, index: i64) -> Option<Value> {
        let items = self.0.items.lock();
        position(index, items.len()).map(|i| items[i].clone())
    }

    /// Replaces the item at `index` (negative: from the end); false when out of range.
    pub fn set(&self, index: i64, value: Value) -> bool {
        let old = {
            let mut items = self.0.items.lock();
            let Some(i) = position(index, items.len()) else { return false };
            std::mem::replace(&mut items[i], value)
        };
        // Outside of the lock: the last reference may take a long chain of objects along.
        drop(old);
        true
    }

    /// Appends `value`; false when there is no memory.
    pub fn push(&self, value: Value) -> bool {
        let mut items = self.0.items.lock();
        if items.len() == items.capacity() && items.try_reserve(1).is_err() {
            return false;
        }
        items.push(value);
        true
    }

    /// Takes the last item.
    pub fn pop(&self) -> Option<Value> {
        self.0.items.lock().pop()
    }

    /// Removes all items.
    pub fn clear(&self) {
        let items = std::mem::take(&mut *self.0.items.lock());
        drop(items);
    }

    /// A copy of the items as they are now.
    pub fn to_vec(&self) -> Vec<Value> {
        self.0.items.lock().clone()
    }

    pub(super) fn replace_all(&self, items: Vec<Value>) {
        let old = std::mem::replace(&mut *self.0.items.lock(), items);
        drop(old);
    }
}

fn position(index: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let i = if index < 0 { index.checked_add(len)? } else { index };
    (0 <= i && i < len).then_some(i as usize)
}
