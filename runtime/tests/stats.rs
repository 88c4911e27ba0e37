//! Each of the seven counters counts what it says.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::executor::ExecutorStats;
use simple_runtime::ffi::executor::rt_executor_stats;
use simple_runtime::{Value, executor};
use std::sync::mpsc;
use std::time::Duration;
use tasks::{Random, alone_by_hand, alone_with, hold_workers, identity, wait, wait_until};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

/// The counters in C: seven words.
fn stats() -> ExecutorStats {
    let mut stats = ExecutorStats { submitted: u64::MAX, ..ExecutorStats::default() };
    assert_eq!(size_of_val(&stats), 7 * size_of::<u64>());
    // SAFETY: a place to write to.
    assert_eq!(unsafe { rt_executor_stats(&mut stats) }, 1);
    stats
}

/// Growth of the counters.
fn since(before: ExecutorStats) -> ExecutorStats {
    let after = stats();
    ExecutorStats {
        submitted: after.submitted - before.submitted,
        completed: after.completed - before.completed,
        inline_run: after.inline_run - before.inline_run,
        stolen: after.stolen - before.stolen,
        parks: after.parks - before.parks,
        wakes: after.wakes - before.wakes,
        panics: after.panics - before.panics,
    }
}

#[test]
fn submitted_counts_what_is_queued() {
    let _alone = alone_by_hand();
    let before = stats();
    executor::submit_closure(|| {});
    let future = number(1);
    assert!(future.as_future().unwrap().start());
    assert!(!future.as_future().unwrap().start());
    assert!(Value::future(None, Value::nil()).as_future().unwrap().start(), "no body: not queued");
    let expected = ExecutorStats { submitted: 2, ..ExecutorStats::default() };
    assert_eq!(since(before), expected);
}

#[test]
fn completed_counts_accepted_tasks_that_are_over_wherever_they_ran() {
    let _alone = alone_by_hand();
    let before = stats();
    let [polled, awaited, cancelled, pending] = [1, 2, 3, 4].map(number);
    let known = awaited.clone();
    let awaiter = Value::future_of(move || known.as_future().unwrap().wait().unwrap());
    for future in [&awaiter, &polled, &awaited, &cancelled] {
        assert!(future.as_future().unwrap().start());
    }
    assert!(cancelled.as_future().unwrap().cancel());
    assert_eq!(since(before).completed, 1, "the cancelled one");
    assert_eq!(executor::poll(), 1);
    assert_eq!(since(before).completed, 3, "the awaiter and the awaited one");
    assert_eq!((executor::poll_all(), since(before).completed), (1, 4));
    // What was never handed to the executor is none of its tasks.
    assert!(pending.as_future().unwrap().cancel());
    assert_eq!((since(before).submitted, since(before).completed), (4, 4));
}

