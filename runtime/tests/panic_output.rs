//! The runtime prints nothing, whatever panics, unless `SIMPLE_RT_LOG` asks for it. What a
//! process prints can be seen from outside only, so this program runs itself.

#[path = "common/child.rs"]
mod child;

use simple_runtime::{RuntimeValue, Value, executor, thread};
use std::panic::panic_any;
use std::process::Output;
use std::time::Duration;

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("the payload's destructor");
    }
}

extern "C-unwind" fn panics(_context: RuntimeValue) -> Value {
    panic!("an isolated thread")
}

fn panics_in_tasks() {
    let payloads: [fn() -> Value; 4] = [
        || panic!("the body"),
        || panic_any(String::from("a string")),
        || panic_any(5),
        || panic_any(PanicsWhenDropped),
    ];
    for body in payloads {
        assert!(Value::future_of(body).as_future().unwrap().wait().is_none());
        let started = Value::future_of(body);
        assert!(started.as_future().unwrap().wait_timeout(Duration::MAX));
        executor::submit_closure(move || drop(body()));
    }
    let captured = PanicsWhenDropped;
    drop(Value::future_of(move || {
        let _captured = &captured;
        Value::nil()
    }));
    let joined = thread::join(thread::spawn_isolated(panics, &Value::nil()).unwrap());
    assert!(joined.is_err());
    let no_future = Value::nil();
    // SAFETY: nil is no heap word.
    assert_eq!(unsafe { simple_runtime::ffi::future::rt_future_state(no_future.raw()) }, -1);
    executor::shutdown().unwrap();
}

fn panics_outside_of_tasks() {
    // The filter is in place, and has no business with this.
    assert!(Value::future_of(|| panic!("the body")).as_future().unwrap().wait().is_none());
    assert!(std::thread::spawn(|| panic!("no task of the runtime")).join().is_err());
}

/// Not tests of their own: what the tests below run in a process of its own.
#[test]
fn tasks_panic() {
    if child::is_child("tasks_panic") {
        panics_in_tasks();
    }
}

#[test]
fn others_panic() {
    if child::is_child("others_panic") {
        panics_outside_of_tasks();
    }
}

fn output_of(test: &str, log: Option<&str>) -> Output {
    let mut command = child::command(test);
    if let Some(log) = log {
        command.env("SIMPLE_RT_LOG", log);
    }
    child::run(command.env("RUST_BACKTRACE", "0"))
}

/// Standard output without what the test harness writes there.
fn printed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let harness = ["running 1 test", "test tasks_panic ... ok", "test result: ok."];
    let ours = |line: &&str| !line.is_empty() && !harness.iter().any(|h| line.starts_with(h));
    text.lines().filter(ours).collect()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn nothing_is_printed_of_panics_in_tasks() {
    for log in [None, Some(""), Some("0")] {
        let output = output_of("tasks_panic", log);
        assert_eq!((errors(&output).as_str(), printed(&output).as_str()), ("", ""), "{log:?}");
    }
}

#[test]
fn with_simple_rt_log_panics_and_failures_are_printed_to_stderr() {
    let output = output_of("tasks_panic", Some("1"));
    let errors = errors(&output);
    for text in ["the body", "a string", "an isolated thread", "rt_future_state"] {
        assert!(errors.contains(text), "{text}: {errors}");
    }
    assert_eq!(printed(&output), "");
}

#[test]
fn a_panic_that_is_none_of_the_runtimes_is_printed_as_ever() {
    let errors = errors(&output_of("others_panic", None));
    assert!(errors.contains("no task of the runtime"), "{errors}");
    assert!(!errors.contains("the body"), "{errors}");
}
