//! Objects that are dead: releasing one again does nothing, and a word that was kept never comes
//! to name another object.

#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::{RuntimeValue, Value};

/// One object of each type.
fn one_of_each() -> Vec<Value> {
    vec![
        rt_string_new(b"text"),
        rt_string_new(&[b'x'; 500]),
        rt_array_new(3),
        rt_future_new(0, &rt_value_nil()),
        rt_channel_new(),
        rt_value_int(i64::MAX),
        rt_value_float(0.1),
    ]
}

fn word(value: &Value) -> u64 {
    value.raw().to_bits()
}

#[test]
fn a_second_release_does_nothing() {
    for object in one_of_each() {
        let bits = dead(object);
        for _ in 0..3 {
            rt_value_release(invalid(bits));
        }
        assert_eq!(rt_value_type_name(&invalid(bits)), "invalid");
        let (one, other) = (one_of_each(), one_of_each());
        let words = one.iter().chain(&other).map(word);
        let distinct: std::collections::HashSet<_> = words.collect();
        assert_eq!(distinct.len(), one.len() + other.len(), "each has memory of its own");
    }
}

#[test]
fn retaining_a_dead_object_does_not_bring_it_back() {
    for object in one_of_each() {
        let bits = dead(object);
        assert_eq!(word(&rt_value_retain(&invalid(bits))), bits);
        assert!(!rt_value_is_heap(&invalid(bits)));
    }
}

/// Keeps a dead word, makes objects that could get its memory, and lets the word go again.
fn is_kept_alone(keep: impl Fn(&Value) -> Value) {
    for object in one_of_each() {
        let bits = dead(object);
        let keeper = keep(&invalid(bits));
        let later: Vec<_> = (0..200).flat_map(|_| one_of_each()).collect();
        assert!(later.iter().all(|object| word(object) != bits));
        drop(keeper);
        assert!(later.iter().all(rt_value_is_heap), "the keeper released nothing");
        assert!(later.iter().filter_map(Value::as_str).all(|text| text.len() % 4 == 0));
    }
}

#[test]
fn a_dead_word_in_an_array_names_no_later_object() {
    is_kept_alone(|dead| {
        let array = rt_array_new(0);
        assert!(rt_array_push(&array, dead) && rt_array_push(&array, dead));
        array
    });
}

#[test]
fn a_dead_word_in_a_channel_names_no_later_object() {
    is_kept_alone(|dead| {
        let channel = rt_channel_new();
        assert_eq!(rt_channel_send(&channel, dead), 1);
        channel
    });
}

#[test]
fn a_dead_context_or_result_names_no_later_object() {
    is_kept_alone(|dead| rt_future_new(0, dead));
    is_kept_alone(rt_future_resolve);
    is_kept_alone(rt_future_reject);
}

extern "C-unwind" fn give_back_unretained(context: RuntimeValue) -> Value {
    // SAFETY: the word is of a dead object, which is as good as an integer.
    unsafe { Value::from_raw(context) }
}

#[test]
fn a_dead_word_returned_by_a_body_names_no_later_object() {
    is_kept_alone(|dead| {
        let future = rt_future_new(body(give_back_unretained), dead);
        assert_eq!(word(&rt_future_await(&future)), word(dead));
        future
    });
}
