//! The comparison of a probe's name with a known text.
//!
//! It runs in every probe whose name is not where texts never change (see `fixed_text`), so it must
//! not cost more than the rest of the probe. Texts of usual lengths are compared in a few pieces,
//! and without a call, if the name is where it was found before.
//!
//! A name may be shorter than the text, and the comparison that finds the difference then reads
//! beyond the name's end. That is harmless to the machine as long as it stays in the page in which
//! the name begins, but undefined in Rust, so those reads are in assembly. It happens only if a
//! name is replaced by a shorter one at the same address. (A memory checker may report it, if that
//! name is at the end of a block of the heap.)

use super::interner::{Interned, Interner};
use super::site::FileName;
use crate::sync::atomic::{AtomicUsize, Ordering};
use rustc_hash::FxBuildHasher;
use std::ffi::{CStr, c_char};
use std::hash::BuildHasher;

/// A text, and the parts of it that are compared at once.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Text {
    pieces: imp::Pieces,
    size_bytes: usize,
    text: Box<CStr>,
    number: u32,
    /// The addresses where the text was found, each once; 0 for none yet.
    places: [AtomicUsize; PLACES],
}

/// Number of addresses at which a text may have sites of its own. A text in more places is found
/// there by its text.
const PLACES: usize = 4;

impl Text {
    pub(super) fn new(text: &CStr, number: u32) -> Self {
        let bytes = text.to_bytes_with_nul();
        Self {
            pieces: imp::Pieces::new(bytes),
            size_bytes: bytes.len(),
            text: text.into(),
            number,
            places: Default::default(),
        }
    }

    /// True if the text, which is at this address now, may have sites of its own there.
    pub(super) fn lives_at(&self, address: *const c_char) -> bool {
        let place = address as usize;
        self.may_be_asked(address)
            && self.places.iter().any(|known| {
                match known.compare_exchange(0, place, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => true,
                    Err(other) => other == place,
                }
            })
    }

    pub(super) fn text(&self) -> &CStr {
        &self.text
    }

    /// True if `name` is this text.
    #[inline]
    pub(super) fn is(&self, name: FileName<'_>) -> bool {
        *name.to_c_str() == *self.text
    }

    /// True if [`is_still`](Self::is_still) may be called for a name at this address.
    pub(super) fn may_be_asked(&self, address: *const c_char) -> bool {
        !address.is_null() && imp::may_be_asked(address as usize, self.size_bytes)
    }

    /// Same as [`is`](Self::is), but fast.
    ///
    /// # Safety
    ///
    /// [`may_be_asked`](Self::may_be_asked) is true for the name's address.
    #[inline(always)]
    pub(super) unsafe fn is_still(&self, name: FileName<'_>) -> bool {
        // SAFETY: not NULL, so by the promise of `FileName` a text is there; the rest is the
        // caller's promise.
        unsafe { imp::is_still(self, name) }
    }
}

impl Interned for Text {
    fn hash(&self) -> u64 {
        hash(&self.text)
    }

    fn number(&self) -> u32 {
        self.number
    }
}

fn hash(text: &CStr) -> u64 {
    FxBuildHasher.hash_one(text.to_bytes())
}

/// All names of a process, each of them once and forever, with their size in bytes.
pub(super) type Texts = Interner<Text, usize>;

/// Maximum number of names, and of their bytes together.
pub(super) const MAX_TEXTS: u32 = 1 << 22;
const MAX_BYTES: usize = 1 << 28;

impl Texts {
    /// Returns the process's copy of this name; `None` if no more names are kept.
    pub(super) fn copy(&self, name: FileName<'_>) -> Option<&Text> {
        let name = name.to_c_str();
        let is = |text: &Text| *text.text == *name;
        self.intern(hash(name), is, |bytes, number| {
            let more = *bytes + name.count_bytes();
            (more <= MAX_BYTES).then(|| {
                *bytes = more;
                Text::new(name, number)
            })
        })
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
    /// None; the other implementation has conditions.
    #[inline(always)]
    pub(super) unsafe fn is_still(text: &Text, name: FileName<'_>) -> bool {
        text.is(name)
    }
}

#[cfg(test)]
mod tests;
