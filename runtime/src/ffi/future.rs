//! The `extern "C"` functions of futures, over [`crate::future`].

use super::value::wrong_type;
use super::{body_at, failed, milliseconds, no_memory};
use crate::future::{self, Future};
use crate::{RuntimeValue, Value};

/// Runs `f` on a future. For any other value, leaves a message and returns `error`.
///
/// # Safety
///
/// A heap word names a live object.
#[inline]
unsafe fn with_future<R>(
    call: &str,
    future: &RuntimeValue,
    error: R,
    f: impl FnOnce(Future<'_>) -> R,
) -> R {
    // SAFETY: by the caller's promise.
    let future = unsafe { Value::borrow(future) };
    match future.as_future() {
        Some(future) => f(future),
        None => failed(error, wrong_type(call, "future", future)),
    }
}

/// Creates a lazy future: `body`, a `Value (*)(Value ctx)`, does not run until the future is
/// awaited or started. `body` 0 means none: awaiting or starting fulfils it with nil.
///
/// Thread safety: any thread; the body runs on any. Ownership: `ctx` is borrowed and kept until
/// the body has run, and lent to the body; the body must return a new reference, which the
/// future owns. The result is new. A panic in the body rejects the future (see "Callbacks" for
/// what a panic is). Error value: nil without memory, with a message in rt_last_error.
///
/// # Safety
///
/// `body` is 0 or the address of a function of this type; a heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_new(body: u64, ctx: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let (body, ctx) = unsafe { (body_at(body), Value::borrow(&ctx)) };
    let future = Value::try_future(body, ctx.clone());
    future.unwrap_or_else(|| no_memory("rt_future_new", Value::nil()))
}

/// Waits for the result of a future and returns it. The body runs once, however many threads
/// await. If it has not begun, the calling thread runs it; that thread never runs anything else.
/// Nested awaits never deadlock, whatever the number of workers.
///
/// Manual mode: outside of a poll this never blocks. It queues the future (as rt_future_start
/// does) and returns nil while there is no result. Inside of a poll it works as described above.
///
/// In a forked child, a future that had not begun in the parent, queued or not, can be awaited
/// or started as usual. A body that the forking thread is running continues there. A body that
/// another thread was running never ends there, and its future is not waited for.
///
/// Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed, the
/// result is new. A rejected future gives nil; see rt_future_error. Error value: nil for a value
/// that is not a future, for one that awaits itself on one thread, and for one that never ends
/// in this forked child, with a message in rt_last_error. Futures that await each other in a
/// cycle across several threads wait forever.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn rt_future_await(future: RuntimeValue) -> Value {
    let wait = |future: Future<'_>| future.wait_once().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_await", &future, Value::nil(), wait) }
}

/// Returns 1 if a future is fulfilled or rejected, otherwise 0.
///
/// Thread safety: any thread, wait-free. Ownership: `future` is borrowed. Error value: 0 for a
/// value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_is_ready(future: RuntimeValue) -> i64 {
    let ready = |future: Future<'_>| future.is_ready().into();
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_is_ready", &future, 0, ready) }
}

/// Returns the result of a fulfilled future; nil while it is pending and if it is rejected.
/// Never blocks.
///
/// Thread safety: any thread, wait-free. Ownership: `future` is borrowed, the result is new.
/// Error value: nil for a value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_get_result(future: RuntimeValue) -> Value {
    let result = |future: Future<'_>| future.result().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_get_result", &future, Value::nil(), result) }
}

/// Starts all futures in an array, waits for all, and returns an array of their results in
/// order. An item that is not a future is its own result; a rejected future's result is nil.
/// Bodies run in parallel in Threaded mode. Where one thread runs them, it runs them first to
/// last, in both modes, so an item may wait for an effect of an earlier one.
///
/// Manual mode: outside of a poll this queues the futures that have not begun and returns at
/// once, with nil for those that are not ready.
///
/// Thread safety: any thread, but not in a signal handler; the array is read once, at the start.
/// Ownership: `futures` is borrowed, the result is new; futures in it that are started are kept
/// until they are finished. Error value: nil for a value that is not an array and without
/// memory, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_all(futures: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let futures = unsafe { Value::borrow(&futures) };
    let Some(items) = futures.as_array() else {
        return failed(Value::nil(), wrong_type("rt_future_all", "array", futures));
    };
    let results = items.try_to_vec().and_then(|mut items| {
        future::all_in_place(&mut items);
        Value::try_array(items)
    });
    results.unwrap_or_else(|| no_memory("rt_future_all", Value::nil()))
}

