//! The C interface: functions that check their arguments, call the safe API and map the result.
//!
//! `include/simple_runtime.h` is generated from this module; its text on ownership, thread safety
//! and errors comes from the comments here.

pub mod aop;
pub mod array;
pub mod channel;
pub mod coverage;
pub mod error;
pub mod executor;
pub mod file;
pub mod future;
pub mod string;
pub mod thread;
pub mod value;

use crate::error::set_last_error;
use crate::future::Body;
use crate::registry::Handle;
use std::fmt::{self, Display, Write};
use std::time::Duration;

/// Leaves a message for `rt_last_error` and returns the call's error value.
#[cold]
#[inline(never)]
fn failed<T>(answer: T, message: impl Display) -> T {
    set_last_error(message);
    answer
}

/// Same as [`failed`], for a lack of memory.
#[cold]
#[inline(never)]
fn no_memory<T>(call: &str, answer: T) -> T {
    failed(answer, format_args!("{call}: not enough memory"))
}

/// Writes `message` as a text; `None` without memory.
fn try_text(message: &dyn Display) -> Option<String> {
    struct Fallible(String);
    impl Write for Fallible {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0.try_reserve(part.len()).map_err(|_| fmt::Error)?;
            self.0.push_str(part);
            Ok(())
        }
    }
    let mut text = Fallible(String::new());
    write!(text, "{message}").ok()?;
    Some(text.0)
}

/// A `bool` that C passes: byte 0 is false, any other byte true. A Rust `bool` with a byte other
/// than 0 and 1 would be undefined behaviour.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct CBool(u8);

impl CBool {
    /// True unless the byte is 0.
    #[inline(always)]
    pub const fn is_true(self) -> bool {
        self.0 != 0
    }
}

impl From<bool> for CBool {
    fn from(b: bool) -> Self {
        Self(b.into())
    }
}

/// Returns the function at an address; `None` for 0.
///
/// # Safety
///
/// `address` is 0 or the address of a `Value (*)(Value)`.
unsafe fn body_at(address: u64) -> Option<Body> {
    // SAFETY: a function pointer is a pointer, and `None` is null (documented of `Option<fn>`);
    // the rest is the caller's promise.
    unsafe { std::mem::transmute::<*const (), Option<Body>>(code_at(address)) }
}

/// Returns the pointer to convert to a function pointer. Converting the integer itself would
/// give a function pointer without provenance.
fn code_at(address: u64) -> *const () {
    std::ptr::with_exposed_provenance(address as usize)
}

/// Converts a handle from its unsigned C form.
fn handle(raw: u64) -> Option<Handle> {
    Handle::from_raw(raw as i64)
}

/// Converts a time limit from C; a negative one is over.
fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
