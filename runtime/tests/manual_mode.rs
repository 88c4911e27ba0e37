//! Manual mode: bodies run inside of polls, on the polling thread, and nowhere else; a body
//! computes the same there as in Threaded mode.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::executor as c;
use simple_runtime::ffi::future::{rt_future_await, rt_future_await_timeout, rt_future_state};
use simple_runtime::{Value, executor, future};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use tasks::{Held, alone, alone_by_hand, identity, int, wait};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

/// A future for the thread that runs it, told to the receiver.
fn tells_its_thread() -> (Value, mpsc::Receiver<thread::ThreadId>) {
    let (tell, told) = mpsc::channel();
    let future = Value::future_of(move || {
        tell.send(thread::current().id()).unwrap();
        Value::nil()
    });
    (future, told)
}

#[test]
fn bodies_run_inside_of_polls_on_the_polling_thread() {
    let _alone = alone_by_hand();
    let (future, told) = tells_its_thread();
    assert!(future.as_future().unwrap().start());
    executor::start().unwrap();
    assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Empty));
    assert_eq!(executor::poll(), 1);
    assert_eq!(told.recv(), Ok(thread::current().id()));

    let (future, told) = tells_its_thread();
    assert!(future.as_future().unwrap().start());
    let poller = thread::spawn(|| (executor::poll_all(), thread::current().id()));
    let (ran, poller) = poller.join().unwrap();
    assert_eq!((ran, told.recv()), (1, Ok(poller)));
}

#[test]
fn an_await_outside_of_a_poll_queues_once_and_returns_nil_at_once() {
    let _alone = alone_by_hand();
    let future = number(5);
    for _ in 0..3 {
        // SAFETY: the future is alive during the calls.
        unsafe {
            assert!(rt_future_await(future.raw()).is_nil());
            assert_eq!(rt_future_state(future.raw()), 1);
        }
        assert_eq!(c::rt_executor_pending_count(), 1);
    }
    assert_eq!(c::rt_executor_poll_all(), 1);
    // SAFETY: the future is alive during the call.
    assert_eq!(unsafe { rt_future_await(future.raw()) }.as_int(), Some(5));
    assert_eq!(c::rt_executor_pending_count(), 0);
    assert_eq!(simple_runtime::error::last_error(), None, "not yet is an answer");
}

/// Also on a thread that is no main thread, and while the body runs on another.
#[test]
fn an_await_outside_of_a_poll_does_not_wait_for_a_body_that_runs() {
    let _alone = alone_by_hand();
    let held = Held::new(5);
    assert!(held.future.as_future().unwrap().start());
    thread::scope(|scope| {
        let poller = scope.spawn(executor::poll);
        held.wait_until_it_runs();
        assert_eq!(wait(&held.future), None);
        held.let_go();
        assert_eq!(poller.join().unwrap(), 1);
    });
    assert_eq!(wait(&held.future), Some(5));
}

/// Awaits, starts, nested `all`s and races; what it computes does not depend on the mode.
fn computation(depth: i64) -> Value {
    Value::future_of(move || {
        if depth == 0 {
            return Value::int(1);
        }
        let [awaited, started, first, second] = [0; 4].map(|_| computation(depth - 1));
        started.as_future().unwrap().start();
        let awaited = wait(&awaited).unwrap();
        let all = future::all(&[first, Value::int(depth), second, Value::rejected(Value::nil())]);
        let all: i64 = all.iter().map(|item| item.as_int().unwrap_or(-1)).sum();
        let race = future::race(&[computation(depth - 1), computation(depth - 1)]);
        Value::int(awaited + 2 * wait(&started).unwrap() + 3 * all + 5 * race.as_int().unwrap())
    })
}

#[test]
fn a_body_computes_the_same_as_in_threaded_mode() {
    for depth in 0..4 {
        let threaded = {
            let _alone = alone();
            wait(&computation(depth)).unwrap()
        };
        let _alone = alone_by_hand();
        let future = computation(depth);
        assert_eq!(wait(&future), None);
        executor::poll_all();
        assert_eq!(wait(&future), Some(threaded));
    }
}

