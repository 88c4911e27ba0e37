//! Channels: order, closing, waiting, and that each value arrives once.

#[path = "common/asleep.rs"]
mod asleep;
#[path = "common/c.rs"]
mod c;
#[path = "common/watchdog.rs"]
mod watchdog;

use asleep::{thread_number, wait_until_asleep};
use c::*;
use proptest::prelude::*;
use simple_runtime::Value;
use std::collections::{HashSet, VecDeque};
use std::sync::mpsc;
use std::thread;

fn send(channel: &Value, n: i64) -> i64 {
    rt_channel_send(channel, &rt_value_int(n))
}

fn number(value: &Value) -> Option<i64> {
    (!rt_value_is_nil(value)).then(|| rt_value_as_int(value))
}

/// Receives until the channel is closed and empty.
fn receive_all(channel: &Value) -> Vec<i64> {
    std::iter::from_fn(|| number(&rt_channel_recv(channel))).collect()
}

/// Runs `wait` on another thread, `act` once that thread sleeps, and returns the result of `wait`.
fn while_asleep<R: Send>(wait: impl FnOnce() -> R + Send, act: impl FnOnce()) -> R {
    let _watchdog = watchdog::watch("a blocked receiver");
    let (sender, numbers) = mpsc::channel();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            sender.send(thread_number()).unwrap();
            wait()
        });
        wait_until_asleep(numbers.recv().unwrap());
        act();
        waiter.join().unwrap()
    })
}

#[test]
fn values_come_out_in_the_order_they_were_sent() {
    let channel = rt_channel_new();
    for n in 0..1000 {
        assert_eq!(quietly(|| send(&channel, n)), 1);
    }
    for n in 0..1000 {
        let receive = match n % 3 {
            0 => rt_channel_recv(&channel),
            1 => rt_channel_try_recv(&channel),
            _ => rt_channel_recv_timeout(&channel, 0),
        };
        assert_eq!(number(&receive), Some(n));
    }
}

#[test]
fn try_recv_of_an_empty_channel_is_nil_and_no_failure() {
    let channel = rt_channel_new();
    for _ in 0..2 {
        assert!(rt_value_is_nil(&quietly(|| rt_channel_try_recv(&channel))));
    }
    send(&channel, 1);
    assert_eq!(number(&quietly(|| rt_channel_try_recv(&channel))), Some(1));
    assert!(rt_value_is_nil(&quietly(|| rt_channel_try_recv(&channel))));
}

#[test]
fn recv_timeout_of_an_empty_channel_is_nil_and_no_failure() {
    let channel = rt_channel_new();
    for ms in [i64::MIN, -1, 0, 1, 2] {
        assert!(rt_value_is_nil(&quietly(|| rt_channel_recv_timeout(&channel, ms))), "{ms}");
    }
}

#[test]
fn recv_timeout_with_a_value_takes_it_whatever_the_limit() {
    let channel = rt_channel_new();
    for ms in [i64::MIN, -1, 0, 1, i64::MAX] {
        send(&channel, ms);
        assert_eq!(number(&rt_channel_recv_timeout(&channel, ms)), Some(ms));
    }
}

#[test]
fn what_was_sent_before_the_close_is_received_and_then_nil() {
    let channel = rt_channel_new();
    (0..3).for_each(|n| assert_eq!(send(&channel, n), 1));
    assert_eq!(rt_channel_is_closed(&channel), 0);
    assert_eq!(rt_channel_close(&channel), 1);
    assert_eq!(rt_channel_is_closed(&channel), 1);
    assert_eq!(receive_all(&channel), [0, 1, 2]);
    for receive in [rt_channel_recv, rt_channel_try_recv, |c: &_| rt_channel_recv_timeout(c, 9)] {
        assert!(rt_value_is_nil(&quietly(|| receive(&channel))), "and does not block");
    }
}

#[test]
fn send_on_a_closed_channel_is_0_with_a_message() {
    let channel = rt_channel_new();
    assert_eq!(quietly(|| rt_channel_close(&channel)), 1);
    assert_eq!(failing("rt_channel_send", || send(&channel, 1)), 0);
    assert!(rt_value_is_nil(&rt_channel_recv(&channel)), "it was not added");
}

#[test]
fn only_the_first_close_returns_1() {
    let channel = rt_channel_new();
    assert_eq!(rt_channel_close(&channel), 1);
    assert_eq!(quietly(|| rt_channel_close(&channel)), 0);
    for _ in 0..100 {
        let channel = rt_channel_new();
        let closes: i64 = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|_| scope.spawn(|| rt_channel_close(&channel))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(closes, 1);
    }
}

