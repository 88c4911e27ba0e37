//! `race`: starts all and returns the first that is finished; the others go on. Where nobody
//! else can begin a future, the caller does.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::ffi::future::rt_future_race;
use simple_runtime::future::FutureState;
use simple_runtime::{Value, error, executor, future};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;
use tasks::{Held, alone, alone_by_hand, alone_with, hold_workers, identity, int, wait};

fn number(n: i64) -> Value {
    Value::future(Some(identity), Value::int(n))
}

/// The call through the C interface.
fn race(items: Vec<Value>) -> Value {
    let items = Value::array(items);
    // SAFETY: the array is alive during the call.
    unsafe { rt_future_race(items.raw()) }
}

/// Has a worker run `code`, and returns its result; this thread runs nothing.
fn on_a_worker(code: impl FnOnce() -> Value + Send + 'static) -> Option<i64> {
    let future = Value::future_of(code);
    assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    int(future.as_future().unwrap().result())
}

#[test]
fn the_first_that_is_finished_wins_and_the_others_go_on() {
    let _alone = alone_with(2);
    for slow_place in [0, 1] {
        let slow = Held::new(1);
        let mut items = vec![number(2)];
        items.insert(slow_place, slow.future.clone());
        assert_eq!(race(items).as_int(), Some(2));
        slow.wait_until_it_runs();
        assert_eq!(slow.future.as_future().unwrap().state(), FutureState::Running);
        assert_eq!(slow.finish(), Some(1));
    }
}

#[test]
fn the_winner_may_be_finished_already() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let loser = number(1);
    let items = vec![loser.clone(), Value::resolved(Value::int(2))];
    assert_eq!(race(items).as_int(), Some(2));
    assert_eq!(loser.as_future().unwrap().state(), FutureState::Queued, "all are started");
    drop(held);
    executor::shutdown().unwrap();
    assert_eq!(wait(&loser), Some(1));
}

#[test]
fn what_is_no_future_is_finished_and_stands_for_itself() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    let loser = number(1);
    assert_eq!(race(vec![loser.clone(), Value::string("two")]).as_str(), Some("two"));
    assert_eq!(loser.as_future().unwrap().state(), FutureState::Queued, "all are started");
    assert_eq!(race(vec![Value::int(1), Value::int(2)]).as_int(), Some(1));
    drop(held);
}

#[test]
fn a_rejected_winner_is_nil() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    assert!(race(vec![number(1), Value::rejected(Value::int(2))]).is_nil());
    drop(held);
    assert!(race(vec![Value::future_of(|| panic!("on purpose"))]).is_nil());
    assert!(race(vec![Value::future(None, Value::int(1)), number(2)]).is_nil(), "no body: nil");
    assert_eq!(error::last_error(), None, "rejected is an answer");
}

#[test]
fn a_race_of_nothing_is_nil() {
    let _alone = alone();
    assert!(race(Vec::new()).is_nil());
    assert_eq!(on_a_worker(|| Value::bool(future::race(&[]).is_nil())), None);
    assert_eq!(error::last_error(), None, "there is nothing wrong with an empty array");
}

#[test]
fn the_only_worker_runs_the_first_that_has_not_begun() {
    let _alone = alone_with(1);
    for _ in 0..100 {
        let (first, second) = (number(1), number(2));
        let items = [Value::future_of(|| Value::int(0)), first.clone(), second.clone()];
        assert_eq!(on_a_worker(move || future::race(&items)), Some(0));
        // "The others go on", once the worker has time for them.
        assert!(second.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!((wait(&first), wait(&second)), (Some(1), Some(2)));
    }
}

/// They were queued before, behind work that nobody will come to.
#[test]
fn the_only_worker_makes_progress_though_the_futures_are_queued_behind_others() {
    let _alone = alone_with(1);
    let code = || {
        let others: Vec<_> = (0..2000).map(number).collect();
        others.iter().for_each(|other| assert!(other.as_future().unwrap().start()));
        let items = [number(3), number(4)];
        items.iter().for_each(|item| assert!(item.as_future().unwrap().start()));
        let result = future::race(&items);
        // An awaiter never runs unrelated work.
        let untouched = |other: &Value| other.as_future().unwrap().state() == FutureState::Queued;
        assert!(others.iter().all(untouched));
        result
    };
    assert_eq!(on_a_worker(code), Some(3));
}

#[test]
fn races_on_all_workers_at_once_make_progress() {
    for workers in [1, 2, 3, 4] {
        let _alone = alone_with(workers);
        for round in 0..50 {
            let racer = |n| Value::future_of(move || future::race(&[number(n), number(n)]));
            let racers: Vec<_> = (round..round + 2 * workers).map(racer).collect();
            for racer in &racers {
                assert!(racer.as_future().unwrap().start());
            }
            for (n, racer) in (round..).zip(&racers) {
                assert!(racer.as_future().unwrap().wait_timeout(Duration::MAX));
                assert_eq!(wait(racer), Some(n));
            }
        }
    }
}

#[test]
fn races_inside_of_races_make_progress() {
    fn nested(depth: u32) -> Value {
        Value::future_of(move || match depth {
            0 => Value::int(1),
            _ => future::race(&[nested(depth - 1), nested(depth - 1)]),
        })
    }
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        assert_eq!(on_a_worker(|| future::race(&[nested(8)])), Some(1));
        assert_eq!(race(vec![nested(8), nested(8)]).as_int(), Some(1));
    }
}

/// A thread outside of the pool does not run the slow one while the workers can.
#[test]
fn a_caller_outside_of_the_pool_leaves_the_bodies_to_the_workers() {
    let _alone = alone_with(2);
    let caller = thread::current().id();
    for _ in 0..200 {
        let item = || Value::future_of(move || Value::bool(thread::current().id() == caller));
        assert_eq!(race(vec![item(), item()]).as_bool(), Some(false));
    }
}

