//! Heap objects: their common header, reference counts, and destruction.
//!
//! The eight bytes that compiled code may read (type, flags, size) are followed by one atomic word,
//! which holds the reference count and the state of the object's type; see [`CountedWord`]. Objects
//! live in [`slots`].

use super::closure::ClosureObject;
use super::counted_word::CountedWord;
use super::number::BoxedNumber;
use super::slots::{self, Class};
use super::{RuntimeValue, Value, array::ArrayObject, string::StringObject};
use crate::channel::ChannelObject;
use crate::future::FutureObject;
use crate::sync::atomic::Ordering;
use std::ptr::NonNull;

/// The type of a heap object. The object's header contains the number, which is never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum HeapKind {
    /// Immutable UTF-8 text.
    String = 1,
    /// A growable sequence of values.
    Array = 2,
    /// A lazy future.
    Future = 8,
    /// An unbounded channel.
    Channel = 0x0E,
    /// An integer that does not fit in 61 bits.
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
    /// Creates a header with one reference, and `state` in the lower half of its word.
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

/// The type of an object in a slot. A [`Value`] may be sent to and shared between threads, so
/// everything that a value can name must allow that.
///
/// # Safety
///
/// The type is `#[repr(C)]` and starts with a [`Header`] whose kind is `KIND`.
pub(crate) unsafe trait HeapObject: Send + Sync + Sized {
    const KIND: HeapKind;

    /// Hands over the values that this object owns, so that destroying a long chain of objects is a
    /// loop and not a recursion.
    fn give_up(self, children: &mut Dying);
}

/// Returns the class of the slots that hold a `T`.
const fn class_of<T>() -> Class {
    assert!(align_of::<T>() <= 16);
    Class::of(size_of::<T>()).expect("heap objects fit a slot")
}

/// Allocates an object; the value returned is its first reference. Gives `object` back if there is
/// no memory.
#[inline(always)]
pub(crate) fn try_allocate<T: HeapObject>(object: T) -> Result<Value, T> {
    match slots::allocate(const { class_of::<T>() }) {
        // SAFETY: the slot is new and large enough, and this is the first reference to the object.
        Some(slot) => Ok(unsafe { value_in(slot, object) }),
        None => Err(object),
    }
}

/// Same as [`try_allocate`]. Aborts the process if there is no memory, as `Box` does.
#[inline(always)]
pub(crate) fn allocate<T: HeapObject>(object: T) -> Value {
    try_allocate(object).unwrap_or_else(|_| out_of_memory())
}

/// Ends the process, for lack of memory in an operation that cannot fail.
#[cold]
#[inline(never)]
pub(crate) fn out_of_memory<T>() -> T {
    std::alloc::handle_alloc_error(std::alloc::Layout::new::<Header>())
}

/// Moves an object into a slot; the value returned is its first reference.
///
/// # Safety
///
/// The caller owns the slot, and it is large enough. The object begins with a [`Header`].
#[inline(always)]
pub(super) unsafe fn value_in<T>(slot: NonNull<u8>, object: T) -> Value {
    // SAFETY: by the caller's promise.
    unsafe { slot.cast::<T>().write(object) };
    let word = RuntimeValue::from_heap_address(slot.as_ptr().expose_provenance());
    // SAFETY: the word names a live object whose single reference passes to the value.
    unsafe { Value::from_raw(word) }
}

/// Returns the header of the live object that a word names; `None` for every other word.
#[inline(always)]
pub(crate) fn header_of(value: RuntimeValue) -> Option<NonNull<Header>> {
    let slot = slots::slot_of(value.to_bits())?;
    (slots::first_byte(slot) != 0).then(|| slot.cast())
}

/// Returns the object behind `value` as a `T`, if it is one.
#[inline(always)]
pub(crate) fn view<T: HeapObject>(value: &Value) -> Option<&T> {
    let slot = slots::slot_of(value.raw().to_bits())?;
    // SAFETY: the kind says that a `T` is in this slot. A `Value` holds (or borrows) a reference to
    // it, so the object lives as long as the borrow of the value.
    (slots::first_byte(slot) == T::KIND as u8).then(|| unsafe { slot.cast::<T>().as_ref() })
}

