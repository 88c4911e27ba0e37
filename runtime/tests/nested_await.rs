//! Nested awaits end, however deep, on whatever thread they begin and with any number of
//! workers. Rings of awaits are in `await_ring.rs`.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::{RuntimeValue, Value, executor, future};
use std::sync::Barrier;
use std::time::Duration;
use tasks::{alone, alone_by_hand, alone_with, int, wait};

const DEEP: i64 = 1_000_000;

/// Awaits its context and adds one.
extern "C-unwind" fn one_more(context: RuntimeValue) -> Value {
    // SAFETY: the runtime keeps the context alive during the call.
    let inner = unsafe { Value::borrow(&context) };
    Value::int(wait(inner).unwrap() + 1)
}

/// A future that awaits a future that awaits ..., `depth` times; its result is the depth.
fn chain(depth: i64) -> Value {
    (0..depth).fold(Value::resolved(Value::int(0)), |inner, _| Value::future(Some(one_more), inner))
}

/// Has a worker begin it: this thread runs nothing of it.
fn result_from_a_worker(future: &Value) -> Option<i64> {
    assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
    int(future.as_future().unwrap().result())
}

#[test]
fn a_million_nested_awaits_begun_on_the_only_worker() {
    let _alone = alone_with(1);
    assert_eq!(result_from_a_worker(&chain(DEEP)), Some(DEEP));
}

#[test]
fn a_million_nested_awaits_begun_on_the_calling_thread() {
    let _alone = alone_with(1);
    assert_eq!(wait(&chain(DEEP)), Some(DEEP));
}

#[test]
fn a_million_nested_awaits_begun_in_a_poll() {
    let _alone = alone_by_hand();
    let future = chain(DEEP);
    assert_eq!(wait(&future), None, "outside of a poll it is queued");
    assert_eq!(executor::poll_all(), 1, "what was awaited is part of the one task");
    assert_eq!(wait(&future), Some(DEEP));
}

/// Threads of C programs may have little stack.
#[test]
fn deep_awaits_begun_on_a_small_stack() {
    let _alone = alone_with(1);
    let begin = || wait(&chain(DEEP / 10));
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(begin).unwrap();
    assert_eq!(thread.join().unwrap(), Some(DEEP / 10));
}

/// Each of them was queued by its outer one: the awaiter takes back what is newest, and all
/// of it has a stale entry in one queue or another if not.
#[test]
fn deep_awaits_of_what_was_started_before() {
    extern "C-unwind" fn starts_and_awaits(context: RuntimeValue) -> Value {
        // SAFETY: the runtime keeps the context alive during the call.
        let inner = unsafe { Value::borrow(&context) };
        inner.as_future().unwrap().start();
        Value::int(wait(inner).unwrap() + 1)
    }
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        let depth = DEEP / 10;
        let future = (0..depth).fold(Value::resolved(Value::int(0)), |inner, _| {
            Value::future(Some(starts_and_awaits), inner)
        });
        assert_eq!(result_from_a_worker(&future), Some(depth));
    }
}

/// All of them are queued at once, far more than a worker's own queue holds, while their
/// chain is awaited from its end.
#[test]
fn a_chain_that_is_queued_as_a_whole() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        let depth = DEEP / 50;
        let mut links = vec![Value::resolved(Value::int(0))];
        for i in 0..depth as usize {
            links.push(Value::future(Some(one_more), links[i].clone()));
        }
        let start_all = Value::future_of(move || {
            for link in &links {
                link.as_future().unwrap().start();
            }
            Value::int(wait(&links[links.len() - 1]).unwrap())
        });
        assert_eq!(result_from_a_worker(&start_all), Some(depth));
    }
}

/// A future for the number of leaves of a binary tree: it awaits both halves, having started
/// one of them, or has `all` await them.
fn tree(depth: u32, by_all: bool) -> Value {
    Value::future_of(move || {
        if depth == 0 {
            return Value::int(1);
        }
        let halves = [tree(depth - 1, by_all), tree(depth - 1, !by_all)];
        let leaves: i64 = if by_all {
            future::all(&halves).iter().map(|half| half.as_int().unwrap()).sum()
        } else {
            halves[0].as_future().unwrap().start();
            wait(&halves[1]).unwrap() + wait(&halves[0]).unwrap()
        };
        Value::int(leaves)
    })
}

#[test]
fn trees_of_awaits_with_any_number_of_workers() {
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        for by_all in [false, true] {
            assert_eq!(result_from_a_worker(&tree(12, by_all)), Some(1 << 12));
            assert_eq!(wait(&tree(12, by_all)), Some(1 << 12));
        }
    }
}

#[test]
fn trees_of_awaits_in_a_poll() {
    let _alone = alone_by_hand();
    let futures = [tree(10, false), tree(10, true)];
    for future in &futures {
        assert!(future.as_future().unwrap().start());
    }
    executor::poll_all();
    assert_eq!(futures.map(|future| wait(&future)), [Some(1 << 10); 2]);
}

/// A running future is waited for, an unbegun one is claimed: in any order, all get through.
#[test]
fn many_threads_await_places_of_one_chain() {
    const THREADS: usize = 4;
    for workers in [1, 2, 4] {
        let _alone = alone_with(workers);
        for round in 0..20 {
            let mut links = vec![Value::resolved(Value::int(0))];
            for i in 0..2000 {
                links.push(Value::future(Some(one_more), links[i].clone()));
            }
            assert!(links[1000 + round].as_future().unwrap().start());
            let together = Barrier::new(THREADS);
            std::thread::scope(|scope| {
                for thread in 1..=THREADS {
                    let (links, together) = (&links, &together);
                    scope.spawn(move || {
                        together.wait();
                        let place = thread * 500;
                        assert_eq!(wait(&links[place]), Some(place as i64));
                    });
                }
            });
        }
    }
}

#[test]
fn a_deep_chain_that_never_runs_is_released_all_the_same() {
    let _alone = alone();
    let (value, watch) = tasks::watched_value();
    let outermost = (0..DEEP).fold(value, |inner, _| Value::future(Some(one_more), inner));
    assert!(watch.is_kept());
    drop(outermost);
    assert!(!watch.is_kept());
}

#[test]
fn a_deep_chain_whose_outermost_is_cancelled_is_released() {
    let _alone = alone();
    let (value, watch) = tasks::watched_value();
    let outermost = (0..DEEP).fold(value, |inner, _| Value::future(Some(one_more), inner));
    assert!(outermost.as_future().unwrap().cancel());
    assert!(!watch.is_kept());
}
