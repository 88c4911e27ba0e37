//! Deep copies: what an isolated thread gets.
//!
//! Cycles and sharing inside of the data are kept: each object is copied once, however
//! many ways lead to it. Futures and channels are shared with the original, they are what
//! threads talk through. A loop over a work list, so depth is limited by memory only.

use super::Value;
use crate::slowdown::{self, Site};
use rustc_hash::FxHashMap;

#[derive(Default)]
struct Copier {
    /// Copies by the bits of the original's word.
    copies: FxHashMap<u64, Value>,
    /// What has been copied, kept alive until the end: an object that another thread lets go
    /// meanwhile must not make its address, and so its copy, that of the next object there.
    originals: Vec<Value>,
    /// Originals whose copies still hold the original's items.
    unfinished: Vec<(Value, Value)>,
}

impl Copier {
    fn copy(&mut self, original: &Value) -> Value {
        if !original.is_heap() {
            return original.clone();
        }
        if let Some(copy) = self.copies.get(&original.raw().to_bits()) {
            return copy.clone();
        }
        let copy = if original.as_array().is_some() {
            let copy = Value::array(Vec::new());
            self.unfinished.push((original.clone(), copy.clone()));
            copy
        } else if let Some(text) = original.as_str() {
            Value::string(text)
        } else {
            original.copy_of_number().unwrap_or_else(|| original.clone())
        };
        if copy.raw() != original.raw() {
            slowdown::at(Site::DeepCopy);
        }
        self.copies.insert(original.raw().to_bits(), copy.clone());
        copy
    }
}

impl Value {
    /// A copy that shares nothing with this value but futures and channels.
    ///
    /// An array that another thread changes meanwhile is copied as it was at one moment;
    /// different arrays may be seen at different moments.
    pub fn deep_copy(&self) -> Self {
        if !self.is_heap() {
            return self.clone();
        }
        let mut copier = Copier::default();
        let root = copier.copy(self);
        while let Some((original, copy)) = copier.unfinished.pop() {
            let (Some(from), Some(to)) = (original.as_array(), copy.as_array()) else { continue };
            let items = from.to_vec();
            to.replace_all(items.iter().map(|item| copier.copy(item)).collect());
            copier.originals.extend(items.into_iter().filter(Value::is_heap));
        }
        root
    }
}