#[test]
fn free_closes_and_gives_back_the_callers_reference() {
    let channel = rt_channel_new();
    let other = rt_value_retain(&channel);
    send(&channel, 7);
    assert_eq!(quietly(|| rt_channel_free(channel)), 1);
    assert_eq!(rt_channel_is_closed(&other), 1);
    assert_eq!(receive_all(&other), [7]);
    // Of a channel that was closed before, too.
    assert_eq!(quietly(|| rt_channel_free(other)), 1);
}

#[test]
fn ids_are_positive_and_never_given_twice() {
    let mut ids = HashSet::new();
    let kept: Vec<_> = (0..100).map(|_| rt_channel_new()).collect();
    for channel in &kept {
        let id = rt_channel_id(channel);
        assert!(id > 0 && ids.insert(id));
        assert_eq!(rt_channel_id(&rt_value_retain(channel)), id, "of every reference");
    }
    for _ in 0..100 {
        let channel = rt_channel_new();
        assert!(ids.insert(rt_channel_id(&channel)));
        rt_channel_free(channel);
    }
}

#[test]
fn what_is_no_channel_is_answered_with_a_message() {
    let others = || [rt_value_nil(), rt_value_int(1), rt_string_new(b"text"), rt_array_new(0)];
    for value in &others() {
        assert_eq!(failing("rt_channel_send", || send(value, 1)), 0);
        assert!(rt_value_is_nil(&failing("rt_channel_recv", || rt_channel_recv(value))));
        let receive = || rt_channel_recv_timeout(value, 1000);
        assert!(rt_value_is_nil(&failing("rt_channel_recv_timeout", receive)));
        assert!(rt_value_is_nil(&failing("rt_channel_try_recv", || rt_channel_try_recv(value))));
        assert_eq!(failing("rt_channel_close", || rt_channel_close(value)), 0);
        assert_eq!(failing("rt_channel_is_closed", || rt_channel_is_closed(value)), 1);
        assert_eq!(failing("rt_channel_id", || rt_channel_id(value)), 0);
    }
    for value in others() {
        assert_eq!(failing("rt_channel_free", || rt_channel_free(value)), 0);
    }
}

#[test]
fn a_blocked_receiver_is_woken_by_a_value() {
    for ms in [None, Some(i64::MAX)] {
        let channel = rt_channel_new();
        let receive = || match ms {
            None => rt_channel_recv(&channel),
            Some(ms) => rt_channel_recv_timeout(&channel, ms),
        };
        let received = while_asleep(receive, || assert_eq!(send(&channel, 7), 1));
        assert_eq!(number(&received), Some(7));
    }
}

#[test]
fn a_blocked_receiver_is_woken_by_close_and_by_free() {
    for ms in [None, Some(i64::MAX)] {
        for free in [false, true] {
            let channel = rt_channel_new();
            let theirs = rt_value_retain(&channel);
            let receive = move || match ms {
                None => rt_channel_recv(&theirs),
                Some(ms) => rt_channel_recv_timeout(&theirs, ms),
            };
            let end = || match free {
                true => assert_eq!(rt_channel_free(channel), 1),
                false => assert_eq!(rt_channel_close(&channel), 1),
            };
            assert!(rt_value_is_nil(&while_asleep(receive, end)));
        }
    }
}

#[test]
fn close_wakes_every_blocked_receiver() {
    let _watchdog = watchdog::watch("blocked receivers");
    let channel = rt_channel_new();
    let (sender, numbers) = mpsc::channel();
    thread::scope(|scope| {
        let receivers: Vec<_> = (0..5)
            .map(|_| {
                let sender = sender.clone();
                scope.spawn(|| {
                    { sender }.send(thread_number()).unwrap();
                    rt_channel_recv(&channel)
                })
            })
            .collect();
        numbers.iter().take(5).for_each(wait_until_asleep);
        assert_eq!(rt_channel_close(&channel), 1);
        for receiver in receivers {
            assert!(rt_value_is_nil(&receiver.join().unwrap()));
        }
    });
}

/// Senders' values are (sender, n): in order of n from each sender, and each just once.
fn assert_once_and_in_order(received: &[Vec<(i64, i64)>], senders: i64, each: i64) {
    for values in received {
        for sender in 0..senders {
            let of_one: Vec<_> = values.iter().filter(|v| v.0 == sender).collect();
            assert!(of_one.is_sorted_by(|a, b| a.1 < b.1), "one receiver sees them in order");
        }
    }
    let all: HashSet<_> = received.iter().flatten().collect();
    let count: usize = received.iter().map(Vec::len).sum();
    assert_eq!((all.len(), count), ((senders * each) as usize, (senders * each) as usize));
}

