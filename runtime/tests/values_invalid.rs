//! Words that are no value (other tags, other specials, the heap tag without an object of ours)
//! are to every call a value of the wrong type, and pass through containers unchanged.

#[path = "common/c.rs"]
mod c;
mod common;

use c::*;
use common::alone;
use proptest::prelude::*;
use simple_runtime::{RuntimeValue, Value};

const INVALID: [u64; 24] = [
    0x1, // the heap tag over a null pointer
    0x4,
    0x5,
    0x6,
    0x7,
    0x1b, // the first special that does not exist
    0x23,
    !0 << 3 | 0x3,
    !0,
    !0 << 3 | 0x4,
    1 << 63 | 0x5,
    0x7fff_ffff_ffff_fff6,
    0xdead_beef << 3 | 0x7,
    1 << 48 | 0x4,
    // The heap tag by chance: small numbers, and addresses that no process has.
    9,
    17,
    25,
    0x1001,
    0xfff9,
    0xffff_fff1,
    1 << 47 | 0x1,
    1 << 48 | 0x1,
    !0 << 48 | 0x1001,
    !0 << 3 | 0x1,
];

/// Words with the heap tag at memory that holds no object: of others, of nobody, of ours.
fn words_of_memory() -> Vec<u64> {
    static STATIC: [u64; 4] = [1; 4];
    let (stack, heap, object) = ([1_u64; 4], Box::new([1_u64; 4]), rt_value_float(0.1));
    let address = |memory: &[u64; 4]| memory.as_ptr() as u64 | 1;
    let slot = word(&object);
    let in_segment = |offset: u64| slot & !0xff_ffff | offset | 1;
    let mut words = vec![address(&stack), address(&heap), address(&STATIC)];
    words.push(words_of_memory as *const () as u64 & !0b111 | 1);
    // Inside of an object, and slots of our own that were never used.
    words.extend([slot + 8, slot + 16, in_segment(0xff_ffe0), in_segment(0xff_fff8)]);
    words
}

/// Words of objects that are dead. Made one at a time: the memory of one may be the next one's.
fn make_dead() -> [fn() -> Value; 8] {
    [
        || rt_string_new(b"text"),
        || rt_string_new(&[b'x'; 500]),
        || rt_array_new(3),
        || rt_future_new(0, &rt_value_nil()),
        || rt_future_resolve(&rt_value_nil()),
        rt_channel_new,
        || rt_value_int(i64::MAX),
        || rt_value_float(0.1),
    ]
}

fn word(value: &Value) -> u64 {
    value.raw().to_bits()
}

fn nil(value: &Value) -> bool {
    rt_value_is_nil(value)
}

fn is_answered_by_the_calls_of_values(bits: u64) {
    let value = invalid(bits);
    assert_eq!(rt_value_type_name(&value), "invalid", "{bits:#x}");
    assert!(!rt_value_truthy(&value), "{bits:#x}");
    for is_of_type in [rt_value_is_int, rt_value_is_float, rt_value_is_bool, rt_value_is_nil] {
        assert!(!is_of_type(&value), "{bits:#x}");
    }
    assert!(!rt_value_is_heap(&value), "{bits:#x}");
    assert_eq!(failing("rt_value_as_int", || rt_value_as_int(&value)), 0);
    assert_eq!(failing("rt_value_as_float", || rt_value_as_float(&value)), 0.0);
    assert!(!failing("rt_value_as_bool", || rt_value_as_bool(&value)));
    assert_eq!(word(&rt_value_deep_copy(&value)), bits);
    let retained = rt_value_retain(&value);
    assert_eq!(word(&retained), bits);
    rt_value_release(retained);
    assert_eq!(format!("{value:?}"), "invalid");
}

fn is_no_container(bits: u64) {
    let (value, item) = (invalid(bits), rt_value_int(1));
    assert!(failing("rt_string_data", || rt_string_data(&value)).is_null());
    assert_eq!(failing("rt_string_len", || rt_string_len(&value)), -1);
    assert!(!failing("rt_array_push", || rt_array_push(&value, &item)));
    assert!(!failing("rt_array_set", || rt_array_set(&value, 0, &item)));
    assert!(!failing("rt_array_clear", || rt_array_clear(&value)));
    assert!(nil(&failing("rt_array_get", || rt_array_get(&value, 0))));
    assert!(nil(&failing("rt_array_pop", || rt_array_pop(&value))));
    assert_eq!(failing("rt_array_len", || rt_array_len(&value)), -1);
    assert_eq!(failing("rt_channel_send", || rt_channel_send(&value, &item)), 0);
    assert!(nil(&failing("rt_channel_recv", || rt_channel_recv(&value))));
    assert!(nil(&failing("rt_channel_try_recv", || rt_channel_try_recv(&value))));
    assert!(nil(&failing("rt_channel_recv_timeout", || rt_channel_recv_timeout(&value, 0))));
    assert_eq!(failing("rt_channel_close", || rt_channel_close(&value)), 0);
    assert_eq!(failing("rt_channel_is_closed", || rt_channel_is_closed(&value)), 1);
    assert_eq!(failing("rt_channel_id", || rt_channel_id(&value)), 0);
    assert_eq!(failing("rt_channel_free", || rt_channel_free(invalid(bits))), 0);
}

