//! Shutdowns, starts and submissions at the same time: whatever comes first, no task is lost
//! and nobody hangs.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::executor::Mode;
use simple_runtime::{Value, executor};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tasks::{Runs, alone, each_way, identity, int};

#[test]
fn shutdowns_at_the_same_time_all_return_when_everything_has_run() {
    each_way(|| {
        let runs = Runs::default();
        runs.submit_a_chain(500);
        (0..500).for_each(|_| runs.submit());
        let together = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    executor::shutdown().unwrap();
                    assert_eq!(runs.count(), 1000);
                });
            }
        });
    });
}

#[test]
fn starts_and_shutdowns_at_the_same_time_do_not_hang() {
    let _alone = alone();
    let runs = Runs::default();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..100).for_each(|_| executor::start().unwrap()));
            scope.spawn(|| (0..100).for_each(|_| executor::shutdown().unwrap()));
        }
        scope.spawn(|| (0..100).for_each(|_| runs.submit()));
    });
    executor::shutdown().unwrap();
    assert_eq!(runs.count(), 100);
}

/// A task is run though it was submitted in whichever moment of a shutdown.
#[test]
fn submissions_that_race_with_shutdowns_are_never_lost() {
    const THREADS: usize = 2;
    const TASKS: usize = 3000;
    let _alone = alone();
    for mode in [Mode::Threaded, Mode::Manual] {
        let runs = Runs::default();
        let submitting = AtomicUsize::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    (0..TASKS).for_each(|_| runs.submit());
                    submitting.fetch_sub(1, Ordering::Relaxed);
                });
            }
            while submitting.load(Ordering::Relaxed) > 0 {
                // Refused where a submission was first.
                let _ = executor::set_mode(mode);
                executor::shutdown().unwrap();
            }
        });
        executor::shutdown().unwrap();
        assert_eq!(runs.count(), THREADS * TASKS);
    }
}

/// Whichever moment of the one shutdown it was, no other call is needed.
#[test]
fn a_task_that_was_submitted_during_a_shutdown_runs_of_itself() {
    const ROUNDS: usize = 1000;
    let _alone = alone();
    let runs = Runs::default();
    let together = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                together.wait();
                runs.submit();
                together.wait();
            }
        });
        for round in 1..=ROUNDS {
            executor::start().unwrap();
            together.wait();
            executor::shutdown().unwrap();
            together.wait();
            tasks::wait_until(|| runs.count() == round);
        }
    });
}

/// The same for futures, some of which are awaited or cancelled meanwhile.
#[test]
fn futures_started_while_the_executor_shuts_down_are_finished() {
    const ROUNDS: i64 = 300;
    let _alone = alone();
    let futures: Vec<_> =
        (0..ROUNDS).map(|n| Value::future(Some(identity), Value::int(n))).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            for (n, value) in (0..).zip(&futures) {
                let future = value.as_future().unwrap();
                assert!(future.start());
                match n % 4 {
                    0 => assert_eq!(int(future.wait()), Some(n)),
                    1 => assert!(future.wait_timeout(Duration::MAX)),
                    2 => drop(future.cancel()),
                    _ => {}
                }
            }
        });
        (0..50).for_each(|_| executor::shutdown().unwrap());
    });
    executor::shutdown().unwrap();
    assert!(futures.iter().all(|future| future.as_future().unwrap().is_ready()));
}
