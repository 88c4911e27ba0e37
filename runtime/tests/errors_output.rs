//! Nothing is printed unless `SIMPLE_RT_LOG` asks for it. Each test looks at what a child
//! process wrote.

#[path = "common/c.rs"]
mod c;
#[path = "common/child.rs"]
mod child;

use c::*;
use simple_runtime::aop::{Advice, Context, Target};
use simple_runtime::ffi::aop::rt_aop_invoke_around;
use simple_runtime::{RuntimeValue, Value};
use std::fs::OpenOptions;
use std::ptr;

extern "C-unwind" fn panics(_context: RuntimeValue) -> Value {
    panic!("on purpose: a body")
}

extern "C-unwind" fn panics_in_advice(_: *mut Context, _: u64, _: *const RuntimeValue) -> Value {
    panic!("on purpose: an advice")
}

extern "C-unwind" fn panics_as_target(_: u64, _: *const RuntimeValue) -> Value {
    panic!("on purpose: a target")
}

fn invoke(advices: &[Option<Advice>]) -> Value {
    let (target, len): (Target, _) = (panics_as_target, advices.len() as u64);
    // SAFETY: a list of this many advices, no arguments.
    unsafe { rt_aop_invoke_around(Some(target), advices.as_ptr(), len, 0, ptr::null()) }
}

/// Panics when it is dropped, also when that is as the payload of a panic.
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("on purpose: a destructor");
    }
}

/// Failures of every family, and panics wherever the runtime calls code that is not its own.
fn fail_in_every_way() {
    let nil = rt_value_nil();
    drop(rt_array_get(&nil, 0));
    rt_channel_send(&nil, &nil);
    rt_executor_set_workers(-1);
    rt_executor_submit(0, &nil);
    rt_thread_free(0);
    drop(native_async_file_wait(native_async_file_create(&rt_string_new(b"/nonexistent"), 0, 0)));
    assert!(rt_string_len(&rt_string_new(b"\xff")) == -1);

    drop(rt_future_await(&rt_future_new(body(panics), &nil)));
    let started = rt_future_new(body(panics), &nil);
    rt_future_start(&started);
    rt_executor_submit(body(panics), &nil);
    drop(rt_thread_join(rt_thread_spawn_isolated(body(panics), &nil)));
    drop((invoke(&[]), invoke(&[Some(panics_in_advice)])));
    let captured = PanicsWhenDropped;
    drop(Value::future_of(move || {
        let _held = captured;
        Value::nil()
    }));
    let payload = Value::future_of(|| std::panic::panic_any(PanicsWhenDropped));
    assert!(payload.as_future().unwrap().wait().is_none());
    rt_executor_shutdown();
}

#[test]
fn nothing_is_printed() {
    const NAME: &str = "nothing_is_printed";
    if child::is_child(NAME) {
        return fail_in_every_way();
    }
    for log in [None, Some(""), Some("0")] {
        let mut command = child::command(NAME);
        if let Some(log) = log {
            command.env("SIMPLE_RT_LOG", log);
        }
        let output = child::run(&mut command);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let out = String::from_utf8_lossy(&output.stdout);
        let expected = format!("\nrunning 1 test\ntest {NAME} ... ok\n\ntest result: ok. 1 passed");
        assert!(out.starts_with(&expected), "{out}");
    }
}

#[test]
fn the_log_goes_to_standard_error_where_it_is_asked_for() {
    const NAME: &str = "the_log_goes_to_standard_error_where_it_is_asked_for";
    if child::is_child(NAME) {
        return fail_in_every_way();
    }
    let output = child::run(child::command(NAME).env("SIMPLE_RT_LOG", "1"));
    let err = String::from_utf8_lossy(&output.stderr);
    for expected in ["simple-runtime: rt_array_get: ", "simple-runtime: rt_thread_join: "] {
        assert!(err.contains(expected), "{expected} is not in\n{err}");
    }
    for expected in ["a body", "an advice", "a target", "a destructor"] {
        assert!(err.contains(&format!("on purpose: {expected}")), "{expected} is not in\n{err}");
    }
    assert!(!String::from_utf8_lossy(&output.stdout).contains("on purpose"));
}

/// The log is for people who look for a mistake: that it cannot be written must not be one.
#[test]
fn a_log_that_cannot_be_written_is_no_failure() {
    const NAME: &str = "a_log_that_cannot_be_written_is_no_failure";
    if child::is_child(NAME) {
        return fail_in_every_way();
    }
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    child::run(child::command(NAME).env("SIMPLE_RT_LOG", "1").stderr(full));
}

/// Panics of code that the runtime does not call are the program's own business.
#[test]
fn panics_outside_of_the_runtime_are_told_as_ever() {
    const NAME: &str = "panics_outside_of_the_runtime_are_told_as_ever";
    if child::is_child(NAME) {
        drop(rt_future_await(&rt_future_new(body(panics), &rt_value_nil())));
        let own = std::thread::spawn(|| panic!("the program's own"));
        assert!(own.join().is_err());
        return;
    }
    let output = child::run(&mut child::command(NAME));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("the program's own") && !err.contains("on purpose"), "{err}");
}
