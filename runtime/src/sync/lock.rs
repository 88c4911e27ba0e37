//! A lock and a condition that a process may fork beside.
//!
//! They sleep on their own words. `parking_lot` keeps all sleepers of a process in one table; a
//! forked child has the table, with those in it that do not exist any more, in memory that its
//! own threads use again. A panic while one is locked poisons nothing.

#[cfg(loom)]
use loom::sync as own;
#[cfg(not(loom))]
use std::sync as own;
use std::sync::PoisonError;

/// Exclusive access to a `T`.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(own::Mutex<T>);

/// The access; ends when dropped.
pub(crate) type Locked<'a, T> = own::MutexGuard<'a, T>;

impl<T> Lock<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new(value: T) -> Self {
        Self(own::Mutex::new(value))
    }

    #[cfg(loom)]
    pub(crate) fn new(value: T) -> Self {
        Self(own::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> Locked<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that a thread waits for, beside a [`Lock`].
#[derive(Debug, Default)]
pub(crate) struct Condition(own::Condvar);

impl Condition {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self(own::Condvar::new())
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self(own::Condvar::new())
    }

    /// Gives the lock back while it sleeps. It may return without cause: look again.
    pub(crate) fn wait<'a, T>(&self, locked: Locked<'a, T>) -> Locked<'a, T> {
        self.0.wait(locked).unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake_all(&self) {
        self.0.notify_all();
    }
}
