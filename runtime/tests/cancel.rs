//! Cancelling: what has not begun is rejected with "cancelled" and never runs; what has
//! begun goes on.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future as c;
use simple_runtime::{Value, error, executor, future};
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tasks::{Held, alone, alone_by_hand, alone_with, error_of, hold_workers, identity, int, wait};

const THREADS: usize = 4;
const ROUNDS: usize = 300;

fn cancel(future: &Value) -> i64 {
    // SAFETY: the future is alive during the call.
    unsafe { c::rt_future_cancel(future.raw()) }
}

fn state(future: &Value) -> i64 {
    // SAFETY: the future is alive during the call.
    unsafe { c::rt_future_state(future.raw()) }
}

fn never() -> Value {
    Value::future_of(|| panic!("it was cancelled"))
}

/// Checks that it is cancelled for good.
fn assert_cancelled(future: &Value) {
    assert_eq!(state(future), 4);
    assert_eq!(error_of(future), "cancelled");
    assert_eq!(cancel(future), 0, "it is finished");
    // SAFETY: the future is alive during the calls.
    unsafe {
        assert_eq!(c::rt_future_is_ready(future.raw()), 1);
        assert_eq!(c::rt_future_start(future.raw()), 0);
        assert_eq!(c::rt_future_await_timeout(future.raw(), 0), 1);
        assert!(c::rt_future_await(future.raw()).is_nil());
        assert!(c::rt_future_get_result(future.raw()).is_nil());
    }
    assert_eq!(error::last_error(), None, "cancelled is an answer");
}

#[test]
fn a_pending_future_is_cancelled_and_never_runs() {
    let _alone = alone_with(1);
    let before = executor::stats();
    let future = never();
    assert_eq!(cancel(&future), 1);
    assert_cancelled(&future);
    executor::shutdown().unwrap();
    let after = executor::stats();
    assert_eq!((after.submitted, after.completed), (before.submitted, before.completed));
    assert_eq!(after.panics, before.panics);
}

#[test]
fn a_queued_future_is_cancelled_never_runs_and_counts_as_completed() {
    let _alone = alone_with(1);
    let before = executor::stats();
    let held = hold_workers(1);
    let futures: Vec<_> = (0..100).map(|_| never()).collect();
    for future in &futures {
        assert!(future.as_future().unwrap().start());
        assert_eq!(state(future), 1);
    }
    for future in &futures {
        assert_eq!(cancel(future), 1);
        assert_cancelled(future);
    }
    assert_eq!(executor::stats().completed - before.completed, 100);
    drop(held);
    executor::shutdown().unwrap();
    let after = executor::stats();
    assert_eq!((after.submitted - before.submitted, after.panics), (101, before.panics));
    assert_eq!(after.completed - before.completed, 101);
}

#[test]
fn a_running_future_goes_on() {
    let _alone = alone_with(1);
    let held = Held::running(5);
    assert_eq!(cancel(&held.future), 0);
    assert_eq!(state(&held.future), 2);
    assert_eq!(held.finish(), Some(5));
    assert_eq!(error::last_error(), None, "too late is an answer");
}

#[test]
fn a_finished_future_stays_as_it_is() {
    let _alone = alone();
    let future = Value::future(Some(identity), Value::int(5));
    assert_eq!(wait(&future), Some(5));
    assert_eq!((cancel(&future), wait(&future)), (0, Some(5)));
    let rejected = Value::rejected(Value::string("for another reason"));
    assert_eq!(cancel(&rejected), 0);
    assert_eq!(error_of(&rejected), "for another reason");
}

/// A worker that cancels what it has just queued takes the entry out of its queue.
#[test]
fn a_body_may_cancel_what_it_has_queued_and_itself_not() {
    let _alone = alone_with(1);
    let cell = Value::array(Vec::new());
    let itself = cell.clone();
    let future = Value::future_of(move || {
        let futures: Vec<_> = (0..2000).map(|_| never()).collect();
        futures.iter().for_each(|future| assert!(future.as_future().unwrap().start()));
        let cancelled = futures.iter().rev().filter(|future| future.as_future().unwrap().cancel());
        let cancelled = cancelled.count() as i64;
        let itself = itself.as_array().unwrap().pop().unwrap();
        assert!(!itself.as_future().unwrap().cancel());
        Value::int(cancelled)
    });
    assert!(cell.as_array().unwrap().push(future.clone()));
    assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(wait(&future), Some(2000));
}

