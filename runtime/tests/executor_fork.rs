//! A process that forks while its executor is at work: the child's is as new, what had not begun
//! can be asked for again, and what ran elsewhere never ends there.

#[path = "common/forked.rs"]
mod forked;
#[path = "common/tasks.rs"]
mod tasks;

use forked::in_child;
use simple_runtime::executor::{ExecutorStats, Mode};
use simple_runtime::future::FutureState;
use simple_runtime::{Value, error, executor, future};
use std::time::Duration;
use tasks::{Held, Runs, alone, alone_by_hand, alone_with, identity, int, wait};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

fn state(value: &Value) -> FutureState {
    value.as_future().unwrap().state()
}

fn start(value: &Value) -> bool {
    value.as_future().unwrap().start()
}

fn wait_for_ever(value: &Value) -> bool {
    value.as_future().unwrap().wait_timeout(Duration::MAX)
}

/// Every call, in both modes, on an executor as new; leaves it so.
fn use_all() {
    assert_eq!(executor::mode(), Mode::Threaded);
    executor::set_workers(2).unwrap();
    let runs = Runs::default();
    (0..200).for_each(|_| runs.submit());
    runs.submit_a_tree(5);
    let started: Vec<_> = (0..50).map(number).collect();
    assert!(started.iter().all(start));
    assert!(started.iter().all(wait_for_ever));
    assert_eq!(wait(&number(1)), Some(1));
    assert_eq!(future::all(&[number(2), number(3)]).len(), 2);
    assert!(future::race(&[number(4), number(4)]).as_int() == Some(4));
    assert!(number(5).as_future().unwrap().cancel());
    let nested = Value::future_of(|| Value::int(wait(&number(6)).unwrap()));
    assert!(wait_for_ever(&nested));
    executor::shutdown().unwrap();
    assert_eq!(runs.count(), 200 + 63);

    executor::set_mode(Mode::Manual).unwrap();
    let polled = [number(7), number(8), number(9)];
    assert!(polled.iter().all(start));
    assert!(polled[1].as_future().unwrap().cancel());
    assert_eq!((executor::pending_count(), executor::poll(), executor::poll_all()), (2, 1, 1));
    executor::shutdown().unwrap();
}

#[test]
fn a_childs_executor_is_as_new_and_its_childs_too() {
    for workers in 1..=3 {
        let _alone = alone_with(workers);
        // One worker runs for ever, the others are asleep.
        let held = Held::running(1);
        in_child(|| {
            assert_eq!(executor::stats(), ExecutorStats::default());
            use_all();
            let stats = executor::stats();
            assert_eq!(stats.submitted, stats.completed);
            executor::start().unwrap();
            in_child(|| {
                assert_eq!(executor::stats(), ExecutorStats::default());
                use_all();
                in_child(use_all);
            });
            assert!(wait_for_ever(&number(1)));
            executor::shutdown().unwrap();
        });
        assert_eq!(held.finish(), Some(1));
    }
    let _alone = alone_by_hand();
    assert!(start(&number(1)));
    in_child(|| {
        assert_eq!((executor::mode(), executor::pending_count()), (Mode::Threaded, 0));
        use_all();
    });
    assert_eq!(executor::poll_all(), 1);
}

/// In each way that there is to ask for a future: it runs once.
fn ask_again(ask: impl Fn(&Value)) {
    let runs = Runs::default();
    let counts = |runs: &Runs| {
        let runs = runs.clone();
        Value::future_of(move || {
            runs.one_more();
            Value::int(5)
        })
    };
    let (pending, queued) = (counts(&runs), counts(&runs));
    assert!(start(&queued));
    in_child(|| {
        for value in [&pending, &queued] {
            assert_eq!(state(value), FutureState::Pending);
            ask(value);
            assert!(wait_for_ever(value));
            assert_eq!(int(value.as_future().unwrap().result()), Some(5));
        }
        executor::shutdown().unwrap();
        assert_eq!(runs.count(), 2);
        let stats = executor::stats();
        assert_eq!(stats.submitted, stats.completed);
    });
    assert_eq!((state(&pending), state(&queued)), (FutureState::Pending, FutureState::Queued));
}

