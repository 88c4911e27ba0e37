//! The lock of this crate, and a condition variable to go with it.
//!
//! # Forks
//!
//! A child has only the thread that forked, and there are two kinds of locks for it:
//!
//! | what is locked | lock | in a child |
//! |---|---|---|
//! | state of one process ([`PerProcess`](super::fork::PerProcess)), and what a child recognises as its parent's (handles of threads) | [`Lock`] | never waited for: the child makes its own, or refuses |
//! | what a child inherits and goes on using: values, channels, their memory | [`ForkMutex`](super::ForkMutex) | taken over from a holder that does not exist |
//!
//! They cannot be the same. A child may take a lock over only if what it guards is usable after any
//! single store of the holder. The standard library's lists and tables are not, so for them the
//! child starts afresh. The second kind requires of its content, by a trait bound, that it is.
//!
//! Both sleep on their own words. `parking_lot`, which the registries compare, keeps all sleepers
//! of a process in one table. A forked child has that table, with entries of sleepers that no
//! longer exist, in memory that its own threads reuse. A panic while a lock is held poisons
//! nothing.

#[cfg(loom)]
use loom::sync as own;
#[cfg(not(loom))]
use std::sync as own;
use std::sync::{PoisonError, TryLockError};

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

    /// Locks it, if it is free now.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Locked<'_, T>> {
        match self.0.try_lock() {
            Ok(locked) => Some(locked),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition that threads wait for, used with a [`Lock`].
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

    /// Releases the lock while it sleeps. It may return without cause: check the condition again.
    pub(crate) fn wait<'a, T>(&self, locked: Locked<'a, T>) -> Locked<'a, T> {
        self.0.wait(locked).unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake_all(&self) {
        self.0.notify_all();
    }
}
