//! Deep copies: what an isolated thread gets.
//!
//! Cycles and sharing inside of the data are kept: each object is copied once, however
//! many ways lead to it. Futures and channels are shared with the original, they are what
//! threads talk through. A loop over a work list, so depth is limited by memory only.

use super::Value;
use super::heap::{HeapKind, out_of_memory};
use crate::slowdown::{self, Site};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::mem;

#[derive(Default)]
struct Copier {
    /// Copies by the bits of the original's word.
    copies: FxHashMap<u64, Value>,
    /// What has been copied, kept alive until the end: an object that another thread lets go
    /// meanwhile must not make its address, and so its copy, that of the next object there.
    originals: Vec<Value>,
    /// Originals whose copies have none of the original's items yet.
    unfinished: Vec<(Value, Value)>,
}

impl Copier {
    /// The copy of a value, of an array without its items; `None` without memory.
    fn copy(&mut self, original: &Value) -> Option<Value> {
        let Some(kind) = original.heap_kind() else { return Some(original.clone()) };
        // The entry needs no memory then.
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

    /// Frees the copies made so far, also those that stand in each other.
    fn give_up(&mut self) {
        for (original, copy) in self.copies.drain() {
            if copy.raw().to_bits() != original
                && let Some(copy) = copy.as_array()
            {
                copy.clear();
            }
        }
    }

    /// Gives the copy of an array its items, all at once. Those that are no objects are copies
    /// of themselves.
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

/// The copy of an object of this kind, or the object itself if copies share it. An array without
/// its items, which joins the `unfinished`. `None` without memory.
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
    /// A copy that shares nothing with this value but futures and channels; `None` without
    /// memory for all of it.
    ///
    /// An array that another thread changes meanwhile is copied as it was at one moment;
    /// different arrays may be seen at different moments.
    pub fn try_deep_copy(&self) -> Option<Self> {
        match self.heap_kind() {
            None => return Some(self.clone()),
            Some(HeapKind::Array) => {}
            // Nothing to be copied stands in it.
            Some(kind) => return copy_of(kind, self, &mut Vec::new()),
        }
        let mut copier = Copier::default();
        let copy = copier.copy_all(self);
        if copy.is_none() {
            copier.give_up();
        }
        copy
    }

    /// As [`Value::try_deep_copy`]. Aborts the process without memory.
    pub fn deep_copy(&self) -> Self {
        self.try_deep_copy().unwrap_or_else(out_of_memory)
    }
}
