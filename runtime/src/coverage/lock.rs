//! The lock of this module, and how its statics are made.

/// A `std` lock, which sleeps on its own word. (Those of `parking_lot` share a table of
/// sleepers, which is wrong in a forked process.) Under loom the model's.
#[cfg(not(loom))]
#[derive(Debug, Default)]
pub(super) struct Lock<T>(std::sync::Mutex<T>);

#[cfg(not(loom))]
impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(loom)]
pub(super) use crate::sync::Mutex as Lock;

/// Declares a `const fn`; loom's atomics cannot be made at compile time, so there a plain one.
macro_rules! constructor {
    ($(#[$doc:meta])* $vis:vis fn $($rest:tt)*) => {
        $(#[$doc])*
        #[cfg(not(loom))]
        $vis const fn $($rest)*
        $(#[$doc])*
        #[cfg(loom)]
        $vis fn $($rest)*
    };
}
pub(super) use constructor;
