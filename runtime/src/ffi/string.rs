//! The `extern "C"` functions of strings, over [`crate::Value`].

use super::value::refused;
use super::{failed, no_memory};
use crate::{RuntimeValue, Value};
use std::ffi::c_char;
use std::{ptr, slice, str};

/// Creates a string of `len` bytes of UTF-8, which are copied.
///
/// Thread safety: any thread. Ownership: `bytes` is borrowed for the call, the result is new.
/// Error value: nil for invalid UTF-8, for NULL with a length that is not 0, and without memory,
/// with a message in rt_last_error.
///
/// # Safety
///
/// `bytes` is NULL, or points to `len` readable bytes that nobody changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_string_new(bytes: *const c_char, len: u64) -> Value {
    let Ok(len) = isize::try_from(len) else {
        return failed(Value::nil(), "rt_string_new: the length is beyond all memory");
    };
    let bytes = match (bytes.is_null(), len) {
        (_, 0) => &[],
        (true, _) => return failed(Value::nil(), "rt_string_new: NULL with a length"),
        // SAFETY: the caller's promise, see above; the length fits an isize.
        (false, len) => unsafe { slice::from_raw_parts(bytes.cast::<u8>(), len as usize) },
    };
    match str::from_utf8(bytes) {
        Ok(text) => {
            Value::try_string(text).unwrap_or_else(|| no_memory("rt_string_new", Value::nil()))
        }
        Err(error) => failed(Value::nil(), format_args!("rt_string_new: {error}")),
    }
}

/// Returns the bytes of a string, followed by a NUL that is not part of it.
///
/// Thread safety: any thread. Ownership: `string` is borrowed; the bytes are borrowed from it,
/// valid as long as somebody holds a reference to it, and must not be changed. Error value: NULL
/// for a value that is not a string, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_string_data(string: RuntimeValue) -> *const c_char {
    // SAFETY: the caller's promise, see above.
    match unsafe { Value::borrow(&string) }.as_str() {
        Some(text) => text.as_ptr().cast(),
        None => refused(ptr::null(), "rt_string_data", "string", string),
    }
}

/// Returns the length of a string in bytes, without the NUL.
///
/// Thread safety: any thread. Ownership: `string` is borrowed. Error value: -1 for a value that
/// is not a string, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_string_len(string: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    match unsafe { Value::borrow(&string) }.as_str() {
        Some(text) => text.len() as i64,
        None => refused(-1, "rt_string_len", "string", string),
    }
}
