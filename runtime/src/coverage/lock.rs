//! The lock of this module, and how its statics are made.

pub(super) use crate::sync::Lock;

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
