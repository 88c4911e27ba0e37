//! The C calls, lent values that live during the call: what C code is asked to see to is
//! seen to here, once, so that tests need no `unsafe` of their own.
#![allow(dead_code, reason = "not every test program uses everything")]

use simple_runtime::executor::ExecutorStats;
use simple_runtime::{RuntimeValue, Value, error, ffi};
use std::ffi::{CStr, c_char};

/// An argument as the C call takes it.
pub trait Lend {
    type Raw;
    fn lend(self) -> Self::Raw;
}

impl Lend for &Value {
    type Raw = RuntimeValue;
    fn lend(self) -> RuntimeValue {
        self.raw()
    }
}

macro_rules! lend_as_they_are {
    ($($number:ty),*) => {
        $(impl Lend for $number {
            type Raw = Self;
            fn lend(self) -> Self {
                self
            }
        })*
    };
}
lend_as_they_are!(bool, i32, u32, i64, u64, f64);

/// Numbers that are addresses of functions are made by `body` and `body_with_channel` only, or
/// are 0: see there.
macro_rules! calls {
    ($($module:ident { $($name:ident($($arg:ident: $type:ty),*) $(-> $answer:ty)?;)* })*) => {
        $($(
            #[allow(unused_unsafe, reason = "calls that take no heap word are safe")]
            pub fn $name($($arg: $type),*) $(-> $answer)? {
                // SAFETY: values that are lent live during the call, and a function's address
                // is that of such a function.
                unsafe { ffi::$module::$name($($arg.lend()),*) }
            }
        )*)*
    };
}

calls! {
    value {
        rt_value_int(n: i64) -> Value;
        rt_value_float(x: f64) -> Value;
        rt_value_nil() -> Value;
        rt_value_as_int(value: &Value) -> i64;
        rt_value_as_float(value: &Value) -> f64;
        rt_value_as_bool(value: &Value) -> bool;
        rt_value_is_int(value: &Value) -> bool;
        rt_value_is_float(value: &Value) -> bool;
        rt_value_is_bool(value: &Value) -> bool;
        rt_value_is_nil(value: &Value) -> bool;
        rt_value_is_heap(value: &Value) -> bool;
        rt_value_truthy(value: &Value) -> bool;
        rt_value_retain(value: &Value) -> Value;
        rt_value_deep_copy(value: &Value) -> Value;
    }
    string {
        rt_string_data(string: &Value) -> *const c_char;
        rt_string_len(string: &Value) -> i64;
    }
    array {
        rt_array_new(capacity: u64) -> Value;
        rt_array_push(array: &Value, item: &Value) -> bool;
        rt_array_get(array: &Value, index: i64) -> Value;
        rt_array_set(array: &Value, index: i64, item: &Value) -> bool;
        rt_array_pop(array: &Value) -> Value;
        rt_array_len(array: &Value) -> i64;
        rt_array_clear(array: &Value) -> bool;
    }
    channel {
        rt_channel_new() -> Value;
        rt_channel_send(channel: &Value, value: &Value) -> i64;
        rt_channel_recv(channel: &Value) -> Value;
        rt_channel_try_recv(channel: &Value) -> Value;
        rt_channel_recv_timeout(channel: &Value, ms: i64) -> Value;
        rt_channel_close(channel: &Value) -> i64;
        rt_channel_is_closed(channel: &Value) -> i64;
        rt_channel_id(channel: &Value) -> i64;
    }
    future {
        rt_future_new(body: u64, ctx: &Value) -> Value;
        rt_future_await(future: &Value) -> Value;
        rt_future_is_ready(future: &Value) -> i64;
        rt_future_get_result(future: &Value) -> Value;
        rt_future_all(futures: &Value) -> Value;
        rt_future_race(futures: &Value) -> Value;
        rt_future_resolve(value: &Value) -> Value;
        rt_future_reject(error: &Value) -> Value;
        rt_future_start(future: &Value) -> i64;
        rt_future_state(future: &Value) -> i64;
        rt_future_error(future: &Value) -> Value;
        rt_future_await_timeout(future: &Value, ms: i64) -> i64;
        rt_future_cancel(future: &Value) -> i64;
    }
    executor {
        rt_executor_set_mode(mode: i64) -> i64;
        rt_executor_get_mode() -> i64;
        rt_executor_is_manual() -> i64;
        rt_executor_start();
        rt_executor_set_workers(workers: i64);
        rt_executor_poll() -> i64;
        rt_executor_poll_all() -> i64;
        rt_executor_pending_count() -> i64;
        rt_executor_shutdown();
        rt_executor_submit(function: u64, ctx: &Value) -> i64;
    }
    file {
        native_async_file_create(path: &Value, mode: i32, prefault: i32) -> i64;
        native_async_file_start_loading(file: i64);
        native_async_file_is_ready(file: i64) -> i32;
        native_async_file_get_state(file: i64) -> i32;
        native_async_file_wait(file: i64) -> Value;
        native_async_file_get_size(file: i64) -> i64;
        native_async_file_get_error(file: i64) -> Value;
        native_async_file_close(file: i64) -> i32;
        async_yield();
    }
    thread {
        rt_thread_spawn_isolated(function: u64, data: &Value) -> u64;
        rt_thread_spawn_isolated2(function: u64, data: &Value, channel: &Value) -> u64;
        rt_thread_join(thread: u64) -> Value;
        rt_thread_is_done(thread: u64) -> i64;
        rt_thread_id(thread: u64) -> i64;
        rt_thread_free(thread: u64);
        rt_thread_available_parallelism() -> i64;
        rt_thread_sleep(ms: i64);
        rt_thread_yield();
    }
    coverage {
        rt_coverage_enabled() -> bool;
        rt_coverage_path_begin(path: u32);
        rt_coverage_path_probe(path: u32, block: u32);
        rt_coverage_path_finalize(path: u32);
        rt_coverage_clear();
    }
}

