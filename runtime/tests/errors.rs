//! Errors: every failure leaves a message, nothing else does; messages are the thread's own.
//! (The error values of each family are in its own tests.)

#[path = "common/c.rs"]
mod c;
mod common;

use c::*;
use common::alone;
use simple_runtime::ffi::error::{rt_last_error as rt_last_error_ptr, rt_runtime_version};
use simple_runtime::ffi::executor::rt_executor_stats as rt_executor_stats_at;
use simple_runtime::{RuntimeValue, Value, error, ffi};
use std::ffi::CStr;
use std::ptr;
use std::thread;

extern "C-unwind" fn nothing(_context: RuntimeValue) -> Value {
    rt_value_nil()
}

extern "C-unwind" fn panics(_context: RuntimeValue) -> Value {
    panic!("on purpose")
}

/// `fails!(name(arguments))`: the call fails, and its message begins with its name.
macro_rules! fails {
    ($($call:ident($($argument:expr),*);)*) => {{
        $(failing(stringify!($call), || $call($($argument),*));)*
    }};
}

/// Checks that a call does not fail, whatever it returns.
macro_rules! answers {
    ($($call:ident($($argument:expr),*);)*) => {{
        $(quietly(|| $call($($argument),*));)*
    }};
}

/// One value of every type except those in `but`.
fn values_but(but: &[&str]) -> Vec<Value> {
    let all = [
        rt_value_nil(),
        rt_value_bool(true),
        rt_value_int(1),
        rt_value_float(0.1),
        rt_string_new(b"text"),
        rt_array_new(0),
        rt_channel_new(),
        rt_future_new(0, &rt_value_nil()),
        invalid(0x7),
    ];
    all.into_iter().filter(|value| !but.contains(&rt_value_type_name(value))).collect()
}

#[test]
fn values_of_the_wrong_type_leave_a_message() {
    let nil = rt_value_nil();
    values_but(&["int"]).iter().for_each(|v| fails! { rt_value_as_int(v); });
    values_but(&["float"]).iter().for_each(|v| fails! { rt_value_as_float(v); });
    values_but(&["bool"]).iter().for_each(|v| fails! { rt_value_as_bool(v); });
    for value in &values_but(&["string"]) {
        fails! { rt_string_data(value); rt_string_len(value); native_async_file_create(value, 0, 0); }
    }
    for value in &values_but(&["array"]) {
        fails! {
            rt_array_push(value, &nil);
            rt_array_get(value, 0);
            rt_array_set(value, 0, &nil);
            rt_array_pop(value);
            rt_array_len(value);
            rt_array_clear(value);
            rt_future_all(value);
            rt_future_race(value);
        }
    }
    for value in &values_but(&["channel"]) {
        fails! {
            rt_channel_send(value, &nil);
            rt_channel_recv(value);
            rt_channel_try_recv(value);
            rt_channel_recv_timeout(value, 0);
            rt_channel_close(value);
            rt_channel_is_closed(value);
            rt_channel_id(value);
            rt_channel_free(value.clone());
        }
    }
    for value in &values_but(&["future"]) {
        fails! {
            rt_future_await(value);
            rt_future_is_ready(value);
            rt_future_get_result(value);
            rt_future_start(value);
            rt_future_state(value);
            rt_future_error(value);
            rt_future_await_timeout(value, 0);
            rt_future_cancel(value);
        }
    }
}

#[test]
fn bad_arguments_leave_a_message() {
    let _alone = alone();
    let (nil, array) = (rt_value_nil(), rt_array_new(0));
    fails! {
        rt_string_new(b"\xff");
        rt_array_new(u64::MAX);
        rt_array_get(&array, 0);
        rt_array_set(&array, -1, &nil);
        rt_executor_set_mode(2);
        rt_executor_set_mode(-1);
        rt_executor_set_workers(0);
        rt_executor_set_workers(-4);
        rt_executor_set_workers(i64::MAX);
        rt_executor_submit(0, &nil);
        rt_thread_spawn_isolated(0, &nil);
        rt_thread_spawn_isolated2(0, &nil, &nil);
        native_async_file_create(&rt_string_new(b"a\0b"), 0, 0);
        native_async_file_create(&rt_string_new(b"path"), 0, 9);
        native_async_file_create(&rt_string_new(b"path"), libc::O_TRUNC, 0);
    }
    // SAFETY: NULL is what is to be refused.
    let to_null = || unsafe { rt_executor_stats_at(ptr::null_mut()) };
    assert_eq!(failing("rt_executor_stats", to_null), 0);
    rt_executor_start();
    fails! { rt_executor_set_mode(1); rt_executor_set_workers(1); }
}

