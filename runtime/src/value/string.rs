//! Immutable UTF-8 strings, allocated in one piece with their bytes.

use super::heap::{Header, HeapKind, header_of};
use super::{RuntimeValue, Value};
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

/// The fixed part; `len` bytes of text and a NUL (for C's convenience) follow it.
#[repr(C)]
struct StringObject {
    header: Header,
    len: usize,
}

const TEXT_OFFSET: usize = size_of::<StringObject>();

fn layout(len: usize) -> Option<Layout> {
    let size = TEXT_OFFSET.checked_add(len)?.checked_add(1)?;
    Layout::from_size_align(size, align_of::<StringObject>()).ok()
}

/// Frees a string.
///
/// # Safety
///
/// `object` is a string and the caller holds the right to free it.
pub(super) unsafe fn free(object: NonNull<Header>) {
    // SAFETY: it is a string, still alive.
    let len = unsafe { object.cast::<StringObject>().as_ref() }.len;
    let layout = layout(len).expect("the same layout was computed at allocation");
    // SAFETY: allocated in `Value::string` with this very layout.
    unsafe { dealloc(object.cast().as_ptr(), layout) };
}

impl Value {
    /// A string, or `None` if there is no memory for it.
    pub fn try_string(text: &str) -> Option<Self> {
        let layout = layout(text.len())?;
        // SAFETY: the layout's size is not zero: it holds at least the header.
        let object = NonNull::new(unsafe { alloc(layout) })?;
        let start = StringObject {
            header: Header::new(HeapKind::String, layout.size(), 0),
            len: text.len(),
        };
        // SAFETY: the allocation has room for the fixed part, the text and a NUL, in this
        // order, and is aligned for the fixed part.
        unsafe {
            object.cast::<StringObject>().write(start);
            let bytes = object.add(TEXT_OFFSET);
            bytes.copy_from_nonoverlapping(NonNull::from(text.as_bytes()).cast(), text.len());
            bytes.add(text.len()).write(0);
        }
        let word = RuntimeValue::from_heap_address(object.as_ptr().expose_provenance());
        // SAFETY: the single reference passes to the value.
        Some(unsafe { Self::from_raw(word) })
    }

    /// A string; nil if there is no memory for it.
    pub fn string(text: &str) -> Self {
        Self::try_string(text).unwrap_or_else(Self::nil)
    }

    /// The text of a string. In memory a NUL follows it.
    pub fn as_str(&self) -> Option<&str> {
        let header = header_of(self.raw())?;
        // SAFETY: `self` keeps the object alive for as long as it is borrowed.
        if unsafe { header.as_ref() }.kind() != HeapKind::String {
            return None;
        }
        // SAFETY: the kind says it is a string; strings never change.
        let len = unsafe { header.cast::<StringObject>().as_ref() }.len;
        // SAFETY: `len` bytes of valid UTF-8 were written behind the fixed part.
        Some(unsafe {
            let text = header.cast::<u8>().add(TEXT_OFFSET);
            std::str::from_utf8_unchecked(std::slice::from_raw_parts(text.as_ptr(), len))
        })
    }
}
