//! Values: the tagged word, and the heap objects behind it.

// Under loom only the reference count exists: it is the only protocol in this module.
pub(crate) mod counted_word;

#[cfg(not(loom))]
mod array;
#[cfg(not(loom))]
pub(crate) mod closure;
#[cfg(not(loom))]
mod copy;
#[cfg(not(loom))]
pub(crate) mod heap;
#[cfg(not(loom))]
mod number;
#[cfg(not(loom))]
mod owned;
#[cfg(not(loom))]
pub(crate) mod sequence;
#[cfg(not(loom))]
pub(crate) mod slots;
#[cfg(not(loom))]
mod string;
#[cfg(not(loom))]
mod word;

#[cfg(not(loom))]
pub use array::Array;
#[cfg(not(loom))]
pub use heap::HeapKind;
#[cfg(not(loom))]
pub use owned::Value;
#[cfg(all(feature = "injected-faults", not(loom)))]
pub(crate) use slots::live_objects;
#[cfg(not(loom))]
pub use slots::objects_of_this_thread;
#[cfg(not(loom))]
pub use word::RuntimeValue;