pub fn rt_coverage_set_enabled(enabled: bool) {
    ffi::coverage::rt_coverage_set_enabled(enabled.into());
}

/// A body's address in its C form.
pub fn body(body: simple_runtime::future::Body) -> u64 {
    body as usize as u64
}

/// Like `body`, for rt_thread_spawn_isolated2.
pub fn body_with_channel(body: simple_runtime::thread::BodyWithChannel) -> u64 {
    body as usize as u64
}

/// The values that a body was lent.
pub fn lent(word: &RuntimeValue) -> &Value {
    // SAFETY: bodies get words of values that live until they return.
    unsafe { Value::borrow(word) }
}

/// A word that is no value: of another tag, another special, or of the heap tag without an object.
pub fn invalid(bits: u64) -> Value {
    let word = RuntimeValue::from_bits(bits);
    // SAFETY: a word that names no live object is as good as an integer.
    let value = unsafe { Value::from_raw(word) };
    assert!(!value.is_heap(), "{bits:#x} is an object");
    value
}

/// The word of an object whose last reference is given back here.
pub fn dead(value: Value) -> u64 {
    let bits = value.raw().to_bits();
    drop(value);
    bits
}

pub fn rt_value_bool(b: bool) -> Value {
    ffi::value::rt_value_bool(b.into())
}

pub fn rt_string_new(bytes: &[u8]) -> Value {
    // SAFETY: the bytes are borrowed for the call.
    unsafe { ffi::string::rt_string_new(bytes.as_ptr().cast(), bytes.len() as u64) }
}

pub fn rt_value_type_name(value: &Value) -> &'static str {
    // SAFETY: the value is lent; the text is static.
    unsafe { CStr::from_ptr(ffi::value::rt_value_type_name(value.raw())) }.to_str().unwrap()
}

pub fn rt_value_release(value: Value) {
    // SAFETY: the reference is given away here.
    unsafe { ffi::value::rt_value_release(value.into_raw()) }
}

pub fn rt_channel_free(channel: Value) -> i64 {
    let word = channel.into_raw();
    // SAFETY: the reference is given away here.
    let answer = unsafe { ffi::channel::rt_channel_free(word) };
    if answer == 0 {
        // SAFETY: what is no channel is not taken, so the reference is still ours.
        drop(unsafe { Value::from_raw(word) });
    }
    answer
}

pub fn rt_executor_stats() -> ExecutorStats {
    let mut stats = ExecutorStats::default();
    // SAFETY: a place to write to.
    assert_eq!(unsafe { ffi::executor::rt_executor_stats(&mut stats) }, 1);
    stats
}

pub fn rt_last_error() -> String {
    // SAFETY: the text is valid until the next failing call on this thread, of which there is
    // none before it is copied.
    unsafe { CStr::from_ptr(ffi::error::rt_last_error()) }.to_str().unwrap().to_owned()
}

/// The result of `call`, and its message, if it leaves one.
pub fn with_message<R>(call: impl FnOnce() -> R) -> (R, Option<String>) {
    const PLANTED: &str = "planted: no call has failed since";
    error::set_last_error(PLANTED);
    let answer = call();
    (answer, Some(rt_last_error()).filter(|message| message != PLANTED))
}

/// The result of `call`, which must leave a message, which begins with the name of the call.
#[track_caller]
pub fn failing<R>(name: &str, call: impl FnOnce() -> R) -> R {
    let (answer, message) = with_message(call);
    let message = message.unwrap_or_else(|| panic!("{name} failed and left no message"));
    assert!(message.starts_with(&format!("{name}: ")), "{name} left {message:?}");
    answer
}

/// The result of `call`, which must leave no message.
#[track_caller]
pub fn quietly<R>(call: impl FnOnce() -> R) -> R {
    let (answer, message) = with_message(call);
    assert_eq!(message, None);
    answer
}
