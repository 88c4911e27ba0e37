//! The `extern "C"` functions of arrays, over [`crate::Array`].

use super::value::refused;
use super::{failed, no_memory};
use crate::{Array, RuntimeValue, Value};

/// Runs `f` on an array. For any other value, leaves a message and returns `error`.
///
/// # Safety
///
/// A heap word names a live object.
#[inline(always)]
unsafe fn with_array<R>(
    call: &str,
    array: RuntimeValue,
    error: R,
    f: impl FnOnce(Array<'_>) -> R,
) -> R {
    // SAFETY: by the caller's promise.
    match unsafe { Value::borrow(&array) }.as_array() {
        Some(array) => f(array),
        None => refused(error, call, "array", array),
    }
}

/// Creates an empty array with room for `capacity` items; it grows when more are added.
///
/// Thread safety: any thread. Ownership: the result is new. Error value: nil if the capacity is
/// unreasonable or there is no memory for it, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_array_new(capacity: u64) -> Value {
    Value::array_with_capacity(capacity).unwrap_or_else(|| {
        failed(Value::nil(), format_args!("rt_array_new: no room for {capacity} items"))
    })
}

/// Appends an item. The memory of an array grows with its items, and shrinks when few remain.
///
/// Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed,
/// `item` is borrowed and kept: the array takes a reference of its own. Error value: false for a
/// value that is not an array or without memory, with a message in rt_last_error.
///
/// # Safety
///
/// Heap words name live objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_push(array: RuntimeValue, item: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    let item = unsafe { Value::borrow(&item) };
    let push = |array: Array<'_>| array.push(item.clone()) || no_memory("rt_array_push", false);
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_push", array, false, push) }
}

/// Returns the item at `index`; a negative index counts from the end.
///
/// Thread safety: any thread; calls that only read an array do not block each other. Ownership:
/// `array` is borrowed, the result is new. Error value: nil for a value that is not an array and
/// for an index out of range, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_get(array: RuntimeValue, index: i64) -> Value {
    let get = |array: Array<'_>| {
        array.get(index).unwrap_or_else(|| out_of_range(Value::nil(), "rt_array_get", index, array))
    };
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_get", array, Value::nil(), get) }
}

/// Replaces the item at `index`; a negative index counts from the end.
///
/// Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed,
/// `item` is borrowed and kept: the array takes a reference of its own and releases that of the
/// previous item. Error value: false for a value that is not an array and for an index out of
/// range, with a message in rt_last_error.
///
/// # Safety
///
/// Heap words name live objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_set(array: RuntimeValue, index: i64, item: RuntimeValue) -> bool {
    // SAFETY: the caller's promise, see above.
    let item = unsafe { Value::borrow(&item) };
    let set = |array: Array<'_>| {
        array.set(index, item.clone()) || out_of_range(false, "rt_array_set", index, array)
    };
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_set", array, false, set) }
}

/// Removes the last item of an array and returns it.
///
/// Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed, the
/// result is new: the array's reference. For an empty array the result is nil, which is not a
/// failure. Error value: nil for a value that is not an array, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_pop(array: RuntimeValue) -> Value {
    let pop = |array: Array<'_>| array.pop().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_pop", array, Value::nil(), pop) }
}

/// Returns the number of items.
///
/// Thread safety: any thread. Ownership: `array` is borrowed. Error value: -1 for a value that
/// is not an array, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_len(array: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_len", array, -1, |array| array.len() as i64) }
}

/// Removes all items and releases the array's references to them.
///
/// Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed.
/// Error value: false for a value that is not an array, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_array_clear(array: RuntimeValue) -> bool {
    let clear = |array: Array<'_>| {
        array.clear();
        true
    };
    // SAFETY: the caller's promise, see above.
    unsafe { with_array("rt_array_clear", array, false, clear) }
}

#[cold]
#[inline(never)]
fn out_of_range<T>(error: T, call: &str, index: i64, array: Array<'_>) -> T {
    let len = array.len();
    failed(error, format_args!("{call}: index {index} is out of range, the array has {len} items"))
}
