//! The code that runs on one stack.

use crate::aop::RunningAdvice;
use crate::future::FutureObject;
use std::cell::Cell;
use std::ptr;

/// Bodies and advices that run on one stack, each inside the previous one. Never on several stacks:
/// coroutines, whose calls are not nested in each other, have stacks of their own.
pub(crate) struct Running {
    pub(crate) bodies: Chain<FutureObject>,
    pub(crate) advices: Chain<RunningAdvice>,
    /// Calls in progress whose panics are caught.
    pub(crate) catches: Cell<u32>,
    /// Number of the next advice's context (`aop.rs`); 0 before the first.
    pub(crate) next_context: Cell<u64>,
}

impl Running {
    pub(crate) const fn new() -> Self {
        Self {
            bodies: Chain::new(),
            advices: Chain::new(),
            catches: Cell::new(0),
            next_context: Cell::new(0),
        }
    }
}

/// Items that calls in progress have lent, innermost first.
pub(crate) struct Chain<T>(Cell<*const Link<T>>);

struct Link<T> {
    item: *const T,
    outer: *const Link<T>,
}

impl<T> Chain<T> {
    const fn new() -> Self {
        Self(Cell::new(ptr::null()))
    }

    /// Runs `f` with `item` as the innermost.
    #[inline]
    pub(crate) fn with<R>(&self, item: &T, f: impl FnOnce() -> R) -> R {
        let link = Link { item, outer: self.0.get() };
        self.0.set(&raw const link);
        // If `f` unwinds, the pointer to this call's frame must not stay.
        struct Restore<'a, T>(&'a Chain<T>, *const Link<T>);
        impl<T> Drop for Restore<'_, T> {
            fn drop(&mut self) {
                self.0.0.set(self.1);
            }
        }
        let _restore = Restore(self, link.outer);
        f()
    }

    /// Returns the innermost item.
    #[inline(always)]
    pub(crate) fn innermost(&self) -> Option<&T> {
        // SAFETY: as in `iter`.
        unsafe { self.0.get().as_ref().map(|link| &*link.item) }
    }

    /// Returns the items, innermost first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let mut link = self.0.get();
        std::iter::from_fn(move || {
            // SAFETY: links lie in calls of `with` that have not returned while the caller of
            // this method runs on top of them, and have borrowed their items.
            let here = unsafe { link.as_ref() }?;
            link = here.outer;
            // SAFETY: as above.
            Some(unsafe { &*here.item })
        })
    }
}
