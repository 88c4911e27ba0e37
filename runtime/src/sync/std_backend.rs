//! The normal back end: `std` atomics and threads, `parking_lot` locks.

pub(crate) use parking_lot::{Mutex, RwLock};
pub(crate) use std::hint;
pub(crate) use std::sync::Arc;
pub(crate) use std::thread;

/// The standard library's locks, for the registries that compare locks. All other code uses a
/// [`Lock`](super::Lock).
pub(crate) mod std_locks {
    pub(crate) use std::sync::{Mutex, RwLock};
}

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{
        AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize,
        Ordering, fence,
    };
}

/// `std::cell::UnsafeCell` behind loom's closure interface.
#[derive(Debug, Default)]
#[repr(transparent)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Hands out a pointer for reading; the caller must ensure that no thread writes meanwhile.
    #[inline(always)]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Hands out a pointer for writing; the caller must ensure that nothing else has access.
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}
