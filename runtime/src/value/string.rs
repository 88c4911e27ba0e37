//! Immutable UTF-8 strings: short ones next to their header, longer ones in memory of their own.

use super::Value;
use super::heap::{Header, HeapKind, header_of, value_in};
use super::slots::{self, Class};
use crate::error::set_last_error;
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

/// The fixed part of a string. The text, or the address of the text, follows it; a NUL follows the
/// text, for C.
#[repr(C)]
pub(super) struct StringObject {
    header: Header,
    len: usize,
}

const TEXT_OFFSET: usize = size_of::<StringObject>();
/// Maximum length of a text that fits in a slot, with its NUL.
const LONGEST_BESIDE: usize = Class::Huge.bytes() - TEXT_OFFSET - 1;

/// The location of a text, by its length.
#[derive(Clone, Copy)]
enum Place {
    /// In a slot of this class.
    Beside(Class),
    /// In memory of its own.
    Apart(Layout),
}

/// The slot class of a string whose text is not in the slot.
const APART: Class = Class::Small;
const _: () = assert!(TEXT_OFFSET + size_of::<NonNull<u8>>() <= APART.bytes());

impl Place {
    /// Returns the location; `None` if no memory is that large.
    #[inline]
    fn of(len: usize) -> Option<Self> {
        if len <= LONGEST_BESIDE {
            Class::of(TEXT_OFFSET + len + 1).map(Self::Beside)
        } else {
            Layout::array::<u8>(len.checked_add(1)?).ok().map(Self::Apart)
        }
    }
}

impl StringObject {
    /// Returns the start of the text of the string in a slot.
    ///
    /// # Safety
    ///
    /// The slot holds a string of this length.
    #[inline(always)]
    unsafe fn text(slot: NonNull<u8>, len: usize) -> NonNull<u8> {
        // SAFETY: the slot of every string is larger than the fixed part.
        let behind = unsafe { slot.add(TEXT_OFFSET) };
        if len <= LONGEST_BESIDE {
            behind
        } else {
            // SAFETY: the address was written there when the string was created.
            unsafe { behind.cast::<NonNull<u8>>().read() }
        }
    }

    /// Frees a string.
    ///
    /// # Safety
    ///
    /// `object` is a string, and the caller has the right to free it.
    pub(super) unsafe fn free(object: NonNull<Header>) {
        // SAFETY: it is a string, still alive.
        let len = unsafe { object.cast::<Self>().as_ref() }.len;
        let place = Place::of(len).expect("it was the same when the string was made");
        let class = match place {
            Place::Beside(class) => class,
            Place::Apart(layout) => {
                // SAFETY: allocated in `Value::try_string` with this layout.
                unsafe { dealloc(Self::text(object.cast(), len).as_ptr(), layout) };
                APART
            }
        };
        // SAFETY: allocated for this class, and not used any more.
        unsafe { slots::free(class, object.cast()) };
    }
}

/// Copies a text, and a NUL after it.
///
/// # Safety
///
/// There is room for both.
unsafe fn write(to: NonNull<u8>, text: &str) {
    // SAFETY: by the caller's promise.
    unsafe {
        to.copy_from_nonoverlapping(NonNull::from(text.as_bytes()).cast(), text.len());
        to.add(text.len()).write(0);
    }
}

impl Value {
    /// Creates a string; `None` if there is no memory for it.
    #[inline]
    pub fn try_string(text: &str) -> Option<Self> {
        let len = text.len();
        let place = Place::of(len)?;
        let class = match place {
            Place::Beside(class) => class,
            Place::Apart(_) => APART,
        };
        let slot = slots::allocate(class)?;
        let start = match place {
            // SAFETY: the slot's class was chosen for it.
            Place::Beside(_) => unsafe { slot.add(TEXT_OFFSET) },
            Place::Apart(layout) => {
                // SAFETY: the layout is not empty: it has room for a NUL.
                let Some(apart) = NonNull::new(unsafe { alloc(layout) }) else {
                    // SAFETY: allocated above.
                    unsafe { slots::free(class, slot) };
                    return None;
                };
                // SAFETY: inside of the slot, and aligned.
                unsafe { slot.add(TEXT_OFFSET).cast::<NonNull<u8>>().write(apart) };
                apart
            }
        };
        // SAFETY: allocated for this text.
        unsafe { write(start, text) };
        let size_bytes = TEXT_OFFSET + len + 1;
        let object = StringObject { header: Header::new(HeapKind::String, size_bytes, 0), len };
        // SAFETY: the slot is new and larger than the fixed part, which is written last.
        Some(unsafe { value_in(slot, object) })
    }

    /// Creates a string. Without memory returns nil, with a message for
    /// [`crate::error::last_error`].
    pub fn string(text: &str) -> Self {
        Self::try_string(text).unwrap_or_else(|| {
            set_last_error("not enough memory for a string");
            Self::nil()
        })
    }

    /// Returns the text of a string. In memory a NUL follows it.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        let header = header_of(self.raw())?;
        // SAFETY: `self` keeps the object alive for as long as it is borrowed.
        if unsafe { header.as_ref() }.kind() != HeapKind::String {
            return None;
        }
        // SAFETY: the kind says that it is a string; strings never change.
        let len = unsafe { header.cast::<StringObject>().as_ref() }.len;
        // SAFETY: the text has `len` bytes of valid UTF-8.
        Some(unsafe {
            let text = StringObject::text(header.cast(), len);
            std::str::from_utf8_unchecked(std::slice::from_raw_parts(text.as_ptr(), len))
        })
    }
}
