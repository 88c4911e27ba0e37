//! A future that awaits itself, directly or through others on the same thread, is rejected
//! instead of hanging.

#[path = "common/tasks.rs"]
mod tasks;

use simple_runtime::{RuntimeValue, Value, executor, future};
use std::time::Duration;
use tasks::{alone, alone_by_hand, alone_with, error_of, int, message, wait};

const ERROR: &str = "the future awaits itself";

/// A body's way to wait for the next one of the ring.
type Await = fn(&Value) -> Value;

const AWAITS: [Await; 3] = [
    |next| next.as_future().unwrap().wait().unwrap_or_default(),
    |next| future::all(std::slice::from_ref(next)).remove(0),
    |next| future::race(std::slice::from_ref(next)),
];

/// Futures of which each awaits the next, and the last the first.
struct Ring {
    futures: Vec<Value>,
    /// Through these they know each other; they are circles of references.
    cells: Vec<Value>,
}

impl Ring {
    fn new(len: usize, awaits: Await) -> Self {
        let cells: Vec<_> = (0..len).map(|_| Value::array(Vec::new())).collect();
        let future = |cell: &Value| {
            let cell = cell.clone();
            Value::future_of(move || {
                let next = cell.as_array().unwrap().get(0).unwrap();
                assert!(awaits(&next).is_nil(), "a rejected future gives nil");
                Value::int(1)
            })
        };
        let futures: Vec<_> = cells.iter().map(future).collect();
        for (i, cell) in cells.iter().enumerate() {
            assert!(cell.as_array().unwrap().push(futures[(i + 1) % len].clone()));
        }
        Self { futures, cells }
    }

    fn assert_rejected(&self) {
        for future in &self.futures {
            assert_eq!(error_of(future), ERROR);
            assert_eq!(wait(future), None);
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.cells.iter().for_each(|cell| cell.as_array().unwrap().clear());
    }
}

#[test]
fn rings_on_the_calling_thread_are_rejected_with_a_clear_error() {
    let _alone = alone_with(1);
    // A race has a worker begin the next one: such a ring lies on several threads.
    for (longest, awaits) in [(1000, AWAITS[0]), (1000, AWAITS[1]), (1, AWAITS[2])] {
        for len in [1, 2, 3, 1000].into_iter().filter(|&len| len <= longest) {
            let ring = Ring::new(len, awaits);
            assert_eq!(wait(&ring.futures[len / 2]), None);
            ring.assert_rejected();
        }
    }
    assert!(message().contains("awaits itself"), "{}", message());
}

#[test]
fn rings_on_the_only_worker_are_rejected() {
    let _alone = alone_with(1);
    for len in [1, 2, 3] {
        for awaits in AWAITS {
            let ring = Ring::new(len, awaits);
            assert!(ring.futures[0].as_future().unwrap().wait_timeout(Duration::MAX));
            ring.assert_rejected();
        }
    }
}

#[test]
fn rings_in_a_poll_are_rejected() {
    let _alone = alone_by_hand();
    for len in [1, 2, 3] {
        for awaits in AWAITS {
            let ring = Ring::new(len, awaits);
            assert!(ring.futures[0].as_future().unwrap().start());
            assert_eq!(executor::poll_all(), 1);
            ring.assert_rejected();
        }
    }
}

#[test]
fn the_c_caller_of_a_ring_gets_nil_and_a_message() {
    extern "C-unwind" fn awaits_what_the_context_holds(context: RuntimeValue) -> Value {
        // SAFETY: the runtime keeps the context alive during the call.
        let cell = unsafe { Value::borrow(&context) };
        let itself = cell.as_array().unwrap().get(0).unwrap();
        // SAFETY: as above.
        unsafe { simple_runtime::ffi::future::rt_future_await(itself.raw()) }
    }
    let _alone = alone();
    let cell = Value::array(Vec::new());
    let future = Value::future(Some(awaits_what_the_context_holds), cell.clone());
    assert!(cell.as_array().unwrap().push(future.clone()));
    // SAFETY: the future is alive during the call.
    assert!(unsafe { simple_runtime::ffi::future::rt_future_await(future.raw()) }.is_nil());
    assert_eq!(error_of(&future), ERROR);
    assert!(message().contains("awaits itself"), "{}", message());
    cell.as_array().unwrap().clear();
}

/// Only futures that wait for themselves are rejected: neither an outsider that waits for the ring, nor
/// a future that a member awaited before.
#[test]
fn futures_outside_of_the_ring_are_fulfilled() {
    let _alone = alone_with(1);
    let ring = Ring::new(2, AWAITS[0]);
    let member = ring.futures[0].clone();
    let bystander = Value::future_of(|| Value::int(5));
    let known = bystander.clone();
    let outside =
        Value::future_of(move || Value::int(wait(&known).unwrap() + wait(&member).unwrap_or(100)));
    assert_eq!(wait(&outside), Some(105));
    assert_eq!(wait(&bystander), Some(5));
    ring.assert_rejected();
}

/// A race between itself and another is no ring: the other one can win.
#[test]
fn a_race_with_one_that_can_win_is_no_ring() {
    let _alone = alone_with(1);
    for by_worker in [false, true] {
        let cell = Value::array(vec![Value::future_of(|| Value::int(3))]);
        let items = cell.clone();
        let future = Value::future_of(move || future::race(&items.as_array().unwrap().to_vec()));
        assert!(cell.as_array().unwrap().push(future.clone()));
        if by_worker {
            assert!(future.as_future().unwrap().wait_timeout(Duration::MAX));
        }
        assert_eq!(wait(&future), Some(3));
        cell.as_array().unwrap().clear();
    }
}

/// A limit ends the wait for oneself too, and leaves the future as it is.
#[test]
fn to_wait_for_oneself_with_a_limit_ends_with_it() {
    let _alone = alone_with(1);
    let cell = Value::array(Vec::new());
    let items = cell.clone();
    let future = Value::future_of(move || {
        let itself = items.as_array().unwrap().get(0).unwrap();
        let done = itself.as_future().unwrap().wait_timeout(Duration::from_millis(1));
        Value::bool(done)
    });
    assert!(cell.as_array().unwrap().push(future.clone()));
    let result = future.as_future().unwrap().wait().unwrap();
    assert_eq!(result.as_bool(), Some(false));
    cell.as_array().unwrap().clear();
}

/// A ring through a panic: the panic is what went wrong first.
#[test]
fn a_member_that_panics_keeps_its_own_message() {
    let _alone = alone_with(1);
    let cell = Value::array(Vec::new());
    let items = cell.clone();
    let future = Value::future_of(move || {
        let itself = items.as_array().unwrap().get(0).unwrap();
        assert_eq!(int(itself.as_future().unwrap().wait()), None);
        panic!("no result of my own")
    });
    assert!(cell.as_array().unwrap().push(future.clone()));
    assert_eq!(wait(&future), None);
    assert_eq!(error_of(&future), "no result of my own");
    cell.as_array().unwrap().clear();
}
