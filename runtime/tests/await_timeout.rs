//! Waiting with a limit: starts the future, never runs its body, and the limit holds.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future::rt_future_await_timeout;
use simple_runtime::future::FutureState;
use simple_runtime::{Value, error, executor};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;
use tasks::{Held, alone, alone_with, hold_workers, identity, message, wait};

fn await_timeout(future: &Value, ms: i64) -> i64 {
    // SAFETY: the future is alive during the call.
    unsafe { rt_future_await_timeout(future.raw(), ms) }
}

fn state(future: &Value) -> FutureState {
    future.as_future().unwrap().state()
}

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

#[test]
fn the_calling_thread_never_runs_the_body() {
    for workers in [1, 2] {
        let _alone = alone_with(workers);
        let caller = thread::current().id();
        for started in [false, true] {
            for _ in 0..200 {
                let future =
                    Value::future_of(move || Value::bool(thread::current().id() == caller));
                if started {
                    assert!(future.as_future().unwrap().start());
                }
                assert_eq!(await_timeout(&future, i64::MAX), 1);
                let by_caller = future.as_future().unwrap().result().unwrap();
                assert_eq!(by_caller.as_bool(), Some(false));
            }
        }
    }
}

#[test]
fn what_is_finished_is_done_with_any_limit() {
    let _alone = alone();
    for ms in [i64::MIN, -1, 0, 1, i64::MAX] {
        assert_eq!(await_timeout(&Value::resolved(Value::nil()), ms), 1);
        assert_eq!(await_timeout(&Value::rejected(Value::nil()), ms), 1);
        assert_eq!(await_timeout(&Value::future(None, Value::nil()), ms), 1, "no body");
    }
}

#[test]
fn no_time_left_starts_the_future_and_returns_at_once() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    for ms in [0, -1, i64::MIN] {
        let future = number(5);
        assert_eq!(await_timeout(&future, ms), 0);
        assert_eq!(state(&future), FutureState::Queued);
    }
    assert_eq!(error::last_error(), None, "timed out is an answer");
    drop(held);
}

#[test]
fn what_is_no_future_is_bad_input() {
    let _alone = alone();
    for value in [Value::nil(), Value::int(0), Value::string(""), Value::array(Vec::new())] {
        assert_eq!(await_timeout(&value, 1000), -1);
        assert!(message().starts_with("rt_future_await_timeout:"), "{}", message());
    }
}

#[test]
fn the_limit_holds_while_another_thread_is_held_in_the_body() {
    let _alone = alone_with(1);
    let held = Held::new(5);
    for ms in [1, 5, 0, 1] {
        assert_eq!(await_timeout(&held.future, ms), 0);
    }
    held.wait_until_it_runs();
    assert_eq!(await_timeout(&held.future, 1), 0);
    assert_eq!(state(&held.future), FutureState::Running);
    held.let_go();
    assert_eq!(await_timeout(&held.future, i64::MAX), 1);
    assert_eq!(wait(&held.future), Some(5));
}

/// Runs `test` with a future whose body is held by an awaiter and not by a worker.
fn while_an_awaiter_runs_it(test: impl FnOnce(&Held)) {
    let held = Held::new(5);
    thread::scope(|scope| {
        let awaiter = scope.spawn(|| wait(&held.future));
        held.wait_until_it_runs();
        test(&held);
        assert_eq!(awaiter.join().unwrap(), Some(5));
    });
}

#[test]
fn the_limit_holds_while_an_awaiter_is_held_in_the_body() {
    let _alone = alone_with(1);
    while_an_awaiter_runs_it(|held| {
        assert_eq!(await_timeout(&held.future, 1), 0);
        held.let_go();
        assert_eq!(await_timeout(&held.future, i64::MAX), 1);
    });
}

/// It waits behind other tasks, and nobody but the worker may run it.
#[test]
fn the_limit_holds_while_the_future_is_queued() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let future = number(5);
    assert_eq!(await_timeout(&future, 1), 0);
    assert_eq!(state(&future), FutureState::Queued);
    drop(held);
    assert_eq!(await_timeout(&future, i64::MAX), 1);
}