fn ask_again_each_way() {
    ask_again(|value| assert!(start(value)));
    ask_again(|value| assert_eq!(wait(value), Some(5)));
    ask_again(|value| assert!(wait_for_ever(value)));
    ask_again(|value| assert_eq!(future::all(&[number(0), value.clone()])[1].as_int(), Some(5)));
    ask_again(|value| assert_eq!(future::race(std::slice::from_ref(value)).as_int(), Some(5)));
    ask_again(|value| {
        executor::set_mode(Mode::Manual).unwrap();
        assert_eq!(wait(value), None);
        assert_eq!((executor::pending_count(), executor::poll_all()), (1, 1));
        executor::shutdown().unwrap();
    });
    let (pending, queued) = (number(1), number(2));
    assert!(start(&queued));
    in_child(|| {
        for value in [&pending, &queued] {
            assert!(value.as_future().unwrap().cancel());
            assert_eq!(tasks::error_of(value), "cancelled");
        }
    });
}

#[test]
fn what_had_not_begun_can_be_asked_for_again() {
    {
        let _alone = alone_with(1);
        let held = Held::running(0);
        ask_again_each_way();
        assert_eq!(held.finish(), Some(0));
    }
    let _alone = alone_by_hand();
    ask_again_each_way();
}

#[track_caller]
fn assert_message(call: &str) {
    let message = error::last_error().unwrap().to_owned();
    assert!(message.starts_with(call) && message.contains("fork"), "{message}");
}

#[test]
fn what_ran_elsewhere_never_ends_and_nobody_waits_for_it() {
    let _alone = alone_with(1);
    let held = Held::running(1);
    let lost = held.future.clone();
    in_child(|| {
        let future = lost.as_future().unwrap();
        assert_eq!(state(&lost), FutureState::Running);
        assert_eq!(future.wait().map(|value| value.is_nil()), None);
        assert_message("await:");
        assert!(!future.start() && !future.cancel() && !future.is_ready());
        assert!(!future.wait_timeout(Duration::MAX));
        assert_message("await_timeout:");
        let results = future::all(&[number(1), lost.clone(), number(3)]);
        assert_eq!(results[0].as_int().zip(results[2].as_int()), Some((1, 3)));
        assert!(results[1].is_nil());
        assert!(future::race(&[lost.clone(), lost.clone()]).is_nil());
        assert_message("race:");
        assert_eq!(future::race(&[lost.clone(), number(2)]).as_int(), Some(2));
        // The same on a worker, and while others wait.
        let known = lost.clone();
        let asks = Value::future_of(move || Value::bool(wait(&known).is_none()));
        assert!(wait_for_ever(&asks));
        assert_eq!(asks.as_future().unwrap().result().unwrap().as_bool(), Some(true));
        executor::shutdown().unwrap();
        drop(lost);
    });
    assert_eq!(held.finish(), Some(1));
}

/// Threads that exist in the child have the addresses of those that do not.
#[test]
fn new_threads_do_not_take_lost_futures_for_theirs() {
    let _alone = alone_with(2);
    let held = [Held::running(1), Held::running(2)];
    in_child(|| {
        let threads = (0..4).map(|_| {
            let lost: Vec<_> = held.iter().map(|held| held.future.clone()).collect();
            std::thread::spawn(move || {
                let body = Value::future_of(move || {
                    assert!(lost.iter().all(|lost| wait(lost).is_none()));
                    Value::int(1)
                });
                assert_eq!(wait(&body), Some(1));
            })
        });
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    });
    held.into_iter().for_each(|held| assert!(held.finish().is_some()));
}

#[test]
fn task_ids_stay_unique_and_results_stay() {
    let _alone = alone();
    let before = executor::submit(identity, Value::nil());
    let (done, failed) = (number(1), Value::future_of(|| panic!("on purpose")));
    assert_eq!((wait(&done), wait(&failed)), (Some(1), None));
    in_child(|| {
        assert!(executor::submit(identity, Value::nil()) > before);
        assert_eq!(wait(&done), Some(1));
        assert_eq!(tasks::error_of(&failed), "on purpose");
    });
}
