//! Heap objects: the header all of them start with, reference counts, and destruction.
//!
//! The eight bytes that compiled code may read (type, flags, size) are followed by one
//! atomic word that holds the reference count and the state of the object's type; see
//! [`CountedWord`].

use super::closure::ClosureObject;
use super::counted_word::CountedWord;
use super::number::BoxedNumber;
use super::{RuntimeValue, Value, array::ArrayObject, string};
use crate::channel::ChannelObject;
use crate::future::FutureObject;
use std::ptr::NonNull;

/// What a heap object is; the number stands in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum HeapKind {
    /// Immutable UTF-8 text.
    String = 1,
    /// Growable sequence of values.
    Array = 2,
    /// Lazy future.
    Future = 8,
    /// Unbounded channel.
    Channel = 0x0E,
    /// An integer outside of 61 bits.
    Int64 = 0x20,
    /// A float that needs all of its 64 bits.
    Float64 = 0x21,
    /// A Rust closure: the context of a future made from one.
    Closure = 0x22,
}

/// The start of every heap object.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Header {
    kind: HeapKind,
    flags: u8,
    reserved: u16,
    size_bytes: u32,
    /// Reference count and type-specific state.
    pub(crate) word: CountedWord,
}

impl Header {
    /// A header with one reference, `state` in the lower half of its word.
    #[inline]
    pub(crate) fn new(kind: HeapKind, size_bytes: usize, state: u32) -> Self {
        Self {
            kind,
            flags: 0,
            reserved: 0,
            size_bytes: u32::try_from(size_bytes).unwrap_or(u32::MAX),
            word: CountedWord::new(state),
        }
    }

    #[inline]
    pub(crate) fn kind(&self) -> HeapKind {
        self.kind
    }
}

/// Heap objects that are allocated as a `Box` of themselves. A [`Value`] may be sent to and
/// shared between threads, and so must be whatever it can name.
///
/// # Safety
///
/// The type is `#[repr(C)]` and starts with a [`Header`] whose kind is `KIND`.
pub(crate) unsafe trait HeapObject: Send + Sync + Sized {
    const KIND: HeapKind;

    /// Moves the values this object owns into `children`, so that destroying a long chain
    /// of objects is a loop and not a recursion.
    fn give_up(self, children: &mut Vec<Value>);
}

/// Allocates `object`; the value returned is its first reference.
#[inline]
pub(crate) fn allocate<T: HeapObject>(object: T) -> Value {
    let address = Box::into_raw(Box::new(object)).expose_provenance();
    // SAFETY: the word names a live object whose single reference passes to the value.
    unsafe { Value::from_raw(RuntimeValue::from_heap_address(address)) }
}

/// The header behind a heap word.
#[inline]
pub(crate) fn header_of(value: RuntimeValue) -> Option<NonNull<Header>> {
    value.heap_address().and_then(|a| NonNull::new(std::ptr::with_exposed_provenance_mut(a)))
}

/// Views the object behind `value` as a `T`, if that is what it is.
#[inline]
pub(crate) fn view<T: HeapObject>(value: &Value) -> Option<&T> {
    let header = header_of(value.raw())?;
    // SAFETY: a `Value` holds (or borrows) a reference, so the object lives as long as the
    // borrow of the value does.
    let kind = unsafe { header.as_ref() }.kind;
    // SAFETY: the kind says that a `T` starts at this header, and the object lives as above.
    (kind == T::KIND).then(|| unsafe { header.cast::<T>().as_ref() })
}

/// Frees `object` and everything that only it kept alive.
///
/// # Safety
///
/// The caller has given back the last reference ([`CountedWord::release`] answered true).
#[cold]
pub(crate) unsafe fn destroy(object: NonNull<Header>) {
    let mut children = Vec::new();
    // SAFETY: the caller holds the right to free the object.
    unsafe { dismantle(object, &mut children) };
    while let Some(child) = children.pop() {
        let raw = child.into_raw();
        if let Some(header) = header_of(raw) {
            // SAFETY: `child` owned one reference, which is given back here.
            if unsafe { header.as_ref() }.word.release() {
                // SAFETY: that was the last reference.
                unsafe { dismantle(header, &mut children) };
            }
        }
    }
}

/// Frees one object and hands its children over.
///
/// # Safety
///
/// As [`destroy`].
unsafe fn dismantle(object: NonNull<Header>, children: &mut Vec<Value>) {
    // SAFETY: the object is alive until it is freed below.
    let kind = unsafe { object.as_ref() }.kind;
    match kind {
        // SAFETY: the kind names the type that was allocated; nobody else has a reference.
        HeapKind::String => unsafe { string::free(object) },
        // SAFETY: as above.
        HeapKind::Array => unsafe { unbox::<ArrayObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Future => unsafe { unbox::<FutureObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Channel => unsafe { unbox::<ChannelObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Closure => unsafe { unbox::<ClosureObject>(object) }.give_up(children),
        HeapKind::Int64 | HeapKind::Float64 => {
            // SAFETY: as above.
            unsafe { unbox::<BoxedNumber>(object) };
        }
    }
}

/// Takes back the `Box` that [`allocate`] gave away.
///
/// # Safety
///
/// `object` was allocated as a `T` and the caller holds the right to free it.
unsafe fn unbox<T>(object: NonNull<Header>) -> T {
    // SAFETY: by the caller's promise.
    *unsafe { Box::from_raw(object.cast::<T>().as_ptr()) }
}
