//! The place of a probe: the file's name, the line and the column.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;

/// The name of a source file as compiled code passes it: NUL-terminated bytes, or unknown.
///
/// One pointer wide and never measured, because a probe runs far more often than its name changes.
/// The first probe that sees a text copies it, so it need not outlive the call. Names are always
/// compared by their text, so another text at the same address is another file. An unknown name and
/// an empty one are the same.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct FileName<'a> {
    text: *const c_char,
    borrowed: PhantomData<&'a CStr>,
}

impl FileName<'static> {
    /// No name; reports show it as the empty text.
    pub const UNKNOWN: Self = Self { text: std::ptr::null(), borrowed: PhantomData };
}

impl FileName<'_> {
    /// Creates the name at `text`; [`FileName::UNKNOWN`] for NULL.
    ///
    /// # Safety
    ///
    /// `text` is NULL, or the address of bytes that end with a NUL and are neither changed nor
    /// freed while the value is used. Bytes in a read-only segment of the main program must never
    /// be changed at all: they are recognised by their address.
    #[inline(always)]
    pub unsafe fn from_ptr(text: *const c_char) -> Self {
        Self { text, borrowed: PhantomData }
    }

    /// Returns the address of the text; NULL if unknown.
    #[inline(always)]
    pub fn as_ptr(&self) -> *const c_char {
        self.text
    }

    /// Returns the text; empty if unknown.
    pub fn to_c_str(&self) -> &CStr {
        if self.text.is_null() {
            return c"";
        }
        // SAFETY: not NULL, so the creator of this value (`from_ptr`, or `From<&CStr>` by its type)
        // promised NUL-terminated bytes that stay unchanged for its lifetime.
        unsafe { CStr::from_ptr(self.text) }
    }
}

impl<'a> From<&'a CStr> for FileName<'a> {
    fn from(text: &'a CStr) -> Self {
        Self { text: text.as_ptr(), borrowed: PhantomData }
    }
}

/// The place of a decision or a condition in the source.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The source file.
    pub file: FileName<'a>,
    /// The line, counted from 1; 0 if unknown.
    pub line: u32,
    /// The column, as the compiler counts it.
    pub column: u32,
}

impl<'a> Site<'a> {
    /// Creates the place at `line` and `column` of `file`.
    pub fn new(file: impl Into<FileName<'a>>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }
}