/// Starts all futures in an array and returns the result of the first that is finished; the
/// others continue. An item that is not a future counts as finished and is its own result. An
/// empty array gives nil, as does a rejected winner.
///
/// If no other thread can make progress (the only worker calls this, or all wait), the caller
/// runs the first future that has not begun. A worker whose wait ends by itself (a sleep, a wait
/// with a limit) can make progress. Manual mode: outside of a poll this queues the futures that
/// have not begun and returns at once.
///
/// Thread safety: any thread, but not in a signal handler; the array is read once, at the start.
/// Ownership: `futures` is borrowed, the result is new; futures in it that are started are kept
/// until they are finished. Error value: nil for a value that is not an array, without memory,
/// and if none of the futures will ever be finished (they await themselves, or were left running
/// in the parent of this forked child), with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_race(futures: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let futures = unsafe { Value::borrow(&futures) };
    let Some(items) = futures.as_array() else {
        return failed(Value::nil(), wrong_type("rt_future_race", "array", futures));
    };
    match items.try_to_vec() {
        Some(items) => future::race(&items),
        None => no_memory("rt_future_race", Value::nil()),
    }
}

/// Creates a future that is fulfilled with `value`.
///
/// Thread safety: any thread. Ownership: `value` is borrowed and kept, the result is new.
/// Error value: nil without memory, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_resolve(value: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let future = Value::try_resolved(unsafe { Value::borrow(&value) }.clone());
    future.unwrap_or_else(|| no_memory("rt_future_resolve", Value::nil()))
}

/// Creates a future that is rejected with `error`, which rt_future_error returns.
///
/// Thread safety: any thread. Ownership: `error` is borrowed and kept, the result is new.
/// Error value: nil without memory, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_reject(error: RuntimeValue) -> Value {
    // SAFETY: the caller's promise, see above.
    let future = Value::try_rejected(unsafe { Value::borrow(&error) }.clone());
    future.unwrap_or_else(|| no_memory("rt_future_reject", Value::nil()))
}

/// Hands a future to the executor without waiting. A future without a body is fulfilled with nil
/// at once instead.
///
/// Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed and
/// kept until it is finished. Returns 1 if this call started it, 0 if it was started, run or
/// cancelled before (a forked child can start again a future that its parent has queued). Error
/// value: 0 for a value that is not a future, and without memory to queue it (the future is
/// rejected then), with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_start(future: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_start", &future, 0, |future| future.start().into()) }
}

/// Returns the state of a future: 0 pending, 1 queued, 2 running, 3 fulfilled, 4 rejected. In a
/// forked child, a future that the parent has queued is pending, and one that another thread was
/// running stays running.
///
/// Thread safety: any thread, wait-free. Ownership: `future` is borrowed. Error value: -1 for a
/// value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_state(future: RuntimeValue) -> i64 {
    let state = |future: Future<'_>| future.state() as i64;
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_state", &future, -1, state) }
}

/// Returns the error of a rejected future: the value it was rejected with, or a string for a
/// panic, a cancellation and an await of itself (nil if there was no memory for the string). Nil
/// for any other future.
///
/// Thread safety: any thread, wait-free. Ownership: `future` is borrowed, the result is new.
/// Error value: nil for a value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_error(future: RuntimeValue) -> Value {
    let error = |future: Future<'_>| future.error().unwrap_or_default();
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_error", &future, Value::nil(), error) }
}

/// Starts a future if necessary and waits until it is finished, for at most `ms` milliseconds (0
/// and less: not at all). The calling thread never runs the body, so the limit holds. Manual
/// mode: outside of a poll this returns at once.
///
/// It returns 0 at once, with a message in rt_last_error, where waiting cannot succeed: the body
/// has not begun and only the calling thread could run it (inside of a poll, on the only worker,
/// on a worker that ends and whose thread's destructors call this, where the system provides no
/// threads), the caller is inside of the body, or it was left running in the parent of this
/// forked child.
///
/// Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed and
/// kept until it is finished. Returns 1 if it is finished, 0 if the time is over. Error value:
/// -1 for a value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_await_timeout(future: RuntimeValue, ms: i64) -> i64 {
    let wait = |future: Future<'_>| future.wait_timeout(milliseconds(ms)).into();
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_await_timeout", &future, -1, wait) }
}

/// Rejects a future with the string "cancelled" if its body has not begun.
///
/// Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed.
/// Returns 1 if this call cancelled it, 0 if it had begun or had finished. Error value: 0 for a
/// value that is not a future, with a message in rt_last_error.
///
/// # Safety
///
/// A heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_future_cancel(future: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    unsafe { with_future("rt_future_cancel", &future, 0, |future| future.cancel().into()) }
}