/// Makes sure that a word that is about to be stored cannot come to name a later object: see
/// [`slots::pin`].
// Inlined although cold: it calls nothing, so a retain needs no stack frame for it, as it would for
// a call.
#[cold]
#[inline]
pub(super) fn keep_dead(value: RuntimeValue) {
    if let Some(slot) = slots::slot_of(value.to_bits())
        && slots::first_byte(slot) == 0
    {
        slots::pin(slot);
    }
}

/// Objects whose last reference is gone and that have not been freed yet. They are linked through
/// their counted words, which are no longer needed for counting, so destroying them takes no
/// memory.
pub(crate) struct Dying(Option<NonNull<Header>>);

impl Dying {
    /// Releases a value's reference.
    #[inline]
    pub(crate) fn push(&mut self, child: Value) {
        if let Some(header) = header_of(child.into_raw()) {
            // SAFETY: `child` owned one reference, which is released here.
            if unsafe { header.as_ref() }.word.release() {
                // SAFETY: that was the last reference.
                unsafe { self.add(header) };
            }
        }
    }

    /// # Safety
    ///
    /// Same as for [`destroy`].
    unsafe fn add(&mut self, object: NonNull<Header>) {
        let next = self.0.map_or(0, |next| next.as_ptr().expose_provenance() as u64);
        // SAFETY: the object is alive until it is freed.
        unsafe { object.as_ref() }.word.store(next, Ordering::Relaxed);
        self.0 = Some(object);
    }

    fn pop(&mut self) -> Option<NonNull<Header>> {
        let object = self.0?;
        // SAFETY: as in `add`.
        let next = unsafe { object.as_ref() }.word.load(Ordering::Relaxed);
        self.0 = NonNull::new(std::ptr::with_exposed_provenance_mut(next as usize));
        Some(object)
    }
}

/// Frees `object` and everything that only it kept alive.
///
/// # Safety
///
/// The caller has released the last reference ([`CountedWord::release`] returned true).
#[inline(never)]
pub(crate) unsafe fn destroy(object: NonNull<Header>) {
    let mut dying = Dying(None);
    // SAFETY: the caller has the right to free the object.
    unsafe { dismantle(object, &mut dying) };
    while let Some(object) = dying.pop() {
        // SAFETY: its last reference was released when it was added.
        unsafe { dismantle(object, &mut dying) };
    }
}

/// Frees one object and hands over its children.
///
/// # Safety
///
/// Same as for [`destroy`].
unsafe fn dismantle(object: NonNull<Header>, children: &mut Dying) {
    // SAFETY: the object is alive until it is freed below.
    let kind = unsafe { object.as_ref() }.kind;
    match kind {
        // SAFETY: the kind is the type that was allocated; nobody else has a reference.
        HeapKind::String => unsafe { StringObject::free(object) },
        // SAFETY: as above.
        HeapKind::Array => unsafe { take::<ArrayObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Future => unsafe { take::<FutureObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Channel => unsafe { take::<ChannelObject>(object) }.give_up(children),
        // SAFETY: as above.
        HeapKind::Closure => unsafe { take::<ClosureObject>(object) }.give_up(children),
        HeapKind::Int64 | HeapKind::Float64 => {
            // SAFETY: as above.
            unsafe { take::<BoxedNumber>(object) };
        }
    }
}

/// Moves an object out of its slot, and frees the slot.
///
/// # Safety
///
/// `object` was allocated as a `T`, and the caller has the right to free it.
#[inline(always)]
unsafe fn take<T>(object: NonNull<Header>) -> T {
    // SAFETY: by the caller's promise; the object is not used here any more.
    let taken = unsafe { object.cast::<T>().read() };
    // SAFETY: allocated for a `T`, and moved out.
    unsafe { slots::free(const { class_of::<T>() }, object.cast()) };
    taken
}
