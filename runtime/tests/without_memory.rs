//! No memory: each call that needs some says so, gives its error value, and leaves what there
//! was as it was. Each test alone in its process, whose memory it limits.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/c.rs"]
mod c;
#[path = "common/child.rs"]
mod child;

use address_space::with_little_left;
use c::*;
use simple_runtime::{RuntimeValue, Value, objects_of_this_thread};

const MIB: u64 = 1 << 20;
/// More than any test leaves room for.
const MANY: usize = 3_000_000;

/// Runs `test` in a process of its own, with memory for messages whatever the limit.
fn alone(name: &str, test: impl FnOnce()) {
    if !child::is_child(name) {
        child::run(&mut child::command(name));
        return;
    }
    // The allocator keeps small blocks that were given back.
    drop(Vec::from_iter((0..10_000).map(|i| Box::new([i; 12]))));
    test();
}

/// Calls `make` until it gives nil, which must come with a message.
fn until_nil(name: &str, make: impl Fn() -> Value) {
    let mut made = Vec::with_capacity(MANY);
    // One of each before the limit: what the first one takes is not the question.
    drop(make());
    with_little_left(MIB, || {
        while made.len() < MANY {
            let (value, message) = with_message(&make);
            if rt_value_is_nil(&value) {
                let message = message.expect("it failed");
                assert!(message.starts_with(name) && message.contains("memory"), "{message}");
                break;
            }
            made.push(value);
        }
    });
    assert!((1..MANY).contains(&made.len()), "{name}: {}", made.len());
    made.clear();
    assert!(!rt_value_is_nil(&make()), "with memory again, it works again");
}

#[test]
fn numbers_are_nil_with_a_message() {
    alone("numbers_are_nil_with_a_message", || {
        until_nil("rt_value_float", || rt_value_float(0.1));
        until_nil("rt_value_int", || rt_value_int(i64::MAX));
    });
}

#[test]
fn containers_and_futures_are_nil_with_a_message() {
    alone("containers_and_futures_are_nil_with_a_message", || {
        until_nil("rt_channel_new", rt_channel_new);
        until_nil("rt_future_new", || rt_future_new(0, &rt_value_int(1)));
        until_nil("rt_future_resolve", || rt_future_resolve(&rt_value_int(1)));
        until_nil("rt_future_reject", || rt_future_reject(&rt_value_int(1)));
    });
}

#[test]
fn strings_and_arrays_are_nil_with_a_message() {
    alone("strings_and_arrays_are_nil_with_a_message", || {
        let text = vec![b'x'; 16 << 20];
        let array = || rt_array_new(16 << 20);
        with_little_left(2 * MIB, || {
            assert!(rt_value_is_nil(&failing("rt_string_new", || rt_string_new(&text))));
            assert!(rt_value_is_nil(&failing("rt_array_new", array)));
        });
        assert_eq!(rt_string_len(&rt_string_new(&text)), 16 << 20);
    });
}

#[test]
fn a_push_without_memory_is_refused_and_the_array_stays() {
    alone("a_push_without_memory_is_refused_and_the_array_stays", || {
        let (array, item) = (rt_array_new(0), rt_value_int(7));
        let (pushed, message) = with_little_left(8 * MIB, || {
            let mut pushed = 0;
            loop {
                let (ok, message) = with_message(|| rt_array_push(&array, &item));
                match message {
                    None => pushed += i64::from(ok),
                    Some(message) => break (pushed, message),
                }
            }
        });
        assert_eq!(message, "rt_array_push: not enough memory");
        assert!(pushed > 1000);
        assert_eq!(rt_array_len(&array), pushed);
        assert_eq!(rt_value_as_int(&rt_array_get(&array, -1)), 7);
        assert!(rt_array_push(&array, &item), "with memory again, it works again");
    });
}

#[test]
fn a_send_without_memory_is_refused_and_the_channel_stays() {
    alone("a_send_without_memory_is_refused_and_the_channel_stays", || {
        let (channel, item) = (rt_channel_new(), rt_value_int(7));
        let (sent, message) = with_little_left(8 * MIB, || {
            let mut sent = 0;
            loop {
                let (ok, message) = with_message(|| rt_channel_send(&channel, &item));
                match message {
                    None => sent += ok,
                    Some(message) => break (sent, message),
                }
            }
        });
        assert_eq!(message, "rt_channel_send: not enough memory");
        assert!(sent > 1000);
        let received = (0..sent).map(|_| rt_value_as_int(&rt_channel_try_recv(&channel)));
        assert!(received.into_iter().all(|n| n == 7));
        assert!(rt_value_is_nil(&rt_channel_try_recv(&channel)));
        assert_eq!(rt_channel_send(&channel, &item), 1, "with memory again, it works again");
    });
}

extern "C-unwind" fn never_runs(_: RuntimeValue) -> Value {
    std::process::abort()
}

extern "C-unwind" fn never_runs_either(_: RuntimeValue, _: RuntimeValue) -> Value {
    std::process::abort()
}

#[test]
fn a_copy_without_memory_is_nil_and_no_thread_gets_it() {
    alone("a_copy_without_memory_is_nil_and_no_thread_gets_it", || {
        let text = rt_string_new(&vec![b'x'; 64 << 20]);
        // An array that stands in itself, with something to copy before the large text.
        let array = rt_array_new(0);
        for item in [&array, &rt_value_float(0.1), &text, &rt_value_int(7)] {
            assert!(rt_array_push(&array, item));
        }
        let before = objects_of_this_thread();
        with_little_left(20 * MIB, || {
            for data in [&text, &array] {
                let copy = || rt_value_deep_copy(data);
                assert!(rt_value_is_nil(&failing("rt_value_deep_copy", copy)));
                let spawn = || rt_thread_spawn_isolated(body(never_runs), data);
                assert_eq!(failing("rt_thread_spawn_isolated", spawn), 0);
                assert!(rt_last_error().contains("memory for a copy"), "{}", rt_last_error());
                let both = body_with_channel(never_runs_either);
                let spawn = || rt_thread_spawn_isolated2(both, data, data);
                assert_eq!(failing("rt_thread_spawn_isolated2", spawn), 0);
            }
        });
        assert_eq!(objects_of_this_thread(), before, "what was copied is freed, in rings too");
        assert_eq!(rt_string_len(&rt_value_deep_copy(&text)), 64 << 20);
        assert_eq!(rt_array_len(&rt_value_deep_copy(&array)), 4);
        rt_array_clear(&array);
    });
}