#[test]
fn each_value_is_received_once_and_in_its_senders_order() {
    const EACH: i64 = 5000;
    let _watchdog = watchdog::watch("senders and receivers");
    for (senders, receivers) in [(1, 1), (4, 1), (1, 4), (3, 3)] {
        let channel = rt_channel_new();
        let received: Vec<_> = thread::scope(|scope| {
            let receivers: Vec<_> =
                (0..receivers).map(|_| scope.spawn(|| receive_all(&channel))).collect();
            let send_all =
                |sender| (0..EACH).for_each(|n| assert_eq!(send(&channel, sender * EACH + n), 1));
            let senders: Vec<_> =
                (0..senders).map(|sender| scope.spawn(move || send_all(sender))).collect();
            senders.into_iter().for_each(|sender| sender.join().unwrap());
            assert_eq!(rt_channel_close(&channel), 1);
            let split = |n: i64| (n / EACH, n % EACH);
            let numbers = receivers.into_iter().map(|receiver| receiver.join().unwrap());
            numbers.map(|numbers| numbers.into_iter().map(split).collect()).collect()
        });
        assert_once_and_in_order(&received, senders, EACH);
    }
}

#[test]
fn a_close_beside_sends_loses_nothing_that_was_accepted() {
    let _watchdog = watchdog::watch("senders and a receiver");
    for _ in 0..50 {
        let channel = rt_channel_new();
        let (accepted, received) = thread::scope(|scope| {
            let senders: Vec<_> = (0..2)
                .map(|_| scope.spawn(|| (0..).take_while(|&n| send(&channel, n) == 1).count()))
                .collect();
            let receiver = scope.spawn(|| receive_all(&channel).len());
            thread::yield_now();
            rt_channel_close(&channel);
            let accepted: usize = senders.into_iter().map(|thread| thread.join().unwrap()).sum();
            (accepted, receiver.join().unwrap())
        });
        assert_eq!(accepted, received);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_channel_is_like_a_queue(ops in prop::collection::vec(0..20_u8, 0..100)) {
        let (channel, mut queue, mut open) = (rt_channel_new(), VecDeque::new(), true);
        for (n, op) in (0..).zip(ops) {
            match op {
                0..10 => {
                    prop_assert_eq!(send(&channel, n), i64::from(open));
                    queue.extend(open.then_some(n));
                }
                10..14 => prop_assert_eq!(number(&rt_channel_try_recv(&channel)), queue.pop_front()),
                14..18 => {
                    let received = number(&rt_channel_recv_timeout(&channel, 0));
                    prop_assert_eq!(received, queue.pop_front());
                }
                18 if open && queue.is_empty() => {} // would wait for ever
                18 => prop_assert_eq!(number(&rt_channel_recv(&channel)), queue.pop_front()),
                _ => {
                    prop_assert_eq!(rt_channel_close(&channel), i64::from(open));
                    open = false;
                }
            }
            prop_assert_eq!(rt_channel_is_closed(&channel), i64::from(!open));
        }
    }
}

/// Processor time that the calling thread has used.
fn used_nanoseconds() -> i64 {
    let mut used = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut used) }, 0);
    used.tv_sec * 1_000_000_000 + used.tv_nsec
}

/// The least that a thousand calls take of the processor, of several tries.
fn cost_of(call: impl Fn()) -> i64 {
    let tries = (0..20).map(|_| {
        let before = used_nanoseconds();
        (0..1000).for_each(|_| call());
        used_nanoseconds() - before
    });
    tries.min().unwrap()
}

/// Spinning would cost a thousand times as much, so the bound is no matter of the machine.
#[test]
fn a_limit_of_zero_or_less_looks_once_and_never_spins() {
    let channel = rt_channel_new();
    let look = cost_of(|| assert!(rt_value_is_nil(&rt_channel_try_recv(&channel))));
    for limit in [0, -1, i64::MIN] {
        let timed = cost_of(|| {
            assert!(rt_value_is_nil(&quietly(|| rt_channel_recv_timeout(&channel, limit))));
        });
        // `quietly` makes messages.
        let quiet_look = cost_of(|| drop(quietly(|| rt_channel_try_recv(&channel))));
        assert!(timed < 10 * (quiet_look + look), "{limit}: {timed} ns, a look {look} ns");
    }
}
