//! A body runs exactly once, however many threads ask for it in whichever way; all of them
//! get the same result, and references live exactly as long as they are needed.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future::{rt_future_await, rt_future_new};
use simple_runtime::{RuntimeValue, Value, executor, future};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tasks::{Watch, address, alone, alone_with, hold_workers, int, wait, watched_value};

const THREADS: usize = 6;
const ROUNDS: usize = 300;

/// Has [`THREADS`] threads ask for each of [`ROUNDS`] futures at the same moment, in the
/// way that `ask` does for that thread, and returns their results: a row for each future.
fn asked_at_once(
    futures: &[Value],
    ask: impl Fn(usize, &Value) -> Value + Sync,
) -> Vec<Vec<Value>> {
    let together = Barrier::new(THREADS);
    let by_thread: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (together, ask) = (&together, &ask);
                scope.spawn(move || {
                    let ask = |future| {
                        together.wait();
                        ask(thread, future)
                    };
                    futures.iter().map(ask).collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    (0..futures.len()).map(|i| by_thread.iter().map(|row| row[i].clone()).collect()).collect()
}

/// Checks that each body ran once, and that all who asked got the very same object.
fn ran_once_for_all(ask: impl Fn(usize, &Value) -> Value + Sync) {
    let runs: &'static [AtomicUsize] =
        (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect::<Vec<_>>().leak();
    let futures: Vec<_> = runs
        .iter()
        .map(|runs| {
            Value::future_of(|| {
                runs.fetch_add(1, Ordering::Relaxed);
                Value::string("a result")
            })
        })
        .collect();
    for (row, future) in asked_at_once(&futures, ask).iter().zip(&futures) {
        let result = future.as_future().unwrap().result().unwrap();
        assert_eq!(result.as_str(), Some("a result"));
        assert!(row.iter().all(|got| got.raw() == result.raw()), "{row:?}");
    }
    executor::shutdown().unwrap();
    assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1), "{runs:?}");
}

#[test]
fn a_body_runs_once_however_many_threads_await_it() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        ran_once_for_all(|_, future| future.as_future().unwrap().wait().unwrap());
    }
}

#[test]
fn a_body_runs_once_however_many_c_callers_await_it() {
    let _alone = alone();
    // SAFETY: the future is alive during the call.
    ran_once_for_all(|_, future| unsafe { rt_future_await(future.raw()) });
}

#[test]
fn a_body_runs_once_whichever_way_it_is_asked_for() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        ran_once_for_all(|thread, value| {
            let future = value.as_future().unwrap();
            match thread % 5 {
                0 => future.wait().unwrap(),
                1 => {
                    future.start();
                    future.wait().unwrap()
                }
                2 => {
                    assert!(future.wait_timeout(Duration::MAX));
                    future.result().unwrap()
                }
                3 => future::all(std::slice::from_ref(value)).remove(0),
                _ => future::race(std::slice::from_ref(value)),
            }
        });
    }
}

/// A body that checks that its context is alive, and returns nothing of it.
extern "C-unwind" fn looks_at_context(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call; this is what is tested.
    let context = unsafe { Value::borrow(&context) };
    Value::bool(context.as_array().unwrap().get(0).unwrap().as_future().is_some())
}

/// A future that alone holds its watched context, as a C caller makes it.
fn with_watched_context() -> (Value, Watch) {
    let (value, watch) = watched_value();
    let context = Value::array(vec![value]);
    // SAFETY: a body and a live value; the call keeps what it needs.
    let future = unsafe { rt_future_new(address(looks_at_context), context.raw()) };
    (future, watch)
}

#[test]
fn the_context_is_kept_until_the_body_has_run_and_released_then() {
    let _alone = alone_with(1);
    for started in [false, true] {
        let (value, watch) = with_watched_context();
        assert!(watch.is_kept(), "the caller's reference is gone, the future's is not");
        let future = value.as_future().unwrap();
        if started {
            assert!(future.wait_timeout(Duration::MAX));
        }
        assert_eq!(future.wait().unwrap().as_bool(), Some(true));
        assert!(!watch.is_kept(), "started: {started}");
    }
}

#[test]
fn a_future_that_never_runs_releases_its_context_with_itself() {
    let _alone = alone();
    let (future, watch) = with_watched_context();
    let other = future.clone();
    drop(future);
    assert!(watch.is_kept());
    drop(other);
    assert!(!watch.is_kept());
}

#[test]
fn a_panicking_body_releases_its_context() {
    extern "C-unwind" fn panics(_context: RuntimeValue) -> Value {
        panic!("on purpose")
    }
    let _alone = alone();
    let (context, watch) = watched_value();
    let future = Value::future(Some(panics), context);
    assert_eq!(wait(&future), None);
    assert!(!watch.is_kept());
}

#[test]
fn a_result_is_kept_by_the_future_and_by_whoever_got_it() {
    let _alone = alone_with(1);
    for started in [false, true] {
        let (result, watch) = watched_value();
        let future = Value::future(Some(tasks::identity), result);
        if started {
            assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
        }
        let got = future.as_future().unwrap().wait().unwrap();
        // A worker's reference goes before anybody sees the result.
        drop(future);
        assert!(watch.is_kept());
        drop(got);
        assert!(!watch.is_kept(), "started: {started}");
    }
}

#[test]
fn a_started_future_runs_though_its_maker_has_forgotten_it() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let (tell, told) = std::sync::mpsc::channel();
    let future = Value::future_of(move || {
        tell.send(()).unwrap();
        Value::nil()
    });
    assert!(future.as_future().unwrap().start());
    drop(future);
    drop(held);
    told.recv().unwrap();
}

/// Entries that awaiters left behind in the queue hold references too, until they are
/// skipped.
#[test]
fn a_future_that_was_awaited_while_queued_is_released_in_the_end() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let (result, watch) = watched_value();
    let future = Value::future(Some(tasks::identity), result);
    assert!(future.as_future().unwrap().start());
    drop(future.as_future().unwrap().wait().unwrap());
    drop(future);
    drop(held);
    executor::shutdown().unwrap();
    assert!(!watch.is_kept());
}

#[test]
fn a_body_sees_what_its_maker_wrote_and_awaiters_see_what_it_wrote() {
    let _alone = alone_with(2);
    for n in 0..ROUNDS as i64 {
        let numbers = Value::array(vec![Value::int(n)]);
        let future = Value::future(Some(append_double), numbers);
        assert!(future.as_future().unwrap().start());
        let numbers = future.as_future().unwrap().wait().unwrap();
        assert_eq!(int(numbers.as_array().unwrap().get(1)), Some(2 * n));
    }
}

extern "C-unwind" fn append_double(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call.
    let numbers = unsafe { Value::borrow(&context) };
    let array = numbers.as_array().unwrap();
    assert!(array.push(Value::int(2 * int(array.get(0)).unwrap())));
    numbers.clone()
}
