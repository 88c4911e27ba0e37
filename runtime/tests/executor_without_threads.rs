//! No thread can be had: what is submitted stays queued, awaiters need nobody, and nothing
//! is lost. In a process of its own, whose threads want more memory than it may have.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/child.rs"]
mod child;
#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::executor::ExecutorError;
use simple_runtime::ffi::executor as c;
use simple_runtime::future::FutureState;
use simple_runtime::{Value, executor, future};
use std::time::Duration;
use tasks::{alone, identity, message, wait};

/// Memory for everything but the stack of a thread.
const SPARE_BYTES: u64 = 512 << 20;
const STACK_BYTES: u64 = 1 << 30;

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

fn without_threads(queued: &Value, others: &[Value]) {
    assert!(matches!(executor::start(), Err(ExecutorError::NoThread(_))));
    c::rt_executor_start();
    assert!(message().starts_with("rt_executor_start: no worker thread"), "{}", message());
    assert!(queued.as_future().unwrap().start());
    assert!(message().contains("the task stays queued"), "{}", message());
    assert_eq!(queued.as_future().unwrap().state(), FutureState::Queued);
    // Nobody else would run it: waiting would be for nothing.
    assert!(!queued.as_future().unwrap().wait_timeout(Duration::MAX));
    assert!(message().starts_with("await_timeout:"), "{}", message());
    // Whoever waits runs what it waits for.
    assert_eq!(wait(&others[0]), Some(1));
    assert_eq!(future::race(&others[1..]).as_int(), Some(2));
    assert_eq!(future::all(&others[2..]).iter().filter_map(Value::as_int).sum::<i64>(), 7);
}

fn tasks_stay_queued_until_there_are_threads() {
    let queued = number(5);
    let others = [1, 2, 3, 4].map(number);
    address_space::with_little_left(SPARE_BYTES, || without_threads(&queued, &others));
    // The executor is idle still; the next start brings the workers that run what was left.
    executor::set_workers(1).unwrap();
    executor::start().unwrap();
    assert!(queued.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(wait(&queued), Some(5));
    executor::shutdown().unwrap();
}

fn a_shutdown_without_threads_runs_what_is_queued_itself() {
    let queued = number(6);
    address_space::with_little_left(SPARE_BYTES, || {
        assert!(queued.as_future().unwrap().start());
        executor::shutdown().unwrap();
        assert_eq!(queued.as_future().unwrap().state(), FutureState::Fulfilled);
    });
}

#[test]
fn nothing_is_lost_for_want_of_threads() {
    if child::is_child("nothing_is_lost_for_want_of_threads") {
        let _alone = alone();
        tasks_stay_queued_until_there_are_threads();
        a_shutdown_without_threads_runs_what_is_queued_itself();
    } else {
        let mut command = child::command("nothing_is_lost_for_want_of_threads");
        child::run(command.env("RUST_MIN_STACK", STACK_BYTES.to_string()));
    }
}
