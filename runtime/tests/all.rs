//! `all`: starts all, waits for all, returns the results in order.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future::rt_future_all;
use simple_runtime::future::FutureState;
use simple_runtime::{Value, error, executor, future};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;
use tasks::{Held, alone, alone_by_hand, alone_with, identity, wait};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

fn ints(values: &[Value]) -> Vec<Option<i64>> {
    values.iter().map(Value::as_int).collect()
}

/// The call through the C interface.
fn all(items: Vec<Value>) -> Vec<Option<i64>> {
    let items = Value::array(items);
    // SAFETY: the array is alive during the call.
    let results = unsafe { rt_future_all(items.raw()) };
    assert_ne!(results.raw(), items.raw());
    ints(&results.as_array().unwrap().to_vec())
}

#[test]
fn results_are_in_order() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        let expected: Vec<_> = (0..5000).map(Some).collect();
        assert_eq!(all((0..5000).map(number).collect()), expected);
    }
}

#[test]
fn what_is_no_future_stands_for_itself() {
    let _alone = alone();
    let inner = Value::array(vec![number(1)]);
    let items = [Value::int(1), number(2), Value::string("three"), inner.clone(), Value::nil()];
    let results = future::all(&items);
    assert_eq!(ints(&results[..2]), [Some(1), Some(2)]);
    assert_eq!(results[2].as_str(), Some("three"));
    assert_eq!(results[3].raw(), inner.raw(), "an array inside is no list of futures");
    assert!(results[4].is_nil());
    let first = inner.as_array().unwrap().get(0).unwrap();
    assert_eq!(first.as_future().unwrap().state(), FutureState::Pending);
    assert_eq!(all(vec![Value::int(1), Value::int(2)]), [Some(1), Some(2)]);
}

#[test]
fn a_rejected_one_is_nil_and_the_others_are_not() {
    let _alone = alone();
    let cancelled = number(0);
    assert!(cancelled.as_future().unwrap().cancel());
    let panics = Value::future_of(|| panic!("on purpose"));
    let items = vec![
        number(1),
        Value::rejected(Value::int(2)),
        panics,
        cancelled,
        Value::future(None, Value::int(5)),
        number(6),
    ];
    assert_eq!(all(items), [Some(1), None, None, None, None, Some(6)]);
    assert_eq!(error::last_error(), None, "rejected is an answer");
}

#[test]
fn all_of_nothing_is_nothing() {
    let _alone = alone();
    assert_eq!(all(Vec::new()), []);
    assert_eq!(error::last_error(), None);
}

#[test]
fn what_is_finished_running_or_queued_is_waited_for_too() {
    let _alone = alone_with(1);
    let running = Held::running(1);
    let queued = number(2);
    assert!(queued.as_future().unwrap().start());
    let finished = Value::resolved(Value::int(3));
    let items = [running.future.clone(), queued, finished, number(4)];
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| future::all(&items));
        // It has come as far as it can get without the first.
        tasks::wait_until(|| items[1..].iter().all(|item| item.as_future().unwrap().is_ready()));
        assert!(!running.future.as_future().unwrap().is_ready());
        running.let_go();
        assert_eq!(ints(&caller.join().unwrap()), [Some(1), Some(2), Some(3), Some(4)]);
    });
}

#[test]
fn the_same_future_may_stand_in_several_places() {
    let _alone = alone_with(2);
    let once = number(1);
    assert_eq!(all(vec![once.clone(), number(2), once.clone(), once]), [1, 2, 1, 1].map(Some));
}

/// This many futures, whose bodies end only once all of them run at the same time.
fn rendezvous(parties: usize) -> Vec<Value> {
    let together = Arc::new(Barrier::new(parties));
    let future = |n| {
        let together = together.clone();
        Value::future_of(move || {
            together.wait();
            Value::int(n)
        })
    };
    (0..parties as i64).map(future).collect()
}

/// The calling thread runs one of them itself.
#[test]
fn bodies_run_in_parallel_on_the_workers_and_the_caller() {
    for workers in 1..=3 {
        let _alone = alone_with(workers);
        for _ in 0..100 {
            let parties = workers as usize + 1;
            let expected: Vec<_> = (0..parties as i64).map(Some).collect();
            assert_eq!(ints(&future::all(&rendezvous(parties))), expected);
        }
    }
}

#[test]
fn bodies_run_in_parallel_where_a_worker_calls() {
    for workers in 2..=4 {
        let _alone = alone_with(workers);
        for _ in 0..100 {
            let items = rendezvous(workers as usize);
            let caller = Value::future_of(move || Value::array(future::all(&items)));
            assert!(caller.as_future().unwrap().wait_timeout(Duration::MAX));
            let results = caller.as_future().unwrap().result().unwrap();
            assert_eq!(results.as_array().unwrap().len(), workers as usize);
        }
    }
}

