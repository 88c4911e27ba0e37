//! Deep copies: what an isolated thread gets.
//!
//! Cycles and sharing inside of the data are kept: each object is copied once, however
//! many ways lead to it. Futures and channels are shared with the original, they are what
//! threads talk through. A loop over a work list, so depth is limited by memory only.

use super::Value;
use super::heap::{HeapKind, out_of_memory};
use crate::slowdown::{self, Site};
use rustc_hash::FxHashMap;

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
        if let Some(copy) = self.copies.get(&original.raw().to_bits()) {
            return Some(copy.clone());
        }
        let copy = match kind {
            HeapKind::Array => self.empty_copy(original)?,
            HeapKind::String => Value::try_string(original.as_str()?)?,
            HeapKind::Int64 => Value::try_int(original.as_int()?)?,
            HeapKind::Float64 => Value::try_float(original.as_float()?)?,
            HeapKind::Future | HeapKind::Channel | HeapKind::Closure => original.clone(),
        };
        if copy.raw() != original.raw() {
            slowdown::at(Site::DeepCopy);
        }
        self.copies.try_reserve(1).ok()?;
        self.copies.insert(original.raw().to_bits(), copy.clone());
        Some(copy)
    }

    fn empty_copy(&mut self, original: &Value) -> Option<Value> {
        self.unfinished.try_reserve(1).ok()?;
        let copy = Value::array_with_capacity(0)?;
        self.unfinished.push((original.clone(), copy.clone()));
        Some(copy)
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

    /// Gives the copy of an array its items.
    fn finish(&mut self, original: &Value, copy: &Value) -> Option<()> {
        let items = original.as_array()?.try_to_vec()?;
        self.originals.try_reserve(items.len()).ok()?;
        copy.as_array()?.try_reserve(items.len())?;
        for item in items {
            let pushed = copy.as_array()?.push(self.copy(&item)?);
            pushed.then_some(())?;
            if item.is_heap() {
                self.originals.push(item);
            }
        }
        Some(())
    }
}

impl Value {
    /// A copy that shares nothing with this value but futures and channels; `None` without
    /// memory for all of it.
    ///
    /// An array that another thread changes meanwhile is copied as it was at one moment;
    /// different arrays may be seen at different moments.
    pub fn try_deep_copy(&self) -> Option<Self> {
        if !self.is_heap() {
            return Some(self.clone());
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
