//! The `extern "C"` functions of isolated threads, over [`crate::thread`].

use super::{body_at, code_at, failed, handle, milliseconds};
use crate::registry::Handle;
use crate::thread::{self, BodyWithChannel, ThreadError};
use crate::{RuntimeValue, Value};

fn spawned(call: &str, thread: Result<Handle, ThreadError>) -> u64 {
    match thread {
        Ok(handle) => handle.to_raw() as u64,
        Err(error) => failed(0, format_args!("{call}: {error}")),
    }
}

/// Leaves a message that says why `thread` is not a valid thread handle.
#[cold]
#[inline(never)]
fn bad_handle<T>(call: &str, thread: u64, error_value: T) -> T {
    let checked = handle(thread).ok_or(ThreadError::BadHandle).and_then(thread::check);
    // Another thread may have freed it in the meantime.
    let error = checked.err().unwrap_or(ThreadError::BadHandle);
    failed(error_value, format_args!("{call}: {error}"))
}

/// Runs `function`, a `Value (*)(Value data)`, on a new OS thread with a deep copy of `data`.
/// Futures and channels in the data are shared, not copied. The thread inherits the caller's
/// signal mask.
///
/// Thread safety: any thread. Ownership: `data` is borrowed for the call; the copy is lent to
/// the function; the function must return a new reference, which rt_thread_join returns. The
/// handle is new: give it to rt_thread_free. Error value: 0 for function 0, without memory for
/// the copy, and if no thread or handle is available, with a message in rt_last_error: then the
/// function does not run.
///
/// # Safety
///
/// `function` is 0 or the address of a function of this type; a heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_thread_spawn_isolated(function: u64, data: RuntimeValue) -> u64 {
    // SAFETY: the caller's promise, see above.
    let (function, data) = unsafe { (body_at(function), Value::borrow(&data)) };
    match function {
        Some(body) => spawned("rt_thread_spawn_isolated", thread::spawn_isolated(body, data)),
        None => failed(0, "rt_thread_spawn_isolated: the function is NULL"),
    }
}

/// Same as rt_thread_spawn_isolated, for a `Value (*)(Value data, Value channel)`: the channel
/// is shared.
///
/// Thread safety: any thread. Ownership: `data` and `channel` are borrowed for the call, and the
/// parts that the thread uses are kept; the handle is new: give it to rt_thread_free. Error
/// value: 0 for function 0, without memory for the copies, and if no thread is available, with a
/// message in rt_last_error.
///
/// # Safety
///
/// `function` is 0 or the address of a function of this type; heap words name live objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_thread_spawn_isolated2(
    function: u64,
    data: RuntimeValue,
    channel: RuntimeValue,
) -> u64 {
    // SAFETY: as in `body_at`, for a function of two arguments.
    let function =
        unsafe { std::mem::transmute::<*const (), Option<BodyWithChannel>>(code_at(function)) };
    // SAFETY: the caller's promise, see above.
    let (data, channel) = unsafe { (Value::borrow(&data), Value::borrow(&channel)) };
    match function {
        Some(body) => {
            let thread = thread::spawn_isolated_with_channel(body, data, channel);
            spawned("rt_thread_spawn_isolated2", thread)
        }
        None => failed(0, "rt_thread_spawn_isolated2: the function is NULL"),
    }
}

/// Waits for a thread and returns its result. Exactly one join gets the result.
///
/// Thread safety: any thread. Ownership: `thread` is borrowed (its handle stays valid until
/// rt_thread_free), the result is new. Error value: nil for a bad handle, on the second join, if
/// the thread panicked, for a thread that joins itself, and in a worker's task for a thread that
/// is in rt_executor_shutdown, which waits for that task, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_join(thread: u64) -> Value {
    match handle(thread).ok_or(ThreadError::BadHandle).and_then(thread::join) {
        Ok(result) => result,
        Err(error) => failed(Value::nil(), format_args!("rt_thread_join: {error}")),
    }
}

/// Returns 1 if a thread's function has ended, otherwise 0.
///
/// Thread safety: any thread, does not block. Ownership: `thread` is borrowed. Error value: 1
/// for a bad handle, and in a forked process for a thread of its parent, with a message in
/// rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_is_done(thread: u64) -> i64 {
    match handle(thread).and_then(thread::is_done) {
        Some(done) => done.into(),
        None => bad_handle("rt_thread_is_done", thread, 1),
    }
}

/// Returns a number greater than 0 that no other isolated thread of the process has or had.
///
/// Thread safety: any thread; also after a join, until the handle is freed. Ownership:
/// `thread` is borrowed. Error value: 0 for a bad handle, and in a forked process for a thread
/// of its parent, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_id(thread: u64) -> i64 {
    let id = handle(thread).and_then(thread::id);
    id.unwrap_or_else(|| bad_handle("rt_thread_id", thread, 0))
}

/// Releases a thread's handle. A thread that is still running continues, detached.
///
/// Thread safety: any thread. Ownership: the handle is taken: it is stale afterwards. Error
/// value: none; a bad handle, such as one freed before or, in a forked process, one of its
/// parent, only leaves a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_free(thread: u64) {
    if !handle(thread).is_some_and(thread::free) {
        bad_handle("rt_thread_free", thread, ());
    }
}

/// Returns the number of threads that can run at once here: the processors that cgroup quotas
/// and affinity allow; at least 1.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_available_parallelism() -> i64 {
    thread::available_parallelism() as i64
}

/// Sleeps for `ms` milliseconds; returns at once for 0 and less.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_sleep(ms: i64) {
    if ms > 0 {
        thread::sleep(milliseconds(ms));
    }
}

/// Yields the processor to another thread that is ready to run.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_thread_yield() {
    thread::yield_now();
}
