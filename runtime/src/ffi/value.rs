//! The `extern "C"` functions of values, over [`crate::Value`].

use super::{CBool, failed, no_memory};
use crate::{RuntimeValue, Value};
use std::ffi::c_char;
use std::fmt::Display;

/// An integer; outside of 61 bits it is boxed on the heap.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_int(n: i64) -> Value {
    Value::try_int(n).unwrap_or_else(|| no_memory("rt_value_int", Value::nil()))
}

/// A float, bit for bit; one whose low three bits are not zero is boxed on the heap.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
/// with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_float(x: f64) -> Value {
    Value::try_float(x).unwrap_or_else(|| no_memory("rt_value_float", Value::nil()))
}

/// A boolean: false for a bool of 0, true for any other.
///
/// Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_bool(b: CBool) -> Value {
    Value::bool(b.is_true())
}

/// The nil value.
///
/// Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_nil() -> Value {
    Value::nil()
}

/// The integer in a value, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0 for what is no
/// integer, with a message in rt_last_error.
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

/// The float in a value, boxed or not.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0.0 for what is
/// no float, with a message in rt_last_error.
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

/// The boolean in a value.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Error value: false for what is
/// no boolean, with a message in rt_last_error.
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

/// Whether a value is an integer, boxed or not.
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

/// Whether a value is a float, boxed or not.
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

/// Whether a value is true or false.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_is_bool(value: RuntimeValue) -> bool {
    value.bool().is_some()
}

/// Whether a value is nil.
///
/// Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_value_is_nil(value: RuntimeValue) -> bool {
    value.is_nil()
}

/// Whether a value is a live object on the heap; true of boxed numbers too.
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

/// Whether a condition on a value holds: not for nil, false, 0, 0.0 and words that are no
/// value; for every other, empty strings and arrays included.
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

/// The name of a value's type: int, float, bool, nil, string, array, future, channel,
/// closure, or invalid.
///
/// Thread safety: any thread. Ownership: `value` is borrowed; the text is static: borrowed
/// for ever. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_type_name(value: RuntimeValue) -> *const c_char {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.type_name().as_ptr()
}

/// Takes one more reference to a value, and answers the value.
///
/// Thread safety: any thread. Ownership: `value` is borrowed, the result is new: one more
/// rt_value_release is due. Nothing happens to values that do not live on the heap. Cannot
/// fail.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_retain(value: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    unsafe { Value::borrow(&value) }.clone()
}

/// Gives back one reference. With the last one the object is freed, and with it what only it
/// kept alive. The value names no object from then on, until its memory is used for another:
/// releasing it again before does nothing.
///
/// Thread safety: any thread. Ownership: the caller's reference is taken. Nothing happens to
/// values that do not live on the heap. Cannot fail.
///
/// # Safety
///
/// A heap word names a live object, and the caller owns a reference to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_value_release(value: RuntimeValue) {
    // SAFETY: the caller's promise, see above.
    drop(unsafe { Value::from_raw(value) });
}

/// A copy that shares nothing with the value but futures and channels; cycles and sharing
/// inside of it are kept.
///
/// Thread safety: any thread; an array that another thread changes meanwhile is copied as it
/// was at one moment. Ownership: `value` is borrowed, the result is new. Error value: nil
/// without memory for all of the copy, with a message in rt_last_error.
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

/// Leaves a message for a value that is not of the type a call needs, and returns the call's
/// error value. By value, so that who calls it need not have the word in memory.
#[cold]
#[inline(never)]
pub(super) fn refused<T>(error: T, call: &str, wanted: &str, value: RuntimeValue) -> T {
    // SAFETY: a value that the caller of the C interface keeps alive during the call.
    failed(error, wrong_type(call, wanted, unsafe { Value::borrow(&value) }))
}

/// The message for a value that is not of the type a call needs.
pub(super) fn wrong_type(call: &str, wanted: &str, value: &Value) -> impl Display {
    let found = value.type_name();
    // No memory is needed for it: the call may fail for want of that.
    std::fmt::from_fn(move |f| {
        write!(f, "{call}: needs a value of type {wanted}, not {}", found.to_str().unwrap_or("?"))
    })
}
