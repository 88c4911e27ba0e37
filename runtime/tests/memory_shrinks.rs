//! Channels and arrays give memory back when they hold far more than they use.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/c.rs"]
mod c;

use allocations::balance_of;
use c::*;
use simple_runtime::Value;

const MANY: i64 = 100_000;
/// Bytes that may be kept for the next values.
const KEPT_BYTES: isize = 8 << 10;

/// Bytes that a container keeps after it was filled with many numbers and emptied.
fn kept_bytes(container: &Value, fill: impl Fn(&Value, &Value), empty: impl Fn(&Value)) -> isize {
    let ((), balance) = balance_of(|| {
        for n in 0..MANY {
            fill(container, &rt_value_int(n));
        }
        empty(container);
    });
    balance.bytes
}

fn push(array: &Value, item: &Value) {
    assert!(rt_array_push(array, item));
}

fn send(channel: &Value, item: &Value) {
    assert_eq!(rt_channel_send(channel, item), 1);
}

#[test]
fn a_channel_that_was_emptied_keeps_little() {
    let channel = rt_channel_new();
    for _ in 0..3 {
        let kept = kept_bytes(&channel, send, |channel| {
            for n in 0..MANY {
                assert_eq!(rt_value_as_int(&rt_channel_recv(channel)), n);
            }
        });
        assert!(kept <= KEPT_BYTES, "{kept}");
    }
}

#[test]
fn an_array_that_was_emptied_item_by_item_keeps_little() {
    let array = rt_array_new(0);
    let kept = kept_bytes(&array, push, |array| {
        for n in (0..MANY).rev() {
            assert_eq!(rt_value_as_int(&rt_array_pop(array)), n);
        }
    });
    assert!(kept <= KEPT_BYTES, "{kept}");
}

#[test]
fn an_array_that_was_cleared_keeps_nothing() {
    let array = rt_array_new(0);
    let kept = kept_bytes(&array, push, |array| assert!(rt_array_clear(array)));
    assert!(kept <= 0, "{kept}");
}

/// A queue that always holds about as much takes no memory again and again.
#[test]
fn a_channel_in_steady_use_keeps_its_memory() {
    let channel = rt_channel_new();
    (0..1000).for_each(|n| send(&channel, &rt_value_int(n)));
    let ((), balance) = balance_of(|| {
        for n in 0..MANY {
            send(&channel, &rt_value_int(1000 + n));
            assert_eq!(rt_value_as_int(&rt_channel_recv(&channel)), n);
        }
    });
    assert_eq!((balance.blocks, balance.bytes), (0, 0));
}
