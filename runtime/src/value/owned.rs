//! The owning form of a value, and queries on any value.

use super::RuntimeValue;
use super::heap::{self, HeapKind, header_of};
use std::fmt;

/// A value that owns one reference to the object it names, if it names one.
///
/// Cloning retains and dropping releases. Immediates (small integers, short floats, booleans, nil)
/// own nothing and cost nothing. Values may be sent to and shared between threads.
#[repr(transparent)]
pub struct Value(RuntimeValue);

impl Value {
    /// Returns the nil value.
    #[inline]
    pub const fn nil() -> Self {
        Self(RuntimeValue::NIL)
    }

    /// Creates a boolean.
    #[inline]
    pub const fn bool(b: bool) -> Self {
        Self(RuntimeValue::from_bool(b))
    }

    #[inline]
    pub(super) const fn immediate(word: RuntimeValue) -> Self {
        Self(word)
    }

    /// Returns the word, which this value still owns.
    #[inline]
    pub const fn raw(&self) -> RuntimeValue {
        self.0
    }

    /// Returns the word together with its reference, as a call of the C interface does.
    #[inline]
    pub fn into_raw(self) -> RuntimeValue {
        let word = self.0;
        std::mem::forget(self);
        word
    }

    /// Creates a value from a word, and takes over its reference.
    ///
    /// # Safety
    ///
    /// If `word` names a live object of this runtime, one reference to it passes from the caller to
    /// the value. Any other word is treated like an integer.
    #[inline]
    pub const unsafe fn from_raw(word: RuntimeValue) -> Self {
        Self(word)
    }

    /// Views a borrowed word as a value.
    ///
    /// # Safety
    ///
    /// If `word` names a live object of this runtime, it is kept alive as long as the borrow lasts.
    /// Any other word is treated like an integer.
    #[inline]
    pub unsafe fn borrow(word: &RuntimeValue) -> &Self {
        // SAFETY: `Value` is a transparent wrapper of the word, and a shared reference to it
        // neither drops nor moves it.
        unsafe { &*std::ptr::from_ref(word).cast::<Self>() }
    }

    /// Prepares this value, which may come from code that made it of any word, for being stored.
    /// The word of a dead object must not come to name another object while it is stored. [`Clone`]
    /// ensures that for words that are borrowed.
    #[inline]
    pub(crate) fn checked(self) -> Self {
        if self.0.has_heap_tag() && header_of(self.0).is_none() {
            heap::keep_dead(self.0);
        }
        self
    }

    /// Returns the kind of the heap object that this value names, if it names one.
    #[inline]
    pub fn heap_kind(&self) -> Option<HeapKind> {
        // SAFETY: the object of a value is alive as long as the value.
        header_of(self.0).map(|header| unsafe { header.as_ref() }.kind())
    }

    /// True if this is nil.
    #[inline]
    pub const fn is_nil(&self) -> bool {
        self.0.is_nil()
    }

    /// True if this names a heap object, which includes boxed numbers.
    #[inline]
    pub fn is_heap(&self) -> bool {
        header_of(self.0).is_some()
    }

    /// Returns the boolean, if this is one.
    #[inline]
    pub const fn as_bool(&self) -> Option<bool> {
        self.0.bool()
    }

    /// True if this value counts as true in a condition. False for nil, false, zero and words that
    /// are not a value; true for everything else, including empty strings and arrays.
    pub fn is_truthy(&self) -> bool {
        if let Some(n) = self.0.small_int() {
            n != 0
        } else if let Some(x) = self.0.short_float() {
            x != 0.0
        } else {
            // Boxed numbers need many bits, so none of them is zero.
            self.is_heap() || self.0 == RuntimeValue::TRUE
        }
    }

    /// Returns the name of the value's type, as a C string: `int`, `float`, `bool`, `nil`,
    /// `string`, `array`, `future`, `channel`, `closure`, or `invalid`.
    pub fn type_name(&self) -> &'static std::ffi::CStr {
        match self.heap_kind() {
            Some(HeapKind::String) => c"string",
            Some(HeapKind::Array) => c"array",
            Some(HeapKind::Future) => c"future",
            Some(HeapKind::Channel) => c"channel",
            Some(HeapKind::Int64) => c"int",
            Some(HeapKind::Float64) => c"float",
            Some(HeapKind::Closure) => c"closure",
            None if self.0.small_int().is_some() => c"int",
            None if self.0.short_float().is_some() => c"float",
            None if self.0.bool().is_some() => c"bool",
            None if self.is_nil() => c"nil",
            None => c"invalid",
        }
    }
}

impl Clone for Value {
    #[inline]
    fn clone(&self) -> Self {
        match header_of(self.0) {
            // SAFETY: this value's reference keeps the object alive.
            Some(header) => unsafe { header.as_ref() }.word.retain(),
            None if self.0.has_heap_tag() => heap::keep_dead(self.0),
            None => {}
        }
        Self(self.0)
    }
}

impl Drop for Value {
    #[inline]
    fn drop(&mut self) {
        if let Some(header) = header_of(self.0) {
            // SAFETY: this value owned one reference, which is released here.
            if unsafe { header.as_ref() }.word.release() {
                // SAFETY: that was the last reference.
                unsafe { heap::destroy(header) };
            }
        }
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::nil()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(n) = self.as_int() {
            write!(f, "{n}")
        } else if let Some(x) = self.as_float() {
            write!(f, "{x:?}")
        } else if let Some(text) = self.as_str() {
            write!(f, "{text:?}")
        } else if let Some(b) = self.as_bool() {
            write!(f, "{b}")
        } else {
            // The name, not the content: arrays may contain themselves.
            f.write_str(&self.type_name().to_string_lossy())
        }
    }
}
