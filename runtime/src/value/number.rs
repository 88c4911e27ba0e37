//! Numbers that do not fit into a word: integers of more than 61 bits, and floats whose low three
//! bits are not zero.

use super::heap::{Header, HeapKind, header_of, out_of_memory, value_in};
use super::slots::{self, Class};
use super::{RuntimeValue, Value};

/// A boxed number; the header's kind tells how to interpret the bits.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct BoxedNumber {
    header: Header,
    bits: u64,
}

impl BoxedNumber {
    // Out of line: if inlined, its registers would cost numbers that need no box.
    #[inline(never)]
    fn allocate(kind: HeapKind, bits: u64) -> Option<Value> {
        const CLASS: Class = Class::of(size_of::<BoxedNumber>()).expect("a number is small");
        let header = Header::new(kind, size_of::<Self>(), 0);
        // SAFETY: the slot is new, and its class was chosen for this type.
        slots::allocate(CLASS).map(|slot| unsafe { value_in(slot, Self { header, bits }) })
    }
}

fn boxed_bits(value: &Value, kind: HeapKind) -> Option<u64> {
    let header = header_of(value.raw())?;
    // SAFETY: `value` keeps the object alive during this call.
    if unsafe { header.as_ref() }.kind() != kind {
        return None;
    }
    // SAFETY: both number kinds are allocated as `BoxedNumber`, and nothing ever writes to one.
    Some(unsafe { header.cast::<BoxedNumber>().as_ref() }.bits)
}

impl Value {
    /// Creates an integer; allocates if it needs more than 61 bits. Aborts the process if there is
    /// no memory.
    #[inline]
    pub fn int(n: i64) -> Self {
        Self::try_int(n).unwrap_or_else(out_of_memory)
    }

    /// Same as [`Value::int`]; `None` without memory.
    #[inline]
    pub fn try_int(n: i64) -> Option<Self> {
        match RuntimeValue::from_small_int(n) {
            Some(word) => Some(Self::immediate(word)),
            None => BoxedNumber::allocate(HeapKind::Int64, n as u64),
        }
    }

    /// Creates a float, bit for bit; allocates if its low three bits are not zero. Aborts the
    /// process if there is no memory.
    #[inline]
    pub fn float(x: f64) -> Self {
        Self::try_float(x).unwrap_or_else(out_of_memory)
    }

    /// Same as [`Value::float`]; `None` without memory.
    #[inline]
    pub fn try_float(x: f64) -> Option<Self> {
        match RuntimeValue::from_short_float(x) {
            Some(word) => Some(Self::immediate(word)),
            None => BoxedNumber::allocate(HeapKind::Float64, x.to_bits()),
        }
    }

    /// Returns the integer, boxed or not.
    #[inline]
    pub fn as_int(&self) -> Option<i64> {
        self.raw().small_int().or_else(|| boxed_bits(self, HeapKind::Int64).map(|bits| bits as i64))
    }

    /// Returns the float, boxed or not.
    #[inline]
    pub fn as_float(&self) -> Option<f64> {
        self.raw().short_float().or_else(|| boxed_bits(self, HeapKind::Float64).map(f64::from_bits))
    }
}
