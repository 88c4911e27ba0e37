//! A future does nothing before it is needed; the calls that each state allows; and the results of each
//! call for a value that is no future.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future as c;
use simple_runtime::future::FutureState;
use simple_runtime::{RuntimeValue, Value, error, executor};
use tasks::{Held, address, alone, alone_by_hand, alone_with, hold_workers, identity, message};

/// The results of the calls that never block: state, readiness, result, error.
fn looks(future: &Value) -> (i64, i64, Value, Value) {
    // SAFETY: the future is alive during the calls.
    unsafe {
        (
            c::rt_future_state(future.raw()),
            c::rt_future_is_ready(future.raw()),
            c::rt_future_get_result(future.raw()),
            c::rt_future_error(future.raw()),
        )
    }
}

fn assert_looks(future: &Value, state: i64, ready: i64, result: Option<i64>, error: Option<i64>) {
    let (is_state, is_ready, is_result, is_error) = looks(future);
    assert_eq!((is_state, is_ready), (state, ready));
    assert_eq!((is_result.as_int(), is_error.as_int()), (result, error));
    assert!(result.is_some() || is_result.is_nil());
    assert!(error.is_some() || is_error.is_nil());
}

fn never() -> Value {
    Value::future_of(|| panic!("nobody asked for it"))
}

#[test]
fn a_new_future_does_not_run() {
    let _alone = alone_with(2);
    let before = executor::stats();
    let futures: Vec<_> = (0..100).map(|_| never()).collect();
    // The workers have nothing left to do; asking changes nothing.
    for future in &futures {
        assert_looks(future, 0, 0, None, None);
    }
    executor::shutdown().unwrap();
    for future in &futures {
        assert_looks(future, 0, 0, None, None);
    }
    let after = executor::stats();
    assert_eq!((after.submitted, after.panics), (before.submitted, before.panics));
}

#[test]
fn start_queues_once() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    // SAFETY: a body and values that are alive during the calls.
    unsafe {
        let future = c::rt_future_new(address(identity), Value::int(1).raw());
        assert_eq!(c::rt_future_start(future.raw()), 1);
        assert_eq!(c::rt_future_state(future.raw()), 1);
        assert_eq!(c::rt_future_start(future.raw()), 0);
        drop(held);
        assert_eq!(c::rt_future_await(future.raw()).as_int(), Some(1));
        assert_eq!(c::rt_future_start(future.raw()), 0, "it is finished");
    }
    assert_eq!(error::last_error(), None, "not to queue it again is no failure");
}

