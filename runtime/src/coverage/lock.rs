//! The lock of this module, and the macro that declares constructors for its statics.

pub(super) use crate::sync::Lock;

/// Declares a `const fn`. Under loom it declares a plain function, because loom's atomics cannot be
/// created at compile time.
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
