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
        unsafe { imp::is_still(&self.pieces, name.as_ptr()) }
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
mod imp {
    use std::arch::asm;
    use std::ffi::c_char;
    use std::hint::cold_path;

    /// No page is smaller.
    const PAGE_BYTES: usize = 4096;
    const ALL_EQUAL: u32 = 0xffff;

    #[derive(Debug, Default)]
    #[repr(C, align(16))]
    struct Piece([u8; 16]);

    impl Piece {
        /// The two parts, which fit.
        fn new(first: &[u8], last: &[u8]) -> Self {
            let mut piece = Self::default();
            piece.0[..first.len()].copy_from_slice(first);
            piece.0[first.len()..][..last.len()].copy_from_slice(last);
            piece
        }
    }

    /// A text of 4 to 64 bytes as it is compared: the first and the last 16, 8 or 4 bytes,
    /// which may overlap; if they leave a gap, also the 16 after the first and before the last.
    #[derive(Debug)]
    #[repr(C)]
    pub(super) struct Pieces {
        /// First, last, second, last but one; or the two smaller ones in one.
        pieces: [Piece; 4],
        /// Where the last piece begins.
        last_at: usize,
        // In the order in which they are asked: texts of usual lengths are soon known.
        are_sixteen: bool,
        have_gap: bool,
        are_eight: bool,
    }

    impl Pieces {
        pub(super) fn new(bytes: &[u8]) -> Self {
            let size = match bytes.len() {
                ..4 => 0,
                4..8 => 4,
                8..16 => 8,
                16.. => 16,
            };
            let (last_at, have_gap) = (bytes.len() - size, bytes.len() > 32);
            let (first, last) = (&bytes[..size], &bytes[last_at..]);
            let inner = |at: usize| if have_gap { &bytes[at..at + 16] } else { &[] };
            let pieces = if size == 16 {
                [first, last, inner(16), inner(last_at.wrapping_sub(16))]
                    .map(|bytes| Piece::new(bytes, &[]))
            } else {
                [Piece::new(first, last), Piece::default(), Piece::default(), Piece::default()]
            };
            let are_sixteen = size == 16 && !have_gap;
            Self { pieces, last_at, are_sixteen, have_gap, are_eight: size == 8 }
        }
    }

    pub(super) fn may_be_asked(address: usize, size_bytes: usize) -> bool {
        (4..=64).contains(&size_bytes) && address % PAGE_BYTES + size_bytes <= PAGE_BYTES
    }

    /// Compares pieces at `name` with those at `known`, all by the same instructions; the
    /// answer has a bit for each byte that is equal.
    macro_rules! equal {
        ($text:ident, $name:ident, $($instruction:literal),+) => {{
            let equal: u32;
            asm!(
                $($instruction,)+
                "pmovmskb {equal:e}, {a}",
                a = out(xmm_reg) _,
                b = out(xmm_reg) _,
                name = in(reg) $name,
                last_at = in(reg) $text.last_at,
                known = in(reg) $text.pieces.as_ptr(),
                equal = lateout(reg) equal,
                options(pure, readonly, nostack, preserves_flags),
            );
            equal == ALL_EQUAL
        }};
    }

