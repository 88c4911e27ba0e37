//! The `extern "C"` functions of values, over [`crate::Value`].

use super::{CBool, failed, no_memory};
use crate::{RuntimeValue, Value};
use std::ffi::c_char;
use std::fmt::Display;

/// Creates an integer; one that does not fit in 61 bits is boxed on the heap.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_int(n: i64) -> Value {
    Value::try_int(n).unwrap_or_else(|| no_memory("rt_value_int", Value::nil()))
}

/// Creates a float, bit for bit; one whose low three bits are not zero is boxed on the heap.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_float(x: f64) -> Value {
    Value::try_float(x).unwrap_or_else(|| no_memory("rt_value_float", Value::nil()))
}

/// Creates a boolean: false for a bool of 0, true for any other.
///
/// Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_bool(b: CBool) -> Value {
    Value::bool(b.is_true())
}

/// Returns the nil value.
///
/// Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_nil() -> Value {
    Value::nil()
}

/// Returns the integer in a value, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0 for a value that is
/// not an integer, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_as_int(value: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    let int = unsafe { Value::borrow(&value) }.as_int();
    int.unwrap_or_else(|| refused(0, "rt_value_as_int", "int", value))
}

/// Returns the float in a value, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0.0 for a value that
/// is not a float, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_as_float(value: RuntimeValue) -> f64 {
    // SAFETY: the caller's promise, see above.
    let float = unsafe { Value::borrow(&value) }.as_float();
    float.unwrap_or_else(|| refused(0.0, "rt_value_as_float", "float", value))
}

/// Returns the boolean in a value.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: false for a value
/// that is not a boolean, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_as_bool(value: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    let bool = unsafe { Value::borrow(&value) }.as_bool();
    bool.unwrap_or_else(|| refused(false, "rt_value_as_bool", "bool", value))
}

/// True if a value is an integer, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_is_int(value: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.as_int().is_some()
}

/// True if a value is a float, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_is_float(value: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.as_float().is_some()
}

/// True if a value is a boolean.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_is_bool(value: RuntimeValue) -> bool {
    value.bool().is_some()
}

/// True if a value is nil.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_is_nil(value: RuntimeValue) -> bool {
    value.is_nil()
}

/// True if a value is a live object on the heap, which includes boxed numbers.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_is_heap(value: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.is_heap()
}

/// True if a value counts as true in a condition. False for nil, false, 0, 0.0 and words that
/// are not a value; true for every other, including empty strings and arrays.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_truthy(value: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.is_truthy()
}

/// Returns the name of a value's type: int, float, bool, nil, string, array, future, channel,
/// closure, or invalid.
///
/// Thread safety: any thread. Ownership: `value` is borrowed; the text is static: borrowed
/// forever. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_type_name(value: RuntimeValue) -> *const c_char {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.type_name().as_ptr()
}

/// Takes one more reference to a value, and returns the value.
///
/// Thread safety: any thread. Ownership: `value` is borrowed, the result is new: it needs one
/// more rt_value_release. Does nothing for values that are not on the heap. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_retain(value: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.clone()
}

/// Gives back one reference. The last one frees the object, and everything that only it kept
/// alive. From then on the value names no object, until its memory is used for another one;
/// releasing it again before that does nothing.
///
/// Thread safety: any thread. Ownership: the caller's reference is taken. Does nothing for
/// values that are not on the heap. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object, and the caller owns a reference to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_release(value: RuntimeValue) {
    // SAFETY: the caller's promise, see above.
    drop(unsafe { Value::from_raw(value) });
}

/// Returns a copy that shares only futures and channels with the value; cycles and sharing
/// inside of it are kept.
///
/// Thread safety: any thread; an array that another thread changes meanwhile is copied as it is
/// at one moment. Ownership: `value` is borrowed, the result is new. Error value: nil without
/// memory for the whole copy, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_deep_copy(value: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let copy = unsafe { Value::borrow(&value) }.try_deep_copy();
    copy.unwrap_or_else(|| no_memory("rt_value_deep_copy", Value::nil()))
}

/// Leaves a message for a value of the wrong type, and returns the call's error value. Takes the
/// word by value, so that the caller need not have it in memory.
#[cold]
#[inline(never)]
pub(super) fn refused<T>(error: T, call: &str, wanted: &str, value: RuntimeValue) -> T {
    // SAFETY: a value that the caller of the C interface keeps alive during the call.
    failed(error, wrong_type(call, wanted, unsafe { Value::borrow(&value) }))
}

/// Returns the message for a value of the wrong type.
pub(super) fn wrong_type(call: &str, wanted: &str, value: &Value) -> impl Display {
    let found = value.type_name();
    // Allocates nothing: the call may fail for lack of memory.
    std::fmt::from_fn(move |f| {
        write!(f, "{call}: needs a value of type {wanted}, not {}", found.to_str().unwrap_or("?"))
    })
}
