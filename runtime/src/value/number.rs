//! Numbers that do not fit into a word: integers outside of 61 bits, and floats whose low
//! three bits are not zero.

use super::heap::{Header, HeapKind, header_of};
use super::{RuntimeValue, Value};

/// A boxed number; the header's kind says how to read the bits.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct BoxedNumber {
    header: Header,
    bits: u64,
}

impl BoxedNumber {
    fn allocate(kind: HeapKind, bits: u64) -> Value {
        let header = Header::new(kind, size_of::<Self>(), 0);
        let address = Box::into_raw(Box::new(Self { header, bits })).expose_provenance();
        // SAFETY: the word names a live object whose single reference passes to the value.
        unsafe { Value::from_raw(RuntimeValue::from_heap_address(address)) }
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
    /// An integer; allocates when it needs more than 61 bits.
    #[inline]
    pub fn int(n: i64) -> Self {
        match RuntimeValue::from_small_int(n) {
            Some(word) => Self::immediate(word),
            None => BoxedNumber::allocate(HeapKind::Int64, n as u64),
        }
    }

    /// A float, bit for bit; allocates when its low three bits are not zero.
    #[inline]
    pub fn float(x: f64) -> Self {
        match RuntimeValue::from_short_float(x) {
            Some(word) => Self::immediate(word),
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

    pub(super) fn copy_of_number(&self) -> Option<Self> {
        boxed_bits(self, HeapKind::Int64)
            .map(|bits| BoxedNumber::allocate(HeapKind::Int64, bits))
            .or_else(|| {
                boxed_bits(self, HeapKind::Float64)
                    .map(|bits| BoxedNumber::allocate(HeapKind::Float64, bits))
            })
    }
}