    /// # Safety
    ///
    /// The name's address is one that may be asked.
    #[inline(always)]
    pub(super) unsafe fn is_still(text: &Pieces, name: *const c_char) -> bool {
        // SAFETY: all reads are of bytes of the name before `size_bytes`, and at this address
        // these lie in one page, in which the name begins. The pieces are aligned, and SSE2
        // is part of x86-64.
        unsafe {
            if !text.are_sixteen {
                cold_path();
            }
            if text.are_sixteen {
                equal!(
                    text,
                    name,
                    "movdqu {a}, xmmword ptr [{name}]",
                    "movdqu {b}, xmmword ptr [{name} + {last_at}]",
                    "pcmpeqb {a}, xmmword ptr [{known}]",
                    "pcmpeqb {b}, xmmword ptr [{known} + 16]",
                    "pand {a}, {b}"
                )
            } else if text.have_gap {
                equal!(
                    text,
                    name,
                    "movdqu {a}, xmmword ptr [{name}]",
                    "movdqu {b}, xmmword ptr [{name} + {last_at}]",
                    "pcmpeqb {a}, xmmword ptr [{known}]",
                    "pcmpeqb {b}, xmmword ptr [{known} + 16]",
                    "pand {a}, {b}",
                    "movdqu {b}, xmmword ptr [{name} + 16]",
                    "pcmpeqb {b}, xmmword ptr [{known} + 32]",
                    "pand {a}, {b}",
                    "movdqu {b}, xmmword ptr [{name} + {last_at} - 16]",
                    "pcmpeqb {b}, xmmword ptr [{known} + 48]",
                    "pand {a}, {b}"
                )
            } else if text.are_eight {
                equal!(
                    text,
                    name,
                    "movq {a}, qword ptr [{name}]",
                    "movq {b}, qword ptr [{name} + {last_at}]",
                    "punpcklqdq {a}, {b}",
                    "pcmpeqb {a}, xmmword ptr [{known}]"
                )
            } else {
                equal!(
                    text,
                    name,
                    "movd {a}, dword ptr [{name}]",
                    "movd {b}, dword ptr [{name} + {last_at}]",
                    "punpckldq {a}, {b}",
                    "pcmpeqb {a}, xmmword ptr [{known}]"
                )
            }
        }
    }
}

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
    /// None: it is what the other one needs.
    #[inline(always)]
    pub(super) unsafe fn is_still(text: &Text, name: FileName<'_>) -> bool {
        text.is(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileName, Text};
    use std::ffi::{CStr, CString};

    /// Both ways to ask; the second only where it may be.
    fn is(text: &Text, name: &CStr) -> bool {
        let name = FileName::from(name);
        let is = text.is(name);
        if text.may_be_asked(name.as_ptr()) {
            // SAFETY: that was asked.
            assert_eq!(unsafe { text.is_still(name) }, is, "{text:?}");
        }
        is
    }

    fn letters(len: usize) -> Vec<u8> {
        (0..len).map(|at| b'a' + (at % 23) as u8).collect()
    }

    #[test]
    fn texts_of_every_length_differ_in_every_byte_and_in_length() {
        for len in 0..70 {
            let bytes = letters(len);
            let text = Text::new(&CString::new(bytes.clone()).unwrap());
            assert!(is(&text, &CString::new(bytes.clone()).unwrap()), "{len}");
            for at in 0..len {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert!(!is(&text, &CString::new(other).unwrap()), "{len} differs at {at}");
                let shorter = CString::new(&bytes[..at]).unwrap();
                assert!(!is(&text, &shorter), "{len} and {at}");
                assert!(!is(&Text::new(&shorter), text.text()), "{at} and {len}");
            }
        }
    }

    #[test]
    fn no_name_is_the_empty_text_and_is_not_looked_at() {
        for (text, is) in [(c"", true), (c"a", false)] {
            let text = Text::new(text);
            assert_eq!(text.is(FileName::UNKNOWN), is);
            assert!(!text.may_be_asked(std::ptr::null()));
        }
    }

    /// Names that end with the last byte that can be read.
    #[test]
    #[cfg(not(miri))]
    fn nothing_is_read_beyond_the_page_of_a_name() {
        let fence = Fence::new();
        for len in 0..70 {
            let name = fence.name(&letters(len));
            let text = Text::new(&CString::new(letters(len)).unwrap());
            let is_usual = (4..=64).contains(&(len + 1)) || cfg!(not(target_arch = "x86_64"));
            assert_eq!(text.may_be_asked(name.as_ptr()), is_usual, "{len}");
            assert!(is(&text, name), "{len}");
            for other in len + 1..len + 40 {
                let text = Text::new(&CString::new(letters(other)).unwrap());
                assert!(!is_usual || !text.may_be_asked(name.as_ptr()), "{len} and {other}");
                assert!(!is(&text, name), "{len} and {other}");
            }
        }
    }

    /// Memory that ends where no more may be read.
    #[cfg(not(miri))]
    struct Fence(*mut u8);

    #[cfg(not(miri))]
    impl Fence {
        const BYTES: usize = 4096;

        fn new() -> Self {
            let (access, flags) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            // SAFETY: new memory, the second half of which is then forbidden.
            unsafe {
                let first = libc::mmap(std::ptr::null_mut(), 2 * Self::BYTES, access, flags, -1, 0);
                assert_ne!(first, libc::MAP_FAILED);
                let second = first.byte_add(Self::BYTES);
                assert_eq!(libc::mprotect(second, Self::BYTES, libc::PROT_NONE), 0);
                Self(first.cast())
            }
        }

        fn name(&self, letters: &[u8]) -> &CStr {
            // SAFETY: the text and its NUL are the last bytes of the first half.
            unsafe {
                let first = self.0.add(Self::BYTES - letters.len() - 1);
                first.copy_from_nonoverlapping(letters.as_ptr(), letters.len());
                first.add(letters.len()).write(0);
                CStr::from_ptr(first.cast())
            }
        }
    }

    #[cfg(not(miri))]
    impl Drop for Fence {
        fn drop(&mut self) {
            // SAFETY: as it was mapped; nobody keeps a name.
            unsafe { libc::munmap(self.0.cast(), 2 * Self::BYTES) };
        }
    }
}