/// Nobody else is there to run it: no limit would help.
#[test]
fn on_the_only_worker_it_returns_at_once_with_a_message() {
    let _alone = alone_with(1);
    for ms in [i64::MAX, 1] {
        let inner = number(5);
        let known = inner.clone();
        let outer = Value::future_of(move || {
            let answer = await_timeout(&known, ms);
            assert!(message().starts_with("await_timeout:"), "{}", message());
            assert_eq!(await_timeout(&known, 0), 0);
            Value::int(answer)
        });
        assert!(outer.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!(wait(&outer), Some(0));
        assert_eq!(await_timeout(&inner, i64::MAX), 1);
    }
}

/// Somebody else has begun it: it may end in time.
#[test]
fn on_the_only_worker_it_waits_for_what_others_run() {
    let _alone = alone_with(1);
    while_an_awaiter_runs_it(|held| {
        let known = held.future.clone();
        let (tell, told) = mpsc::channel();
        let outer = Value::future_of(move || {
            tell.send(await_timeout(&known, 1)).unwrap();
            Value::int(await_timeout(&known, i64::MAX))
        });
        assert!(outer.as_future().unwrap().start());
        assert_eq!(told.recv(), Ok(0), "the limit has passed");
        held.let_go();
        assert_eq!(wait(&outer), Some(1));
    });
}

#[test]
fn inside_of_its_own_body_it_returns_at_once_with_a_message() {
    for workers in [1, 2] {
        let _alone = alone_with(workers);
        let (tell, told) = mpsc::channel::<Value>();
        let itself = Value::future_of(move || {
            let itself = told.recv().unwrap();
            assert_eq!(await_timeout(&itself, i64::MAX), 0);
            assert!(message().starts_with("await_timeout:"), "{}", message());
            Value::int(1)
        });
        tell.send(itself.clone()).unwrap();
        assert_eq!(await_timeout(&itself, i64::MAX), 1);
        assert_eq!(wait(&itself), Some(1), "it has not awaited itself");
    }
}

#[test]
fn on_one_of_several_workers_another_runs_it() {
    let _alone = alone_with(2);
    for _ in 0..100 {
        let outer = Value::future_of(|| Value::int(await_timeout(&number(5), i64::MAX)));
        assert!(outer.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!(wait(&outer), Some(1));
    }
}

/// No thread is there to run it, nor will be.
#[test]
fn inside_of_a_poll_it_returns_at_once_with_a_message() {
    let _alone = tasks::alone_by_hand();
    let inner = number(5);
    let known = inner.clone();
    let outer = Value::future_of(move || {
        let answer = await_timeout(&known, i64::MAX);
        assert!(message().starts_with("await_timeout:"), "{}", message());
        Value::int(answer)
    });
    assert!(outer.as_future().unwrap().start());
    assert_eq!(executor::poll(), 1);
    assert_eq!((wait(&outer), executor::poll_all(), wait(&inner)), (Some(0), 1, Some(5)));
}

/// The shutdown waits for the thread, and only then has what is queued run by others.
#[test]
fn on_a_worker_that_ends_it_returns_at_once_with_a_message() {
    static KEY: AtomicU32 = AtomicU32::new(0);
    static LEFT: Mutex<Option<Value>> = Mutex::new(None);
    extern "C" fn at_end(_: *mut c_void) {
        let future = number(5);
        assert_eq!(await_timeout(&future, i64::MAX), 0);
        assert!(message().starts_with("await_timeout:"), "{}", message());
        *LEFT.lock().unwrap() = Some(future);
    }
    let mut key = 0;
    // SAFETY: a place to write to, and a function of the type asked for.
    assert_eq!(unsafe { libc::pthread_key_create(&mut key, Some(at_end)) }, 0);
    KEY.store(key, Ordering::Relaxed);
    for workers in [1, 2] {
        let _alone = alone_with(workers);
        let task = Value::future_of(|| {
            let value = ptr::from_ref(&KEY).cast();
            // SAFETY: a key that is never deleted, and a value that is not used.
            Value::int(
                unsafe { libc::pthread_setspecific(KEY.load(Ordering::Relaxed), value) }.into(),
            )
        });
        assert!(task.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!(wait(&task), Some(0));
        executor::shutdown().unwrap();
        let left = LEFT.lock().unwrap().take().unwrap();
        assert_eq!(state(&left), FutureState::Fulfilled);
        assert_eq!(wait(&left), Some(5));
    }
}

/// The end of the future wakes all waiters, whatever their limits; an expired waiter leaves nothing behind
/// to wake.
#[test]
fn the_end_wakes_all_that_still_wait() {
    let _alone = alone_with(1);
    for round in 0..50 {
        let held = Held::running(round);
        let future = &held.future;
        thread::scope(|scope| {
            let limits = [i64::MAX, 1, 3_600_000, i64::MAX, 0];
            let waiters = limits.map(|ms| (ms, scope.spawn(move || await_timeout(future, ms))));
            let (short, long): (Vec<_>, Vec<_>) = waiters.into_iter().partition(|(ms, _)| *ms <= 1);
            short.into_iter().for_each(|(_, waiter)| assert_eq!(waiter.join().unwrap(), 0));
            held.let_go();
            long.into_iter().for_each(|(_, waiter)| assert_eq!(waiter.join().unwrap(), 1));
        });
    }
}

#[test]
fn an_absurd_limit_is_none() {
    let _alone = alone_with(1);
    for limit in [Duration::MAX, Duration::from_millis(u64::MAX), Duration::from_secs(1 << 40)] {
        let held = Held::running(5);
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            let future = &held.future;
            scope.spawn(move || {
                tell.send(()).unwrap();
                assert!(future.as_future().unwrap().wait_timeout(limit));
            });
            told.recv().unwrap();
            held.let_go();
        });
    }
}