#[test]
fn whoever_waits_for_it_is_woken() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    for _ in 0..ROUNDS {
        let future = never();
        assert!(future.as_future().unwrap().start());
        thread::scope(|scope| {
            let waits = || future.as_future().unwrap().wait_timeout(Duration::MAX);
            let (first, second) = (scope.spawn(waits), scope.spawn(waits));
            let races = || future::race(std::slice::from_ref(&future)).is_nil();
            let racer = scope.spawn(races);
            thread::yield_now();
            assert_eq!(cancel(&future), 1);
            assert!(first.join().unwrap() && second.join().unwrap() && racer.join().unwrap());
        });
        assert_cancelled(&future);
    }
    drop(held);
}

#[test]
fn the_context_is_released_at_once() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    for queued in [false, true] {
        let (context, watch) = tasks::watched_value();
        let future = Value::future(Some(identity), context);
        if queued {
            assert!(future.as_future().unwrap().start());
        }
        assert_eq!(cancel(&future), 1);
        assert!(!watch.is_kept(), "queued: {queued}");
    }
    drop(held);
}

#[test]
fn an_entry_left_in_the_queue_lets_go_of_its_future_in_the_end() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let (future, watch) = tasks::watched_value();
    assert!(future.as_future().unwrap().start());
    assert_eq!(cancel(&future), 1);
    drop(future);
    assert!(!watch.is_kept(), "the context goes with the cancellation");
    drop(held);
    // What was freed too early or twice would show here, or in any other test.
    executor::shutdown().unwrap();
    tasks::assert_nothing_queued();
}

#[test]
fn a_cancelled_dependency_is_nil_to_its_awaiter() {
    let _alone = alone();
    let inner = never();
    let known = inner.clone();
    let outer = Value::future_of(move || Value::bool(known.as_future().unwrap().wait().is_none()));
    assert_eq!(cancel(&inner), 1);
    assert_eq!(outer.as_future().unwrap().wait().unwrap().as_bool(), Some(true));
}

#[test]
fn in_manual_mode_no_poll_runs_it() {
    let _alone = alone_by_hand();
    let future = never();
    assert_eq!(wait(&future), None);
    assert_eq!((cancel(&future), executor::pending_count()), (1, 0));
    assert_eq!(executor::poll_all(), 0);
    assert_cancelled(&future);
}

/// Cancels, awaits and workers race for the same future: it is cancelled once or run once.
#[test]
fn it_is_either_cancelled_once_or_run_once() {
    for workers in [1, 2] {
        let _alone = alone_with(workers);
        for round in 0..ROUNDS {
            let runs = Arc::new(AtomicUsize::new(0));
            let ran = runs.clone();
            let future = Value::future_of(move || {
                ran.fetch_add(1, Ordering::Relaxed);
                Value::int(5)
            });
            if round % 2 == 0 {
                assert!(future.as_future().unwrap().start());
            }
            let cancelled = cancelled_by_one_of_many(&future);
            let result = int(future.as_future().unwrap().wait());
            let outcome = (cancelled, runs.load(Ordering::Relaxed), result);
            assert!(outcome == (1, 0, None) || outcome == (0, 1, Some(5)), "{outcome:?}");
        }
    }
}

/// All but one cancel it at the same moment, one awaits it; returns how many did cancel it.
fn cancelled_by_one_of_many(future: &Value) -> i64 {
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        let cancels = || {
            together.wait();
            cancel(future)
        };
        let threads: Vec<_> = (1..THREADS).map(|_| scope.spawn(cancels)).collect();
        together.wait();
        future.as_future().unwrap().wait();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}
