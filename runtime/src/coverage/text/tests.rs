//! Tests of texts against names of every length, also at the end of readable memory.

use super::{FileName, Text};
use std::ffi::{CStr, CString};

/// Compares in both ways; in the second only where that is allowed.
fn is(text: &Text, name: &CStr) -> bool {
    let name = FileName::from(name);
    let is = text.is(name);
    if text.may_be_asked(name.as_ptr()) {
        // SAFETY: checked above.
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
        let text = Text::new(&CString::new(bytes.clone()).unwrap(), 0);
        assert!(is(&text, &CString::new(bytes.clone()).unwrap()), "{len}");
        for at in 0..len {
            let mut other = bytes.clone();
            other[at] ^= 0x80;
            assert!(!is(&text, &CString::new(other).unwrap()), "{len} differs at {at}");
            let shorter = CString::new(&bytes[..at]).unwrap();
            assert!(!is(&text, &shorter), "{len} and {at}");
            assert!(!is(&Text::new(&shorter, 0), text.text()), "{at} and {len}");
        }
    }
}

#[test]
fn no_name_is_the_empty_text_and_is_not_looked_at() {
    for (text, is) in [(c"", true), (c"a", false)] {
        let text = Text::new(text, 0);
        assert_eq!(text.is(FileName::UNKNOWN), is);
        assert!(!text.may_be_asked(std::ptr::null()));
    }
}

/// Names that end with the last readable byte.
#[test]
#[cfg(not(miri))]
fn nothing_is_read_beyond_the_page_of_a_name() {
    let fence = Fence::new();
    for len in 0..70 {
        let name = fence.name(&letters(len));
        let text = Text::new(&CString::new(letters(len)).unwrap(), 0);
        let is_usual = (4..=64).contains(&(len + 1)) || cfg!(not(target_arch = "x86_64"));
        assert_eq!(text.may_be_asked(name.as_ptr()), is_usual, "{len}");
        assert!(is(&text, name), "{len}");
        for other in len + 1..len + 40 {
            let text = Text::new(&CString::new(letters(other)).unwrap(), 0);
            assert!(!is_usual || !text.may_be_asked(name.as_ptr()), "{len} and {other}");
            assert!(!is(&text, name), "{len} and {other}");
        }
    }
}

/// Memory that ends at an unreadable page.
#[cfg(not(miri))]
struct Fence(*mut u8);

#[cfg(not(miri))]
impl Fence {
    const BYTES: usize = 4096;

    fn new() -> Self {
        let (access, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, the second half of which is then made unreadable.
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
        // SAFETY: the same range as mapped; nobody keeps a name.
        unsafe { libc::munmap(self.0.cast(), 2 * Self::BYTES) };
    }
}