/// All workers wait, in the runtime, for what only the race will bring about.
#[test]
fn a_caller_outside_of_the_pool_begins_one_where_all_workers_are_blocked() {
    for workers in [1, 3] {
        let _alone = alone_with(workers);
        let channel = Value::channel();
        for _ in 0..workers {
            let channel = channel.clone();
            executor::submit_closure(move || {
                assert!(channel.as_channel().unwrap().recv().is_none())
            });
        }
        let closes = {
            let channel = channel.clone();
            Value::future_of(move || Value::bool(channel.as_channel().unwrap().close()))
        };
        assert_eq!(race(vec![closes]).as_bool(), Some(true));
    }
}

/// The only worker runs the one that will be first, and waits in it for a while: it goes on by
/// itself, so the caller begins nothing.
#[test]
fn a_worker_whose_wait_ends_by_itself_is_not_blocked() {
    const A_WHILE: Duration = Duration::from_millis(20);
    let never = Value::channel();
    let naps: [fn(&Value); 3] = [
        |_| simple_runtime::thread::sleep(A_WHILE),
        |never| drop(never.as_channel().unwrap().recv_timeout(A_WHILE)),
        |_| {
            let held = Held::new(0);
            thread::scope(|scope| {
                let future = &held.future;
                let runs = scope.spawn(|| wait(future));
                held.wait_until_it_runs();
                assert!(!future.as_future().unwrap().wait_timeout(A_WHILE));
                held.let_go();
                runs.join().unwrap();
            });
        },
    ];
    let _alone = alone_with(1);
    let caller = thread::current().id();
    for nap in naps {
        let never = never.clone();
        let first = Value::future_of(move || {
            nap(&never);
            Value::int(1)
        });
        let second = Value::future_of(move || {
            Value::int(if thread::current().id() == caller { 3 } else { 2 })
        });
        let second_too = second.clone();
        assert_eq!(race(vec![first, second]).as_int(), Some(1));
        assert!(second_too.as_future().unwrap().wait_timeout(Duration::MAX));
        assert_eq!(wait(&second_too), Some(2), "the worker has run it");
    }
}

/// The worker blocks for the runtime's channel only when the race has long gone to sleep
/// (or is about to: every order is right).
#[test]
fn the_last_worker_that_blocks_wakes_the_race() {
    let _alone = alone_with(1);
    for _ in 0..100 {
        let channel = Value::channel();
        let (begin, begun) = mpsc::channel::<()>();
        let received = channel.clone();
        executor::submit_closure(move || {
            begun.recv().unwrap();
            assert!(received.as_channel().unwrap().recv().is_none());
        });
        let closes = Value::future_of(move || Value::bool(channel.as_channel().unwrap().close()));
        thread::scope(|scope| {
            let racer = scope.spawn(|| race(vec![closes]).as_bool());
            begin.send(()).unwrap();
            assert_eq!(racer.join().unwrap(), Some(true));
        });
    }
}

/// The loser that another thread runs does not keep the only worker from beginning the next.
#[test]
fn one_that_runs_elsewhere_and_never_ends_does_not_stop_the_race() {
    let _alone = alone_with(1);
    let slow = Held::new(1);
    thread::scope(|scope| {
        let awaiter = scope.spawn(|| wait(&slow.future));
        slow.wait_until_it_runs();
        let items = [slow.future.clone(), number(2)];
        assert_eq!(on_a_worker(move || future::race(&items)), Some(2));
        slow.let_go();
        assert_eq!(awaiter.join().unwrap(), Some(1));
    });
}

/// All have begun on other threads: the race sleeps until the first of them ends.
#[test]
fn a_race_of_what_others_run_waits_for_the_first_of_them() {
    let _alone = alone_with(1);
    for winner in 0..3 {
        let slow: Vec<_> = (0..3).map(Held::new).collect();
        thread::scope(|scope| {
            for held in &slow {
                let future = &held.future;
                scope.spawn(move || wait(future));
                held.wait_until_it_runs();
            }
            let items: Vec<_> = slow.iter().map(|held| held.future.clone()).collect();
            let racer = scope.spawn(move || on_a_worker(move || future::race(&items)));
            slow[winner].let_go();
            assert_eq!(racer.join().unwrap(), Some(winner as i64));
            slow.iter()
                .enumerate()
                .filter(|(i, _)| *i != winner)
                .for_each(|(_, held)| held.let_go());
        });
    }
}

#[test]
fn inside_of_a_poll_the_first_is_run_and_the_others_go_on() {
    let _alone = alone_by_hand();
    let (first, second) = (number(1), number(2));
    let items = [first, second.clone()];
    let caller = Value::future_of(move || future::race(&items));
    assert!(caller.as_future().unwrap().start());
    assert_eq!(executor::poll(), 1);
    assert_eq!(wait(&caller), Some(1));
    assert_eq!((executor::pending_count(), executor::poll_all()), (1, 1));
    assert_eq!(wait(&second), Some(2));
}

#[test]
fn many_races_over_the_same_futures_agree_with_them() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        for _ in 0..100 {
            let items: Vec<_> = (0..6).map(number).collect();
            let together = Barrier::new(4);
            thread::scope(|scope| {
                for rotation in 0..4 {
                    let (items, together) = (&items, &together);
                    scope.spawn(move || {
                        let mut items = items.clone();
                        items.rotate_left(rotation);
                        together.wait();
                        let n = race(items).as_int().unwrap();
                        assert!((0..6).contains(&n));
                    });
                }
            });
            for (n, item) in (0..).zip(&items) {
                assert_eq!(wait(item), Some(n));
            }
        }
    }
}
