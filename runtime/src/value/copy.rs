//! Deep copies, which isolated threads get.
//!
//! Cycles and sharing inside of the data are kept: each object is copied once, however many paths
//! lead to it. Futures and channels are shared with the original, because threads communicate
//! through them. The copy is a loop over a work list, so depth is limited by memory only.

use super::Value;
use super::heap::{HeapKind, out_of_memory};
use crate::slowdown::{self, Site};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::mem;

#[derive(Default)]
struct Copier {
    /// Copies, by the bits of the original's word.
    copies: FxHashMap<u64, Value>,
    /// The copied objects, kept alive until the end. If another thread released one meanwhile, a
    /// new object could get its address, and so would be taken for it.
    originals: Vec<Value>,
    /// Originals whose copies have none of the original's items yet.
    unfinished: Vec<(Value, Value)>,
}

impl Copier {
    /// Returns the copy of a value; an array is copied without its items. `None` without memory.
    fn copy(&mut self, original: &Value) -> Option<Value> {
        let Some(kind) = original.heap_kind() else { return Some(original.clone()) };
        // Reserve first: the entry then needs no memory.
        self.copies.try_reserve(1).ok()?;
        let place = match self.copies.entry(original.raw().to_bits()) {
            Entry::Occupied(copy) => return Some(copy.get().clone()),
            Entry::Vacant(place) => place,
        };
        let copy = copy_of(kind, original, &mut self.unfinished)?;
        Some(place.insert(copy).clone())
    }

    fn copy_all(&mut self, original: &Value) -> Option<Value> {
        let root = self.copy(original)?;
        while let Some((original, copy)) = self.unfinished.pop() {
            self.finish(&original, &copy)?;
        }
        Some(root)
    }

    /// Frees the copies made so far, including those that contain each other.
    fn give_up(&mut self) {
        for (original, copy) in self.copies.drain() {
            if copy.raw().to_bits() != original
                && let Some(copy) = copy.as_array()
            {
                copy.clear();
            }
        }
    }

    /// Gives the copy of an array all its items at once. Items that are not objects are their own
    /// copies.
    fn finish(&mut self, original: &Value, copy: &Value) -> Option<()> {
        let mut items = original.as_array()?.try_to_vec()?;
        for item in items.iter_mut().filter(|item| item.is_heap()) {
            self.originals.try_reserve(1).ok()?;
            let copy = self.copy(item)?;
            self.originals.push(mem::replace(item, copy));
        }
        copy.as_array()?.append(items)
    }
}

/// Returns the copy of an object of this kind, or the object itself if copies share it. An array is
/// copied without its items, and added to `unfinished`. `None` without memory.
fn copy_of(
    kind: HeapKind,
    original: &Value,
    unfinished: &mut Vec<(Value, Value)>,
) -> Option<Value> {
    let copy = match kind {
        HeapKind::Array => {
            unfinished.try_reserve(1).ok()?;
            let copy = Value::array_with_capacity(0)?;
            unfinished.push((original.clone(), copy.clone()));
            copy
        }
        HeapKind::String => Value::try_string(original.as_str()?)?,
        HeapKind::Int64 => Value::try_int(original.as_int()?)?,
        HeapKind::Float64 => Value::try_float(original.as_float()?)?,
        HeapKind::Future | HeapKind::Channel | HeapKind::Closure => return Some(original.clone()),
    };
    slowdown::at(Site::DeepCopy);
    Some(copy)
}

impl Value {
    /// Returns a copy that shares only futures and channels with this value; `None` without memory
    /// for the whole copy.
    ///
    /// An array that another thread changes meanwhile is copied as it is at one moment; different
    /// arrays may be seen at different moments.
    pub fn try_deep_copy(&self) -> Option<Self> {
        match self.heap_kind() {
            None => return Some(self.clone()),
            Some(HeapKind::Array) => {}
            // It contains nothing to copy.
            Some(kind) => return copy_of(kind, self, &mut Vec::new()),
        }
        let mut copier = Copier::default();
        let copy = copier.copy_all(self);
        if copy.is_none() {
            copier.give_up();
        }
        copy
    }

    /// Same as [`Value::try_deep_copy`]. Aborts the process if there is no memory.
    pub fn deep_copy(&self) -> Self {
        self.try_deep_copy().unwrap_or_else(out_of_memory)
    }
}