#[test]
fn the_only_worker_runs_all_itself() {
    let _alone = alone_with(1);
    let caller = Value::future_of(|| Value::int(future::all(&[number(1), number(2)]).len() as i64));
    assert!(caller.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(wait(&caller), Some(2));
}

/// Notes the order in which bodies run.
fn noting(count: usize) -> (Vec<Value>, mpsc::Receiver<usize>) {
    let (note, noted) = mpsc::channel();
    let future = |n| {
        let note = note.clone();
        Value::future_of(move || {
            note.send(n).unwrap();
            Value::nil()
        })
    };
    ((0..count).map(future).collect(), noted)
}

/// More than a worker's own queue holds, and fewer.
const COUNTS: [usize; 4] = [1, 2, 100, 3000];

#[test]
fn the_only_worker_runs_them_first_to_last() {
    let _alone = alone_with(1);
    for count in COUNTS {
        let (items, noted) = noting(count);
        let caller = Value::future_of(move || Value::int(future::all(&items).len() as i64));
        assert!(caller.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!(noted.iter().collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn a_poll_runs_them_first_to_last() {
    let _alone = alone_by_hand();
    for count in COUNTS {
        let expected: Vec<_> = (0..count).collect();
        let (items, noted) = noting(count);
        let caller = Value::future_of(move || Value::int(future::all(&items).len() as i64));
        assert!(caller.as_future().unwrap().start());
        assert_eq!(executor::poll_all(), 1);
        assert_eq!(noted.iter().collect::<Vec<_>>(), expected);
        // Queued outside of a poll.
        let (items, noted) = noting(count);
        future::all(&items);
        assert_eq!(executor::poll_all(), count);
        assert_eq!(noted.try_iter().collect::<Vec<_>>(), expected);
    }
}

/// The second waits for what the first one sends, in the runtime's own way.
#[test]
fn one_may_wait_for_what_an_earlier_one_does() {
    let items = || {
        let channel = Value::channel();
        let (sends, receives) = (channel.clone(), channel);
        let first = Value::future_of(move || {
            Value::bool(sends.as_channel().unwrap().send(Value::int(42)).is_ok())
        });
        let second = Value::future_of(move || receives.as_channel().unwrap().recv().unwrap());
        [first, second]
    };
    let caller = || {
        let items = items();
        Value::future_of(move || future::all(&items)[1].clone())
    };
    for workers in 1..=3 {
        let _alone = alone_with(workers);
        for _ in 0..100 {
            let caller = caller();
            assert!(caller.as_future().unwrap().wait_timeout(Duration::MAX));
            assert_eq!(wait(&caller), Some(42));
            assert_eq!(future::all(&items())[1].as_int(), Some(42));
        }
    }
    let _alone = alone_by_hand();
    let caller = caller();
    assert!(caller.as_future().unwrap().start());
    assert_eq!((executor::poll(), wait(&caller)), (1, Some(42)));
}

/// A future that runs elsewhere is awaited last: it may wait for any of the others.
#[test]
fn one_that_runs_elsewhere_may_wait_for_a_later_one() {
    let _alone = alone_with(1);
    for _ in 0..100 {
        let (begins, begun) = mpsc::channel();
        let (sends, received) = mpsc::channel();
        let first = Value::future_of(move || {
            begins.send(()).unwrap();
            Value::int(received.recv().unwrap())
        });
        assert!(first.as_future().unwrap().start());
        begun.recv().unwrap();
        let second = Value::future_of(move || {
            sends.send(42).unwrap();
            Value::nil()
        });
        assert_eq!(future::all(&[first, second])[0].as_int(), Some(42));
    }
}

#[test]
fn many_callers_of_the_same_futures_get_the_same_results() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        for _ in 0..50 {
            let items: Vec<_> = (0..40).map(number).collect();
            let expected: Vec<_> = (0..40).map(Some).collect();
            let together = Barrier::new(3);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        together.wait();
                        assert_eq!(ints(&future::all(&items)), expected);
                    });
                }
            });
        }
    }
}

/// The array is read once, at the start.
#[test]
fn what_a_body_does_to_the_array_does_not_matter() {
    let _alone = alone_with(1);
    let items = Value::array(Vec::new());
    let known = items.clone();
    let clears = Value::future_of(move || {
        known.as_array().unwrap().clear();
        Value::int(1)
    });
    for item in [number(0), clears, number(2)] {
        assert!(items.as_array().unwrap().push(item));
    }
    // SAFETY: the array is alive during the call.
    let results = unsafe { rt_future_all(items.raw()) };
    assert_eq!(ints(&results.as_array().unwrap().to_vec()), [Some(0), Some(1), Some(2)]);
    assert!(items.as_array().unwrap().is_empty());
}

#[test]
fn inside_of_a_poll_all_runs_what_has_not_begun() {
    let _alone = alone_by_hand();
    let caller = Value::future_of(|| {
        let results = future::all(&[number(1), number(2), Value::int(3)]);
        Value::int(results.iter().filter_map(Value::as_int).sum())
    });
    assert!(caller.as_future().unwrap().start());
    assert_eq!((executor::poll(), executor::pending_count()), (1, 0));
    assert_eq!(wait(&caller), Some(6));
}