#[test]
fn an_await_inside_of_a_body_runs_what_it_awaits_as_part_of_that_poll() {
    let _alone = alone_by_hand();
    let (inner, told) = tells_its_thread();
    let outer = {
        let inner = inner.clone();
        Value::future_of(move || {
            assert_eq!(executor::pending_count(), 0);
            inner.as_future().unwrap().wait();
            Value::bool(inner.as_future().unwrap().is_ready())
        })
    };
    assert!(outer.as_future().unwrap().start());
    assert_eq!(executor::poll(), 1);
    assert_eq!(told.recv(), Ok(thread::current().id()));
    assert_eq!(outer.as_future().unwrap().result().and_then(|ready| ready.as_bool()), Some(true));
}

/// The same inside of a function that was submitted, which is a task but no future.
#[test]
fn an_await_inside_of_a_submitted_function_is_inside_of_the_poll() {
    let _alone = alone_by_hand();
    let (tell, told) = mpsc::channel();
    executor::submit_closure(move || tell.send(wait(&number(3))).unwrap());
    assert_eq!(executor::poll(), 1);
    assert_eq!(told.recv(), Ok(Some(3)));
}

#[test]
fn poll_runs_one_task_and_poll_all_runs_all_oldest_first() {
    let _alone = alone_by_hand();
    let (tell, told) = mpsc::channel();
    for n in 0..5 {
        let tell = tell.clone();
        executor::submit_closure(move || tell.send(n).unwrap());
    }
    assert_eq!((c::rt_executor_pending_count(), c::rt_executor_poll()), (5, 1));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [0]);
    assert_eq!((c::rt_executor_pending_count(), c::rt_executor_poll_all()), (4, 4));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!((c::rt_executor_poll(), c::rt_executor_poll_all()), (0, 0));
    assert_eq!(c::rt_executor_pending_count(), 0);
}

#[test]
fn poll_all_runs_what_is_queued_meanwhile() {
    fn countdown(n: usize, ran: Arc<AtomicUsize>) {
        executor::submit_closure(move || {
            ran.fetch_add(1, Ordering::Relaxed);
            if n > 1 {
                countdown(n - 1, ran);
            }
        });
    }
    let _alone = alone_by_hand();
    let ran = Arc::new(AtomicUsize::new(0));
    countdown(1000, ran.clone());
    assert_eq!(executor::poll(), 1);
    assert_eq!(executor::pending_count(), 1, "it has queued the next");
    assert_eq!(executor::poll_all(), 999);
    assert_eq!(ran.load(Ordering::Relaxed), 1000);
}

#[test]
fn pending_count_is_without_the_cancelled_and_those_run_by_an_awaiter() {
    let _alone = alone_by_hand();
    let futures: Vec<_> = (0..4).map(number).collect();
    let awaited = futures[3].clone();
    let awaiter = Value::future_of(move || awaited.as_future().unwrap().wait().unwrap());
    for future in [&awaiter].into_iter().chain(&futures) {
        assert!(future.as_future().unwrap().start());
    }
    assert_eq!(executor::pending_count(), 5);
    assert!(futures[0].as_future().unwrap().cancel());
    assert_eq!(executor::pending_count(), 4);
    assert_eq!(executor::poll(), 1, "the awaiter is the oldest");
    assert_eq!(wait(&futures[3]), Some(3), "and has run this one");
    assert_eq!(executor::pending_count(), 2);
    assert_eq!(executor::poll(), 1, "the cancelled one is skipped");
    assert_eq!(wait(&futures[1]), Some(1));
    assert_eq!((executor::poll_all(), executor::pending_count()), (1, 0));
    assert_eq!(executor::poll_all(), 0);
}

#[test]
fn pending_count_may_be_all_cancelled() {
    let _alone = alone_by_hand();
    let futures: Vec<_> = (0..100).map(number).collect();
    for future in &futures {
        assert!(future.as_future().unwrap().start());
    }
    for future in &futures {
        assert!(future.as_future().unwrap().cancel());
    }
    assert_eq!((executor::pending_count(), executor::poll(), executor::poll_all()), (0, 0, 0));
    let late = number(1);
    assert!(late.as_future().unwrap().start());
    assert_eq!((executor::pending_count(), executor::poll_all()), (1, 1));
}

