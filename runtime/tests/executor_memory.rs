//! What is queued and then run or cancelled elsewhere leaves nothing behind that grows, whether or
//! not anybody takes jobs out of the queue.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/tasks.rs"]
mod tasks;

use allocations::balance_of;
use simple_runtime::{Value, executor};
use tasks::{alone_by_hand, alone_with, hold_workers, identity, wait};

const TIMES: usize = 200_000;
/// Far less than an entry and its future for each time.
const MOST_BYTES: isize = 1 << 20;

/// Starts futures, has each of them claimed by `claim`, and lets go of it.
#[track_caller]
fn must_not_grow(claim: impl Fn(&Value)) {
    let start_and_claim = |n| {
        let future = Value::future(Some(identity), Value::int(n));
        assert!(future.as_future().unwrap().start());
        claim(&future);
    };
    let ((), balance) = balance_of(|| (0..TIMES as i64).for_each(start_and_claim));
    assert!(balance.bytes < MOST_BYTES, "{balance:?}");
}

fn cancel(future: &Value) {
    assert!(future.as_future().unwrap().cancel());
}

#[test]
fn while_all_workers_are_taken() {
    let _alone = alone_with(1);
    let held = hold_workers(1);
    must_not_grow(|future| assert!(wait(future).is_some()));
    must_not_grow(cancel);
    drop(held);
}

#[test]
fn while_nobody_polls() {
    let _alone = alone_by_hand();
    must_not_grow(cancel);
    assert_eq!(executor::pending_count(), 0);
    // Those that are wanted stay, in their order, and the others are not counted.
    let wanted: Vec<_> = (0..1000).map(|n| Value::future(Some(identity), Value::int(n))).collect();
    for future in &wanted {
        assert!(future.as_future().unwrap().start());
        (0..20).for_each(|n| {
            let other = Value::future(Some(identity), Value::int(n));
            assert!(other.as_future().unwrap().start());
            cancel(&other);
        });
    }
    for (n, future) in wanted.iter().enumerate() {
        assert_eq!((executor::pending_count(), executor::poll()), (1000 - n, 1));
        assert_eq!(wait(future), Some(n as i64));
    }
    assert_eq!(executor::poll_all(), 0);
}

/// Many at once need memory, which is given back.
#[test]
fn when_a_crowd_has_gone() {
    let _alone = alone_by_hand();
    let crowd = || {
        (0..TIMES).for_each(|_| assert!(executor::submit(identity, Value::nil()) > 0));
        assert_eq!(executor::poll_all(), TIMES);
    };
    let ((), balance) = balance_of(crowd);
    assert!(balance.bytes < MOST_BYTES / 16, "{balance:?}");
}