#[test]
fn bad_handles_leave_a_message() {
    for bad in [0, -1, i64::MIN, i64::MAX, 1] {
        fails! {
            native_async_file_start_loading(bad);
            native_async_file_is_ready(bad);
            native_async_file_get_state(bad);
            native_async_file_wait(bad);
            native_async_file_get_size(bad);
            native_async_file_get_error(bad);
            native_async_file_close(bad);
            rt_thread_join(bad as u64);
            rt_thread_is_done(bad as u64);
            rt_thread_id(bad as u64);
            rt_thread_free(bad as u64);
        }
    }
}

#[test]
fn what_goes_wrong_later_leaves_a_message() {
    let channel = rt_channel_new();
    rt_channel_close(&channel);
    let thread = rt_thread_spawn_isolated(body(panics), &channel);
    let missing = native_async_file_create(&rt_string_new(b"/nonexistent/file"), 0, 0);
    fails! {
        rt_channel_send(&channel, &channel);
        rt_thread_join(thread);
        rt_thread_join(thread);
        native_async_file_wait(missing);
        native_async_file_wait(missing);
    }
    rt_thread_free(thread);
    assert_eq!(native_async_file_close(missing), 1);
}

#[test]
fn empty_pending_timed_out_and_rejected_are_results_and_leave_no_error() {
    let _alone = alone();
    let (nil, array, channel) = (rt_value_nil(), rt_array_new(0), rt_channel_new());
    let pending = rt_future_new(body(nothing), &nil);
    let rejected = rt_future_new(body(panics), &nil);
    let file = native_async_file_create(&rt_string_new(b"/nonexistent/file"), 0, 0);
    answers! {
        rt_array_pop(&array);
        rt_array_clear(&array);
        rt_future_race(&array);
        rt_future_all(&array);
        rt_channel_try_recv(&channel);
        rt_channel_recv_timeout(&channel, 0);
        rt_channel_close(&channel);
        rt_channel_close(&channel);
        rt_channel_recv(&channel);
        rt_future_is_ready(&pending);
        rt_future_get_result(&pending);
        rt_future_error(&pending);
        rt_future_cancel(&pending);
        rt_future_cancel(&pending);
        rt_future_start(&pending);
        rt_future_await(&pending);
        rt_future_await(&rejected);
        rt_future_get_result(&rejected);
        native_async_file_is_ready(file);
        native_async_file_get_state(file);
        native_async_file_get_size(file);
        native_async_file_get_error(file);
        rt_executor_poll();
        rt_executor_poll_all();
        rt_executor_pending_count();
        rt_executor_shutdown();
        rt_value_truthy(&invalid(0x4));
        rt_coverage_path_finalize(12345);
        rt_thread_sleep(-1);
    }
    let running = rt_future_new(body(nothing), &nil);
    quietly(|| while rt_future_await_timeout(&running, 0) == 0 {});
    assert_eq!(native_async_file_close(file), 1);
}

#[test]
fn a_thread_without_failures_has_an_empty_message() {
    let fresh = || (rt_last_error(), error::last_error());
    let other = thread::spawn(fresh).join().unwrap();
    assert_eq!(other, (String::new(), None));
}

#[test]
fn messages_are_the_threads_own() {
    failing("rt_thread_id", || rt_thread_id(0));
    let mine = rt_last_error();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                assert_eq!(rt_last_error(), "");
                failing("rt_value_as_int", || rt_value_as_int(&rt_value_nil()));
                assert!(rt_last_error().starts_with("rt_value_as_int: "));
            });
        }
    });
    assert_eq!(rt_last_error(), mine);
    assert_eq!(error::last_error().as_deref(), Some(&*mine));
}

/// The text stays where it is through any number of calls that do not fail.
#[test]
fn a_message_is_valid_until_the_next_failing_call() {
    let array = rt_array_new(0);
    failing("rt_array_get", || rt_array_get(&array, 4711));
    let (text, address) = (rt_last_error(), rt_last_error_ptr());
    for n in 0..1000 {
        assert!(rt_array_push(&array, &rt_string_new(n.to_string().as_bytes())));
        assert!(rt_value_is_nil(&rt_channel_try_recv(&rt_channel_new())));
        drop(rt_value_deep_copy(&array));
    }
    assert_eq!(rt_last_error_ptr(), address);
    // SAFETY: no call has failed since.
    assert_eq!(unsafe { CStr::from_ptr(address) }.to_str(), Ok(&*text));
    assert!(text.contains("4711"), "{text}");
    failing("rt_array_get", || rt_array_get(&array, -4712));
    assert!(rt_last_error().contains("-4712"));
}

#[test]
fn a_message_may_hold_any_text() {
    for text in ["", "naïve 漢字", "100% %s %n"] {
        error::set_last_error(text);
        assert_eq!(rt_last_error(), text);
    }
    error::set_last_error("a NUL\0inside");
    assert_eq!(rt_last_error(), "a NUL\u{fffd}inside");
}

#[test]
fn versions() {
    assert_eq!(ffi::error::simple_runtime_abi_version() >> 16, 1);
    // SAFETY: a static text.
    let version = unsafe { CStr::from_ptr(rt_runtime_version()) }.to_str().unwrap();
    assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
}