#[test]
fn one_of_many_starts_queues() {
    let _alone = alone_by_hand();
    for _ in 0..200 {
        let future = Value::future(Some(identity), Value::nil());
        let together = std::sync::Barrier::new(4);
        let queued: usize = std::thread::scope(|scope| {
            let start = || {
                together.wait();
                usize::from(future.as_future().unwrap().start())
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((queued, executor::poll_all()), (1, 1));
    }
}

#[test]
fn a_future_without_a_body_is_fulfilled_with_nil_when_asked_for() {
    let _alone = alone();
    let before = executor::stats();
    // SAFETY: no body, and values that are alive during the calls.
    unsafe {
        let awaited = c::rt_future_new(0, Value::int(1).raw());
        assert_looks(&awaited, 0, 0, None, None);
        assert!(c::rt_future_await(awaited.raw()).is_nil());
        assert_looks(&awaited, 3, 1, None, None);

        let started = c::rt_future_new(0, Value::int(1).raw());
        assert_eq!(c::rt_future_start(started.raw()), 1);
        assert_eq!(c::rt_future_start(started.raw()), 0);
        assert_looks(&started, 3, 1, None, None);

        let waited_for = c::rt_future_new(0, Value::nil().raw());
        assert_eq!(c::rt_future_await_timeout(waited_for.raw(), 0), 1);
        let cancelled = c::rt_future_new(0, Value::nil().raw());
        assert_eq!(c::rt_future_cancel(cancelled.raw()), 1);
        assert_eq!(c::rt_future_state(cancelled.raw()), 4);
    }
    assert_eq!(executor::stats().submitted, before.submitted, "there was nothing to run");
}

#[test]
fn resolve_makes_a_fulfilled_future() {
    let _alone = alone();
    // SAFETY: values that are alive during the calls.
    unsafe {
        let future = c::rt_future_resolve(Value::int(5).raw());
        assert_looks(&future, 3, 1, Some(5), None);
        assert_eq!(c::rt_future_await(future.raw()).as_int(), Some(5));
        assert_eq!(c::rt_future_await_timeout(future.raw(), 0), 1);
        assert_eq!(c::rt_future_start(future.raw()), 0);
        assert_eq!(c::rt_future_cancel(future.raw()), 0);
        assert_looks(&future, 3, 1, Some(5), None);
    }
}

#[test]
fn reject_makes_a_rejected_future_that_keeps_its_error() {
    let _alone = alone();
    // SAFETY: values that are alive during the calls.
    unsafe {
        let future = c::rt_future_reject(Value::int(5).raw());
        assert_looks(&future, 4, 1, None, Some(5));
        assert!(c::rt_future_await(future.raw()).is_nil());
        assert_eq!(c::rt_future_await_timeout(future.raw(), 0), 1);
        assert_eq!(c::rt_future_start(future.raw()), 0);
        assert_eq!(c::rt_future_cancel(future.raw()), 0);
        assert_looks(&future, 4, 1, None, Some(5));
    }
    assert_eq!(error::last_error(), None, "a rejected future is an answer");
}

#[test]
fn resolve_and_reject_keep_their_value_alive() {
    let _alone = alone();
    for make in [Value::resolved, Value::rejected] {
        let (value, watch) = tasks::watched_value();
        let future = make(value);
        assert!(watch.is_kept());
        drop(future);
        assert!(!watch.is_kept());
    }
}

#[test]
fn looking_never_blocks_and_tells_each_state() {
    let _alone = alone_with(1);
    let running = Held::new(7);
    let queued = Value::future(Some(identity), Value::int(8));
    assert_looks(&running.future, 0, 0, None, None);
    assert!(running.future.as_future().unwrap().start());
    running.wait_until_it_runs();
    assert!(queued.as_future().unwrap().start());
    assert_looks(&running.future, 2, 0, None, None);
    assert_looks(&queued, 1, 0, None, None);
    running.let_go();
    executor::shutdown().unwrap();
    assert_looks(&running.future, 3, 1, Some(7), None);
    assert_looks(&queued, 3, 1, Some(8), None);
    assert_eq!(error::last_error(), None, "pending is an answer");
}

#[test]
fn states_are_the_numbers_of_the_contract() {
    use FutureState::*;
    for (number, state) in [Pending, Queued, Running, Fulfilled, Rejected].into_iter().enumerate() {
        assert_eq!(state as usize, number);
        assert_eq!(state.is_unbegun(), number < 2);
        assert_eq!(state.is_finished(), number > 2);
    }
}

/// Everything that is no future, words that are no value included.
fn no_futures() -> Vec<Value> {
    let mut values = vec![
        Value::nil(),
        Value::int(8),
        Value::int(i64::MAX),
        Value::float(0.1),
        Value::bool(true),
        Value::string("future"),
        Value::array(vec![Value::resolved(Value::nil())]),
        Value::channel(),
    ];
    for invalid in [0x1, 0x7, 0x1c, u64::MAX] {
        // SAFETY: none of these words names an object.
        values.push(unsafe { Value::from_raw(RuntimeValue::from_bits(invalid)) });
    }
    values
}

/// Calls `call` on a thread whose last error is empty, and returns the error that it left there.
fn message_of(call: impl FnOnce() + Send) -> String {
    std::thread::scope(|scope| {
        let call = || {
            call();
            message()
        };
        scope.spawn(call).join().unwrap()
    })
}

#[test]
fn what_is_no_future_gets_the_error_value_and_a_message() {
    type Call = (&'static str, fn(RuntimeValue) -> bool);
    let _alone = alone();
    // SAFETY: of all calls: the value is alive during the call.
    let calls: [Call; 8] = unsafe {
        [
            ("rt_future_await", |v| c::rt_future_await(v).is_nil()),
            ("rt_future_is_ready", |v| c::rt_future_is_ready(v) == 0),
            ("rt_future_get_result", |v| c::rt_future_get_result(v).is_nil()),
            ("rt_future_start", |v| c::rt_future_start(v) == 0),
            ("rt_future_state", |v| c::rt_future_state(v) == -1),
            ("rt_future_error", |v| c::rt_future_error(v).is_nil()),
            ("rt_future_await_timeout", |v| c::rt_future_await_timeout(v, 0) == -1),
            ("rt_future_cancel", |v| c::rt_future_cancel(v) == 0),
        ]
    };
    for value in no_futures() {
        for (name, call) in calls {
            let message = message_of(|| assert!(call(value.raw()), "{name} {value:?}"));
            assert!(message.starts_with(&format!("{name}:")), "{name} {value:?}: {message}");
            assert!(message.contains("future"), "{name} {value:?}: {message}");
        }
    }
}

#[test]
fn what_is_no_array_gets_nil_and_a_message() {
    let _alone = alone();
    for value in no_futures().into_iter().chain([Value::resolved(Value::int(1))]) {
        if value.as_array().is_some() {
            continue;
        }
        // SAFETY: the value is alive during the call.
        let all = message_of(|| assert!(unsafe { c::rt_future_all(value.raw()) }.is_nil()));
        assert!(all.starts_with("rt_future_all:") && all.contains("array"), "{all}");
        // SAFETY: as above.
        let race = message_of(|| assert!(unsafe { c::rt_future_race(value.raw()) }.is_nil()));
        assert!(race.starts_with("rt_future_race:") && race.contains("array"), "{race}");
    }
}
