//! The tagged 64-bit word that compiled code passes around.
//!
//! The low three bits are the tag, the upper 61 the payload:
//!
//! | tag | meaning |
//! |---|---|
//! | `000` | signed 61-bit integer |
//! | `001` | pointer to a heap object, 8-byte aligned |
//! | `010` | float: the upper 61 bits of an `f64` whose low three bits are zero |
//! | `011` | special: payload 0 nil, 1 true, 2 false |
//!
//! Other tags, other specials, and words with the heap tag that name no live object of the runtime
//! are invalid: every operation treats them as values of the wrong type. They may be stored and
//! passed on like values, and come out unchanged.

use std::fmt;

const TAG_BITS: u32 = 3;
const TAG_MASK: u64 = (1 << TAG_BITS) - 1;
const TAG_INT: u64 = 0b000;
const TAG_HEAP: u64 = 0b001;
const TAG_FLOAT: u64 = 0b010;
const TAG_SPECIAL: u64 = 0b011;

/// A value as compiled code sees it: a plain word that owns nothing.
///
/// Heap words are borrowed: they name an object as long as a reference to it is held.
/// [`Value`](crate::Value) is the owning form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct RuntimeValue(u64);

impl RuntimeValue {
    /// The nil value, `0x3`.
    pub const NIL: Self = Self(TAG_SPECIAL);
    /// The true value.
    pub const TRUE: Self = Self(1 << TAG_BITS | TAG_SPECIAL);
    /// The false value.
    pub const FALSE: Self = Self(2 << TAG_BITS | TAG_SPECIAL);

    /// Creates the word with exactly these bits, valid or not.
    #[inline]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the bits of the word.
    #[inline]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// Creates the word of a small integer; `None` if it needs more than 61 bits.
    #[inline]
    pub const fn from_small_int(n: i64) -> Option<Self> {
        let shifted = n << TAG_BITS;
        if shifted >> TAG_BITS == n { Some(Self(shifted as u64 | TAG_INT)) } else { None }
    }

    /// Creates the word of a float; `None` unless its low three bits are zero.
    #[inline]
    pub const fn from_short_float(x: f64) -> Option<Self> {
        let bits = x.to_bits();
        if bits & TAG_MASK == 0 { Some(Self(bits | TAG_FLOAT)) } else { None }
    }

    /// Creates the word of a boolean.
    #[inline]
    pub const fn from_bool(b: bool) -> Self {
        if b { Self::TRUE } else { Self::FALSE }
    }

    #[inline]
    pub(crate) fn from_heap_address(address: usize) -> Self {
        debug_assert!(address as u64 & TAG_MASK == 0 && address != 0);
        Self(address as u64 | TAG_HEAP)
    }

    /// Returns the integer of an integer word (a boxed integer is a heap word).
    #[inline]
    pub const fn small_int(self) -> Option<i64> {
        if self.0 & TAG_MASK == TAG_INT { Some(self.0 as i64 >> TAG_BITS) } else { None }
    }

    /// Returns the float of a float word (a boxed float is a heap word).
    #[inline]
    pub const fn short_float(self) -> Option<f64> {
        if self.0 & TAG_MASK == TAG_FLOAT { Some(f64::from_bits(self.0 & !TAG_MASK)) } else { None }
    }

    /// Returns the boolean of `TRUE` or `FALSE`.
    #[inline]
    pub const fn bool(self) -> Option<bool> {
        match self {
            Self::TRUE => Some(true),
            Self::FALSE => Some(false),
            _ => None,
        }
    }

    /// True if this is the nil word.
    #[inline]
    pub const fn is_nil(self) -> bool {
        self.0 == Self::NIL.0
    }

    /// True if the tag is that of heap words. Not every such word names an object.
    #[inline(always)]
    pub(crate) const fn has_heap_tag(self) -> bool {
        self.0 & TAG_MASK == TAG_HEAP
    }
}

impl fmt::Debug for RuntimeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuntimeValue({:#x})", self.0)
    }
}