#[test]
fn all_and_race_outside_of_a_poll_queue_and_answer_at_once() {
    let _alone = alone_by_hand();
    let items = [number(1), Value::resolved(Value::int(2)), Value::int(3), number(4)];
    let ints = |values: Vec<Value>| values.iter().map(Value::as_int).collect::<Vec<_>>();
    assert_eq!(ints(future::all(&items)), [None, Some(2), Some(3), None]);
    assert_eq!(executor::pending_count(), 2);
    assert_eq!(executor::poll_all(), 2);
    assert_eq!(ints(future::all(&items)), [Some(1), Some(2), Some(3), Some(4)]);

    let futures = [number(1), number(2)];
    assert!(future::race(&futures).is_nil());
    assert!(future::race(&futures).is_nil());
    assert_eq!(executor::pending_count(), 2);
    assert_eq!(executor::poll(), 1);
    assert_eq!(future::race(&futures).as_int(), Some(1));
    assert_eq!(executor::pending_count(), 1, "the other one goes on");
}

#[test]
fn await_timeout_outside_of_a_poll_queues_and_returns_at_once() {
    let _alone = alone_by_hand();
    let future = number(1);
    for ms in [i64::MAX, 1000, 0, -1] {
        // SAFETY: the future is alive during the call.
        assert_eq!(unsafe { rt_future_await_timeout(future.raw(), ms) }, 0);
        assert_eq!(executor::pending_count(), 1);
    }
    assert_eq!(executor::poll_all(), 1);
    // SAFETY: the future is alive during the call.
    assert_eq!(unsafe { rt_future_await_timeout(future.raw(), i64::MAX) }, 1);
}

#[test]
fn await_timeout_inside_of_a_poll_does_not_run_the_body_either() {
    let _alone = alone_by_hand();
    let inner = number(1);
    let awaited = inner.clone();
    let outer = Value::future_of(move || {
        // SAFETY: the future is alive during the call.
        Value::int(unsafe { rt_future_await_timeout(awaited.raw(), i64::MAX) })
    });
    assert!(outer.as_future().unwrap().start());
    assert_eq!(executor::poll(), 1);
    assert_eq!(wait(&outer), Some(0));
    assert_eq!((executor::pending_count(), executor::poll_all()), (1, 1));
    assert_eq!(wait(&inner), Some(1));
}

#[test]
fn shutdown_runs_what_is_queued_on_the_calling_thread() {
    let _alone = alone_by_hand();
    let (future, told) = tells_its_thread();
    let (tell, told_later) = mpsc::channel();
    executor::submit_closure(move || {
        executor::submit_closure(move || tell.send(thread::current().id()).unwrap());
    });
    assert!(future.as_future().unwrap().start());
    c::rt_executor_shutdown();
    assert_eq!(told.recv(), Ok(thread::current().id()));
    assert_eq!(told_later.recv(), Ok(thread::current().id()));
    assert_eq!(c::rt_executor_is_manual(), 0, "as new");
}

#[test]
fn polls_do_nothing_in_threaded_mode() {
    let _alone = tasks::alone_with(1);
    let held = tasks::hold_workers(1);
    assert!(number(1).as_future().unwrap().start());
    assert_eq!(c::rt_executor_pending_count(), 0);
    assert_eq!((c::rt_executor_poll(), c::rt_executor_poll_all()), (0, 0));
    drop(held);
}

#[test]
fn several_pollers_run_each_task_once() {
    const POLLERS: usize = 4;
    const TASKS: usize = 500;
    let _alone = alone_by_hand();
    for _ in 0..20 {
        let futures: Vec<_> = (0..TASKS as i64).map(number).collect();
        for future in &futures {
            assert!(future.as_future().unwrap().start());
        }
        let together = Barrier::new(POLLERS);
        let ran: usize = thread::scope(|scope| {
            let poll = || {
                together.wait();
                executor::poll_all()
            };
            let pollers: Vec<_> = (0..POLLERS).map(|_| scope.spawn(poll)).collect();
            pollers.into_iter().map(|poller| poller.join().unwrap()).sum()
        });
        assert_eq!((ran, executor::pending_count()), (TASKS, 0));
        for (n, future) in (0..).zip(&futures) {
            assert_eq!(int(future.as_future().unwrap().result()), Some(n));
        }
    }
}

/// A poll that a body makes is a poll too, however many lie inside of each other.
#[test]
fn polls_may_be_nested() {
    fn nest(depth: usize) {
        executor::submit_closure(move || {
            if depth > 0 {
                nest(depth - 1);
                assert_eq!(executor::poll(), 1);
            }
        });
    }
    let _alone = alone_by_hand();
    let before = executor::stats();
    nest(50_000);
    assert_eq!(executor::poll_all(), 1);
    let after = executor::stats();
    assert_eq!((after.completed - before.completed, after.panics), (50_001, before.panics));
}