fn is_no_future_nor_path(bits: u64) {
    let value = invalid(bits);
    assert!(nil(&failing("rt_future_await", || rt_future_await(&value))));
    assert_eq!(failing("rt_future_is_ready", || rt_future_is_ready(&value)), 0);
    assert!(nil(&failing("rt_future_get_result", || rt_future_get_result(&value))));
    assert!(nil(&failing("rt_future_all", || rt_future_all(&value))));
    assert!(nil(&failing("rt_future_race", || rt_future_race(&value))));
    assert_eq!(failing("rt_future_start", || rt_future_start(&value)), 0);
    assert_eq!(failing("rt_future_state", || rt_future_state(&value)), -1);
    assert!(nil(&failing("rt_future_error", || rt_future_error(&value))));
    assert_eq!(failing("rt_future_await_timeout", || rt_future_await_timeout(&value, 0)), -1);
    assert_eq!(failing("rt_future_cancel", || rt_future_cancel(&value)), 0);
    let create = || native_async_file_create(&value, 0, 0);
    assert_eq!(failing("native_async_file_create", create), 0);
}

fn passes_through_containers(bits: u64) {
    let value = invalid(bits);
    let array = rt_array_new(0);
    assert!(rt_array_push(&array, &value) && rt_array_set(&array, 0, &value));
    assert_eq!(word(&rt_array_get(&array, 0)), bits);
    assert_eq!(word(&rt_array_get(&rt_value_deep_copy(&array), 0)), bits);
    // As an item of `all` and `race` it stands for itself.
    assert_eq!(word(&rt_array_get(&rt_future_all(&array), 0)), bits);
    assert_eq!(word(&rt_future_race(&array)), bits);
    assert_eq!(word(&rt_array_pop(&array)), bits);
    let channel = rt_channel_new();
    assert_eq!(rt_channel_send(&channel, &value), 1);
    assert_eq!(word(&rt_channel_recv(&channel)), bits);
    assert_eq!(word(&rt_future_get_result(&rt_future_resolve(&value))), bits);
    assert_eq!(word(&rt_future_error(&rt_future_reject(&value))), bits);
}

extern "C-unwind" fn give_back(context: RuntimeValue) -> Value {
    rt_value_retain(lent(&context))
}

extern "C-unwind" fn give_back_the_channel(_data: RuntimeValue, channel: RuntimeValue) -> Value {
    rt_value_retain(lent(&channel))
}

fn passes_through_bodies(bits: u64) {
    let value = invalid(bits);
    assert_eq!(word(&rt_future_await(&rt_future_new(body(give_back), &value))), bits);
    assert!(rt_executor_submit(body(give_back), &value) > 0);
    let threads = [
        rt_thread_spawn_isolated(body(give_back), &value),
        rt_thread_spawn_isolated2(body_with_channel(give_back_the_channel), &value, &value),
    ];
    for thread in threads {
        assert_eq!(word(&rt_thread_join(thread)), bits);
        rt_thread_free(thread);
    }
}

#[test]
fn words_that_are_no_value_are_answered_by_every_call() {
    let _alone = alone();
    INVALID.into_iter().chain(words_of_memory()).for_each(every_call);
}

#[test]
fn words_of_dead_objects_are_answered_by_every_call() {
    let _alone = alone();
    for make in make_dead() {
        every_call(dead(make()));
    }
}

/// Every call with the word `bits`, the first of which make no objects: those may get the memory
/// of a dead one, until its word is kept somewhere.
fn every_call(bits: u64) {
    is_answered_by_the_calls_of_values(bits);
    is_no_container(bits);
    is_no_future_nor_path(bits);
    passes_through_containers(bits);
    passes_through_bodies(bits);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_word_that_is_no_value_is_answered(payload in any::<u64>(), tag in 0..8_u64) {
        let bits = payload << 3 | tag;
        let is_number = matches!(tag, 0 | 2);
        if !is_number && !matches!(bits, 0x3 | 0xb | 0x13) {
            is_answered_by_the_calls_of_values(bits);
            is_no_container(bits);
            is_no_future_nor_path(bits);
            passes_through_containers(bits);
        }
    }
}
