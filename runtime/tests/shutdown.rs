//! Shutdown runs every accepted task, ends the workers and leaves the executor as new. What
//! tasks still need of each other while it does so is in `shutdown_progress.rs`.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::executor::{ExecutorError, Mode};
use simple_runtime::ffi::executor as c;
use simple_runtime::{RuntimeValue, Value, error, executor};
use std::sync::mpsc;
use std::time::Duration;
use tasks::{
    Runs, address, alone, alone_by_hand, alone_with, assert_nothing_queued, each_way, identity,
    int, message, wait,
};

#[test]
fn every_accepted_task_has_run_when_it_returns() {
    each_way(|| {
        let runs = Runs::default();
        (0..5000).for_each(|_| runs.submit());
        let futures: Vec<_> =
            (0..5000).map(|n| Value::future(Some(identity), Value::int(n))).collect();
        futures.iter().for_each(|future| assert!(future.as_future().unwrap().start()));
        executor::shutdown().unwrap();
        assert_eq!(runs.count(), 5000);
        for (n, future) in (0..).zip(&futures) {
            assert_eq!(int(future.as_future().unwrap().result()), Some(n));
        }
    });
}

#[test]
fn tasks_that_tasks_submit_have_run_too() {
    each_way(|| {
        let runs = Runs::default();
        runs.submit_a_chain(3000);
        runs.submit_a_tree(11);
        executor::shutdown().unwrap();
        assert_eq!(runs.count(), 3000 + (1 << 12) - 1);
    });
}

/// Every one of the entries is skipped; none keeps the shutdown from ending.
#[test]
fn cancelled_tasks_are_no_hindrance() {
    each_way(|| {
        let futures: Vec<_> =
            (0..3000).map(|n| Value::future(Some(identity), Value::int(n))).collect();
        futures.iter().for_each(|future| assert!(future.as_future().unwrap().start()));
        futures.iter().for_each(|future| {
            future.as_future().unwrap().cancel();
        });
        executor::shutdown().unwrap();
        assert!(futures.iter().all(|future| future.as_future().unwrap().is_ready()));
    });
}

#[test]
fn the_executor_is_as_new_afterwards_and_starts_again() {
    let _alone = alone();
    for round in 0..50 {
        let mode = round % 2;
        assert_eq!(c::rt_executor_set_mode(mode), 1);
        c::rt_executor_set_workers(1 + round % 3);
        let runs = Runs::default();
        runs.submit();
        assert_eq!(c::rt_executor_set_mode(mode), 0, "it has started");
        c::rt_executor_shutdown();
        assert_eq!((runs.count(), c::rt_executor_get_mode()), (1, 0));
        assert_nothing_queued();
    }
    // As new, it also starts of itself.
    let future = Value::future(Some(identity), Value::int(5));
    assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
}

#[test]
fn it_is_idempotent() {
    let _alone = alone();
    for start in [false, true] {
        if start {
            c::rt_executor_start();
        }
        for _ in 0..3 {
            c::rt_executor_shutdown();
        }
    }
    assert_eq!(error::last_error(), None);
    executor::set_mode(Mode::Manual).unwrap();
    executor::shutdown().unwrap();
    assert_eq!(executor::mode(), Mode::Threaded, "also one that was never started is as new");
}

#[test]
fn futures_that_were_never_started_stay_as_they_are() {
    let _alone = alone_with(1);
    let future = Value::future(Some(identity), Value::int(5));
    executor::shutdown().unwrap();
    assert!(!future.as_future().unwrap().is_ready());
    assert_eq!(wait(&future), Some(5), "an awaiter needs no executor");
}

/// The error of a C function that calls shutdown where it would wait for itself.
extern "C-unwind" fn shuts_down(_context: RuntimeValue) -> Value {
    c::rt_executor_shutdown();
    assert_eq!(executor::shutdown(), Err(ExecutorError::ShutdownFromInside));
    Value::string(&message())
}

fn assert_refused(future: &Value) {
    let result = future.as_future().unwrap().result().unwrap();
    let text = result.as_str().unwrap();
    assert!(text.starts_with("rt_executor_shutdown:") && text.contains("inside"), "{text}");
}

#[test]
fn from_a_worker_it_is_refused_with_a_message() {
    let _alone = alone_with(1);
    let future = Value::future(Some(shuts_down), Value::nil());
    assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_refused(&future);
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || tell.send(executor::shutdown()).unwrap());
    assert_eq!(told.recv().unwrap(), Err(ExecutorError::ShutdownFromInside));
    assert_eq!(executor::set_workers(1), Err(ExecutorError::Started("workers")), "it goes on");
}

#[test]
fn from_a_body_that_its_awaiter_runs_it_is_refused() {
    let _alone = alone_with(1);
    let future = Value::future(Some(shuts_down), Value::nil());
    future.as_future().unwrap().wait();
    assert_refused(&future);
}

#[test]
fn from_inside_of_a_poll_it_is_refused() {
    let _alone = alone_by_hand();
    let future = Value::future(Some(shuts_down), Value::nil());
    assert!(future.as_future().unwrap().start());
    assert_eq!(executor::poll(), 1);
    assert_refused(&future);
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || tell.send(executor::shutdown()).unwrap());
    assert_eq!(executor::poll(), 1);
    assert_eq!(told.recv().unwrap(), Err(ExecutorError::ShutdownFromInside));
    assert_eq!(c::rt_executor_is_manual(), 1, "it goes on");
}

/// A task that the shutdown itself runs or waits for may try anything: nothing hangs.
#[test]
fn tasks_that_change_the_executor_meanwhile_are_refused_and_no_more() {
    each_way(|| {
        let (tell, told) = mpsc::channel();
        let runs = Runs::default();
        let (may_go, go) = mpsc::channel::<()>();
        let later = runs.clone();
        executor::submit_closure(move || {
            let _ = go.recv();
            executor::start().unwrap();
            tell.send((executor::shutdown().is_err(), executor::set_workers(1).is_err())).unwrap();
            later.submit();
        });
        drop(may_go);
        executor::shutdown().unwrap();
        assert_eq!((told.recv(), runs.count()), (Ok((true, true)), 1));
    });
}

/// A context may hold the last reference to much else, and is gone when all has ended.
#[test]
fn nothing_that_tasks_held_is_left() {
    each_way(|| {
        let watches: Vec<_> = (0..100)
            .map(|_| {
                let (context, watch) = tasks::watched_value();
                // SAFETY: a body and a live value; the call keeps what it needs.
                let id = unsafe { c::rt_executor_submit(address(identity), context.raw()) };
                assert!(id > 0);
                watch
            })
            .collect();
        executor::shutdown().unwrap();
        assert!(watches.iter().all(|watch| !watch.is_kept()));
    });
}
