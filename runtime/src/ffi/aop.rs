//! The `extern "C"` functions of around-advice, over [`crate::aop`].

use super::failed;
use crate::aop::{self, Advice, Context, Target};
use crate::{RuntimeValue, Value};
use std::slice;

/// Calls `target` with `argc` arguments through a list of advices. The first advice is the
/// outermost one. Each advice must call rt_aop_proceed with its context exactly once.
///
/// Thread safety: any thread; everything runs on the calling one. Ownership: the list and the
/// arguments are borrowed; the target and the advices get the arguments borrowed and return new
/// references; the result is new. Error value: nil if an advice does not proceed or proceeds
/// twice, for a NULL target, a NULL in the list, a NULL list with a length, NULL arguments with
/// a count, and for a panic inside, with a message in rt_last_error.
///
/// # Safety
///
/// The target and the advices are functions of these types; the list and the arguments have the
/// stated number of items; heap words name live objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_aop_invoke_around(
    target: Option<Target>,
    advices: *const Option<Advice>,
    advice_len: u64,
    argc: u64,
    argv: *const RuntimeValue,
) -> Value {
    const CALL: &str = "rt_aop_invoke_around";
    // SAFETY: the caller's promise, see above.
    let (advices, arguments) = unsafe { (list(advices, advice_len), list(argv, argc)) };
    let Some(advices) = advices else {
        return failed(Value::nil(), format_args!("{CALL}: no list of {advice_len} advices"));
    };
    let Some(arguments) = arguments else {
        return failed(Value::nil(), format_args!("{CALL}: no list of {argc} arguments"));
    };
    // SAFETY: the caller's promise, see above.
    match unsafe { aop::invoke_around(target, advices, arguments) } {
        Ok(result) => result,
        Err(error) => failed(Value::nil(), format_args!("{CALL}: {error}")),
    }
}

/// Runs the code that the calling advice wraps: the next advice or the target.
///
/// Thread safety: the thread that called the advice, until the advice returns; the context is
/// invalid elsewhere and later. Ownership: `ctx` is borrowed, the result is new. Error value:
/// nil for NULL, for a context that does not belong to a running advice of this thread, and on
/// the second call (which makes the result of the whole invocation nil), with a message in
/// rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_aop_proceed(ctx: *mut Context) -> Value {
    match aop::proceed(ctx) {
        Ok(result) => result,
        Err(error) => failed(Value::nil(), format_args!("rt_aop_proceed: {error}")),
    }
}

/// Returns the items of a C list. `None` for a null pointer with a length, and for a length that
/// no list can have.
///
/// # Safety
///
/// If `items` is not null, it has `len` items that nobody changes during `'a`.
unsafe fn list<'a, T>(items: *const T, len: u64) -> Option<&'a [T]> {
    if len == 0 {
        return Some(&[]);
    }
    let len = usize::try_from(len).ok()?;
    let fits = len.checked_mul(size_of::<T>()).is_some_and(|bytes| isize::try_from(bytes).is_ok());
    // SAFETY: by the caller's promise; the size fits, as slices must.
    (fits && !items.is_null()).then(|| unsafe { slice::from_raw_parts(items, len) })
}