#[test]
fn inline_run_counts_bodies_that_their_awaiter_ran() {
    let _alone = alone_with(1);
    let before = stats();
    let future = number(1);
    assert_eq!((wait(&future), wait(&future)), (Some(1), Some(1)));
    assert_eq!(since(before).inline_run, 1, "a finished future is not run again");
    assert!(number(2).as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(since(before).inline_run, 1, "that one was run by the worker");
    let held = hold_workers(1);
    let queued = number(3);
    assert!(queued.as_future().unwrap().start());
    assert_eq!((wait(&queued), since(before).inline_run), (Some(3), 2));
    drop(held);
}

#[test]
fn panics_counts_bodies_that_panic() {
    let _alone = alone_with(1);
    let before = stats();
    assert_eq!(wait(&Value::future_of(|| panic!("here"))), None);
    let on_a_worker = Value::future_of(|| panic!("there"));
    assert!(on_a_worker.as_future().unwrap().wait_timeout(Duration::MAX));
    executor::submit_closure(|| panic!("in a function"));
    assert_eq!(wait(&Value::rejected(Value::nil())), None);
    executor::shutdown().unwrap();
    assert_eq!(since(before).panics, 3);
}

/// A worker queues in its own queue and waits without running anything: what runs was stolen.
#[test]
fn stolen_counts_what_a_worker_took_from_another() {
    let _alone = alone_with(2);
    let before = stats();
    let thief_is_free = hold_workers(1);
    let (ready, is_ready) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let owner = Value::future_of(move || {
        let futures = [1, 2, 3, 4, 5].map(number);
        futures.iter().for_each(|future| assert!(future.as_future().unwrap().start()));
        ready.send(()).unwrap();
        may_go.recv().unwrap();
        let done = |future: &Value| future.as_future().unwrap().wait_timeout(Duration::MAX);
        Value::bool(futures.iter().all(done))
    });
    assert!(owner.as_future().unwrap().start());
    is_ready.recv().unwrap();
    let stolen_before_the_futures = since(before).stolen;
    drop(thief_is_free);
    go.send(()).unwrap();
    assert!(owner.as_future().unwrap().wait_timeout(Duration::MAX));
    assert_eq!(owner.as_future().unwrap().result().unwrap().as_bool(), Some(true));
    assert_eq!(since(before).stolen - stolen_before_the_futures, 5);
}

#[test]
fn the_only_worker_steals_nothing() {
    let _alone = alone_with(1);
    let before = stats();
    for n in 0..3000 {
        assert!(number(n).as_future().unwrap().start());
    }
    executor::shutdown().unwrap();
    assert_eq!(since(before).stolen, 0);
}

#[test]
fn parks_and_wakes_count_workers_that_sleep_and_are_woken_for_a_task() {
    let _alone = alone_with(1);
    let before = stats();
    wait_until(|| {
        assert!(number(1).as_future().unwrap().wait_timeout(Duration::MAX));
        // Until the worker has slept in between.
        std::thread::yield_now();
        since(before).wakes > 0
    });
    executor::shutdown().unwrap();
    let moved = since(before);
    assert!(moved.parks >= moved.wakes, "who is woken has slept: {moved:?}");
}

#[test]
fn in_manual_mode_nobody_sleeps_steals_or_is_woken() {
    let _alone = alone_by_hand();
    let before = stats();
    for n in 0..100 {
        assert!(number(n).as_future().unwrap().start());
    }
    assert_eq!(executor::poll_all(), 100);
    let expected = ExecutorStats { submitted: 100, completed: 100, ..ExecutorStats::default() };
    assert_eq!(since(before), expected);
}

/// After a shutdown the sums are right whatever happened, with counts of threads that ended.
#[test]
fn nothing_is_lost_among_many_threads() {
    for workers in 1..=4 {
        let _alone = alone_with(workers);
        let before = stats();
        let (started, cancelled): (u64, u64) = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|seed| scope.spawn(move || mixture(seed))).collect();
            let counts = threads.into_iter().map(|thread| thread.join().unwrap());
            counts.fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1))
        });
        executor::shutdown().unwrap();
        let moved = since(before);
        assert_eq!((moved.submitted, moved.completed), (started, started));
        assert!(moved.inline_run + cancelled <= 4 * 2000 && moved.parks >= moved.wakes);
        assert!(cancelled > 0 && moved.inline_run > 0, "{moved:?}");
    }
}

/// Starts, awaits and cancels; returns the numbers of started and of cancelled ones.
fn mixture(seed: u64) -> (u64, u64) {
    let mut random = Random::new(seed);
    let (mut started, mut cancelled) = (0, 0);
    for n in 0..2000 {
        let value = number(n);
        let future = value.as_future().unwrap();
        if random.below(4) > 0 {
            started += u64::from(future.start());
            match random.below(3) {
                0 => cancelled += u64::from(future.cancel()),
                1 => assert!(future.wait().is_some()),
                _ => {}
            }
        } else {
            assert!(future.wait().is_some());
        }
    }
    (started, cancelled)
}
