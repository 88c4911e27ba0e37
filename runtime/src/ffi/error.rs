//! The `extern "C"` functions of errors and versions, over [`crate::error`].

use std::ffi::c_char;

/// Changes to an S row of the contract raise the major part, additions the minor part.
const ABI_MAJOR: u32 = 1;
const ABI_MINOR: u32 = 0;

/// Returns the message of the last call that failed on this thread; empty if none has failed.
///
/// Thread safety: any thread; every thread has its own. Ownership: the text is borrowed from the
/// runtime, valid until the next failing call on this thread, and until the thread ends. Without
/// memory for the whole message the text is its beginning. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_last_error() -> *const c_char {
    crate::error::last_error_ptr()
}

/// Returns the version of the binary interface: (major << 16) | minor. Programs built for the
/// same major version and at most this minor version run with this library.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn simple_runtime_abi_version() -> u32 {
    ABI_MAJOR << 16 | ABI_MINOR
}

/// Returns the version of this library, as "major.minor.patch".
///
/// Thread safety: any thread. Ownership: the text is static: borrowed forever. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_runtime_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
