//! A shutdown on an isolated thread that a worker's task joins: either could only wait for the
//! other, so the one that comes second is refused.

#[path = "common/asleep.rs"]
mod asleep;
#[path = "common/tasks.rs"]
mod tasks;

use asleep::{thread_number, wait_until_asleep};
use simple_runtime::executor::ExecutorError;
use simple_runtime::registry::Handle;
use simple_runtime::thread::{self as runtime_thread, ThreadError};
use simple_runtime::{Value, executor};
use std::sync::mpsc;
use tasks::{alone, alone_with};

type Shutdown = Result<(), ExecutorError>;

/// An isolated thread that shuts the executor down after `first`, and tells how that went.
fn shuts_down(first: impl FnOnce() + Send + 'static) -> (Handle, mpsc::Receiver<Shutdown>) {
    let (tell, told) = mpsc::channel();
    let thread = runtime_thread::spawn(move || {
        first();
        tell.send(executor::shutdown()).unwrap();
        Value::int(1)
    });
    (thread.unwrap(), told)
}

/// A thread that joins another, and so on: the last is `thread`.
fn joined_by_others(thread: Handle, others: usize) -> Handle {
    (0..others).fold(thread, |thread, _| {
        let joins = move || runtime_thread::join(thread).map_or(Value::nil(), |value| value);
        runtime_thread::spawn(joins).unwrap()
    })
}

#[test]
fn the_shutdown_is_refused_where_the_task_waits_already() {
    let _alone = alone();
    for others in [0, 1, 3] {
        executor::set_workers(2).unwrap();
        executor::start().unwrap();
        let (waits, waiting) = mpsc::channel::<i32>();
        let (thread, told) = shuts_down(move || {
            // The thread of the worker, and before it those of the others.
            for _ in 0..=others {
                wait_until_asleep(waiting.recv().unwrap());
            }
        });
        let joined = (0..others).fold(thread, |thread, _| {
            let waits = waits.clone();
            runtime_thread::spawn(move || {
                waits.send(thread_number()).unwrap();
                runtime_thread::join(thread).unwrap()
            })
            .unwrap()
        });
        let (result, results) = mpsc::channel();
        executor::submit_closure(move || {
            waits.send(thread_number()).unwrap();
            result.send(runtime_thread::join(joined)).unwrap();
        });
        assert_eq!(told.recv(), Ok(Err(ExecutorError::ShutdownFromJoined)));
        assert_eq!(results.recv().unwrap().unwrap().as_int(), Some(1));
        executor::shutdown().unwrap();
    }
}

#[test]
fn the_join_is_refused_where_the_shutdown_waits_already() {
    let _alone = alone();
    for others in [0, 1, 3] {
        executor::set_workers(1).unwrap();
        executor::start().unwrap();
        let (begins, begun) = mpsc::channel();
        let (result, results) = mpsc::channel();
        let (number, numbers) = mpsc::channel();
        let (handle, handles) = mpsc::channel();
        executor::submit_closure(move || {
            begins.send(()).unwrap();
            let thread: Handle = handles.recv().unwrap();
            wait_until_asleep(numbers.recv().unwrap());
            let joined = joined_by_others(thread, others);
            result.send(runtime_thread::join(joined)).unwrap();
        });
        begun.recv().unwrap();
        let (thread, told) = shuts_down(move || number.send(thread_number()).unwrap());
        handle.send(thread).unwrap();
        assert_eq!(told.recv(), Ok(Ok(())));
        let joined = results.recv().unwrap();
        if others == 0 {
            assert_eq!(joined.unwrap_err(), ThreadError::WaitsForCaller);
            // It can still be joined by others.
            assert_eq!(runtime_thread::join(thread).unwrap().as_int(), Some(1));
        } else if let Ok(joined) = joined {
            // One of the others was refused, in the middle.
            assert!(joined.is_nil());
        }
    }
}

/// Without waiting for either: one of the two is refused, and nobody hangs.
#[test]
fn whoever_comes_second_is_refused() {
    let _alone = alone_with(2);
    for _ in 0..200 {
        let (result, results) = mpsc::channel();
        executor::submit_closure(move || {
            let (thread, told) = shuts_down(|| ());
            let joined = runtime_thread::join(thread);
            runtime_thread::free(thread);
            result.send((joined.is_ok(), told)).unwrap();
        });
        let (has_joined, told) = results.recv().unwrap();
        assert_eq!(has_joined, told.recv().unwrap().is_err());
    }
}

/// A task that somebody runs who is no worker is no hindrance.
#[test]
fn a_join_in_a_body_that_its_awaiter_runs_is_none_that_a_shutdown_waits_for() {
    let _alone = alone_with(1);
    let body = Value::future_of(|| {
        let (thread, told) = shuts_down(|| ());
        assert_eq!(runtime_thread::join(thread).unwrap().as_int(), Some(1));
        assert_eq!(told.recv(), Ok(Ok(())));
        Value::int(2)
    });
    assert_eq!(tasks::wait(&body), Some(2));
}
