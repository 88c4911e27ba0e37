//! Numbers that do not fit into a word: integers outside of 61 bits, and floats whose low
//! three bits are not zero.

use super::heap::{Header, HeapKind, header_of, out_of_memory, value_in};
use super::slots::{self, Class};
use super::{RuntimeValue, Value};

/// A boxed number; the header's kind says how to read the bits.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct BoxedNumber {
    header: Header,
    bits: u64,
}

impl BoxedNumber {
    // Out of line: beside it, numbers that need no box would pay for its registers.
    #[inline(never)]
    fn allocate(kind: HeapKind, bits: u64) -> Option<Value> {
        const CLASS: Class = Class::of(size_of::<BoxedNumber>()).expect("a number is small");
        let header = Header::new(kind, size_of::<Self>(), 0);
        // SAFETY: the slot is ours, and its class was chosen for it.
        slots::allocate(CLASS).map(|slot| unsafe { value_in(slot, Self { header, bits }) })
    }
}

fn boxed_bits(value: &Value, kind: HeapKind) -> Option<u64> {
    let header = header_of(value.raw())?;
    // SAFETY: `value` keeps the object alive for the length of this call.
    if unsafe { header.as_ref() }.kind() != kind {
        return None;
    }
    // SAFETY: both number kinds are allocated as `BoxedNumber`, and nothing ever writes to one.
    Some(unsafe { header.cast::<BoxedNumber>().as_ref() }.bits)
}

impl Value {
    /// An integer; allocates when it needs more than 61 bits. Aborts the process without
    /// memory.
    #[inline]
    pub fn int(n: i64) -> Self {
        Self::try_int(n).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::int`]; `None` without memory.
    #[inline]
    pub fn try_int(n: i64) -> Option<Self> {
        match RuntimeValue::from_small_int(n) {
            Some(word) => Some(Self::immediate(word)),
            None => BoxedNumber::allocate(HeapKind::Int64, n as u64),
        }
    }

    /// A float, bit for bit; allocates when its low three bits are not zero. Aborts the process
    /// without memory.
    #[inline]
    pub fn float(x: f64) -> Self {
        Self::try_float(x).unwrap_or_else(out_of_memory)
    }

    /// As [`Value::float`]; `None` without memory.
    #[inline]
    pub fn try_float(x: f64) -> Option<Self> {
        match RuntimeValue::from_short_float(x) {
            Some(word) => Some(Self::immediate(word)),
            None => BoxedNumber::allocate(HeapKind::Float64, x.to_bits()),
        }
    }

    /// The integer, boxed or not.
    #[inline]
    pub fn as_int(&self) -> Option<i64> {
        self.raw().small_int().or_else(|| boxed_bits(self, HeapKind::Int64).map(|bits| bits as i64))
    }

    /// The float, boxed or not.
    #[inline]
    pub fn as_float(&self) -> Option<f64> {
        self.raw().short_float().or_else(|| boxed_bits(self, HeapKind::Float64).map(f64::from_bits))
    }
}
