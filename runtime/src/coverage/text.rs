//! Is the name that a probe was called with this text?
//!
//! Asked by every probe whose name does not lie where texts never change (see `fixed_text`),
//! so it must not cost more than the rest of the probe: texts of usual lengths are compared in
//! a few pieces, and without a call, if the name lies where it was found before.
//!
//! A name may be shorter than the text, and the comparison that finds the difference then
//! reads beyond the name's end. That is harmless to the machine as long as it stays in the page
//! in which the name begins, but does not exist in Rust, so those reads are in assembly. It
//! happens only if a name is replaced by a shorter one at the same address. (A memory checker
//! may report it, if that name stands at the end of a block of the heap.)

use super::site::FileName;
use rustc_hash::FxHashMap;
use std::ffi::{CStr, c_char};
use std::rc::Rc;
use std::sync::Arc;

/// A text, and what of it is compared at once.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Text {
    pieces: imp::Pieces,
    size_bytes: usize,
    text: Arc<CStr>,
}

impl Text {
    pub(super) fn new(text: &CStr) -> Self {
        let bytes = text.to_bytes_with_nul();
        Self { pieces: imp::Pieces::new(bytes), size_bytes: bytes.len(), text: text.into() }
    }

    pub(super) fn text(&self) -> &Arc<CStr> {
        &self.text
    }

    /// Whether `name` is this text.
    #[inline]
    pub(super) fn is(&self, name: FileName<'_>) -> bool {
        *name.to_c_str() == *self.text
    }

    /// Whether [`is_still`](Self::is_still) may be asked of a name at this address.
    pub(super) fn may_be_asked(&self, address: *const c_char) -> bool {
        !address.is_null() && imp::may_be_asked(address as usize, self.size_bytes)
    }

    /// The same as [`is`](Self::is), soon answered.
    ///
    /// # Safety
    ///
    /// The name's address is one that [`may_be_asked`](Self::may_be_asked).
    #[inline(always)]
    pub(super) unsafe fn is_still(&self, name: FileName<'_>) -> bool {
        // SAFETY: not NULL, so by the promise of `FileName` a text is there; the rest is the
        // caller's promise.
        unsafe { imp::is_still(self, name) }
    }
}

/// One thread's texts, each of them once.
#[derive(Debug, Default)]
pub(super) struct Texts(FxHashMap<Arc<CStr>, Rc<Text>>);

impl Texts {
    /// The thread's one copy of this name.
    pub(super) fn of(&mut self, name: FileName<'_>) -> &Rc<Text> {
        let name = name.to_c_str();
        if !self.0.contains_key(name) {
            let text = Rc::new(Text::new(name));
            self.0.insert(text.text.clone(), text);
        }
        &self.0[name]
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[path = "text/x86_64.rs"]
mod imp;

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
mod imp {
    use super::{FileName, Text};

    #[derive(Debug)]
    pub(super) struct Pieces;

    impl Pieces {
        pub(super) fn new(_bytes: &[u8]) -> Self {
            Self
        }
    }

    pub(super) fn may_be_asked(_address: usize, _size_bytes: usize) -> bool {
        true
    }

    /// # Safety
    ///
    /// None; the other one has conditions.
    #[inline(always)]
    pub(super) unsafe fn is_still(text: &Text, name: FileName<'_>) -> bool {
        text.is(name)
    }
}

#[cfg(test)]
mod tests;
