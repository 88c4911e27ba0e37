//! Boxes that report a lack of memory; those of the standard library end the process.

use super::atomic::{AtomicUsize, Ordering, fence};
use std::alloc::{Layout, alloc};
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// Puts `value` into a box; gives it back without memory.
pub(crate) fn try_box<T>(value: T) -> Result<Box<T>, T> {
    let layout = Layout::new::<T>();
    if layout.size() == 0 {
        return Ok(Box::new(value));
    }
    // SAFETY: the layout is not of size 0.
    let place = unsafe { alloc(layout) }.cast::<T>();
    if place.is_null() {
        return Err(value);
    }
    // SAFETY: allocated by the global allocator for a `T`, and filled.
    unsafe {
        place.write(value);
        Ok(Box::from_raw(place))
    }
}

/// Returns a slice of `len` values from `make`; `None` without memory for them or for one of them.
pub(crate) fn try_slice<T>(len: usize, make: impl Fn() -> Option<T>) -> Option<Box<[T]>> {
    let mut slice = Vec::new();
    slice.try_reserve_exact(len).ok()?;
    for _ in 0..len {
        slice.push(make()?);
    }
    Some(slice.into_boxed_slice())
}

/// A value with several owners, as in the standard library's `Arc`.
#[derive(Debug)]
pub(crate) struct Counted<T>(NonNull<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    owners: AtomicUsize,
    value: T,
}

// SAFETY: as for `Arc`: owners on any thread reach the value, and the last one drops it.
unsafe impl<T: Send + Sync> Send for Counted<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Counted<T> {}

impl<T> Counted<T> {
    /// Returns `None` without memory; the value is dropped then.
    pub(crate) fn try_new(value: T) -> Option<Self> {
        let inner = try_box(Inner { owners: AtomicUsize::new(1), value }).ok()?;
        Some(Self(NonNull::from(Box::leak(inner))))
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        ptr::eq(self.0.as_ptr(), other.0.as_ptr())
    }

    fn inner(&self) -> &Inner<T> {
        // SAFETY: lives as long as it has an owner.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Clone for Counted<T> {
    fn clone(&self) -> Self {
        self.inner().owners.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner().value
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        // Release, and Acquire by the last: everything the others did comes before the end.
        if self.inner().owners.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            // SAFETY: from a box, and nothing else owns it any more.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::sync::atomic::AtomicU32;

    static DROPPED: AtomicU32 = AtomicU32::new(0);

    struct CountsDrops;

    impl Drop for CountsDrops {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_last_owner_drops_the_value() {
        let first = Counted::try_new((7, CountsDrops)).unwrap();
        let second = first.clone();
        let third = Counted::try_new((7, CountsDrops)).unwrap();
        assert!(first.is_same(&second) && !first.is_same(&third));
        drop(first);
        assert_eq!((second.deref().0, DROPPED.load(Ordering::Relaxed)), (7, 0));
        std::thread::spawn(move || drop(second)).join().unwrap();
        assert_eq!(DROPPED.load(Ordering::Relaxed), 1);
    }
}
