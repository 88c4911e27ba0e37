//! Words and boxes: exact bit patterns, numbers that survive whole, and what can be asked of
//! any value.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/c.rs"]
mod c;

use allocations::{Balance, balance_of};
use c::*;
use proptest::prelude::*;
use simple_runtime::{HeapKind, Value};
use std::sync::Arc;

const SMALL_MAX: i64 = (1 << 60) - 1;
const SMALL_MIN: i64 = -(1 << 60);

const BOUNDARY_INTS: [i64; 14] = [
    0,
    1,
    -1,
    42,
    -8,
    SMALL_MAX - 1,
    SMALL_MAX,
    SMALL_MAX + 1,
    SMALL_MIN + 1,
    SMALL_MIN,
    SMALL_MIN - 1,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
];

/// Address of a heap value's object.
fn address(value: &Value) -> usize {
    assert_eq!(value.raw().to_bits() & 0b111, 0b001, "{value:?} does not live on the heap");
    (value.raw().to_bits() & !0b111) as usize
}

fn word(value: &Value) -> u64 {
    value.raw().to_bits()
}

fn kind(value: &Value) -> Option<HeapKind> {
    value.heap_kind()
}

#[test]
fn specials_have_their_bit_patterns() {
    assert_eq!(word(&rt_value_nil()), 0x3);
    assert_eq!(word(&rt_value_bool(true)), 0xb);
    assert_eq!(word(&rt_value_bool(false)), 0x13);
    assert_eq!(word(&Value::default()), 0x3);
    assert!(rt_value_as_bool(&rt_value_bool(true)));
    assert!(!quietly(|| rt_value_as_bool(&rt_value_bool(false))));
}

fn assert_int_survives(n: i64) {
    let value = rt_value_int(n);
    assert_eq!(rt_value_as_int(&value), n);
    assert_eq!(value.as_int(), Some(n));
    if (SMALL_MIN..=SMALL_MAX).contains(&n) {
        assert_eq!(word(&value), (n as u64) << 3, "{n} is its word");
        assert_eq!(kind(&value), None);
    } else {
        assert_eq!(kind(&value), Some(HeapKind::Int64), "{n} is boxed");
        assert_ne!(word(&value), word(&rt_value_int(n)), "each in a box of its own");
    }
}

#[test]
fn integers_are_shifted_words_and_beyond_61_bits_boxes() {
    BOUNDARY_INTS.into_iter().for_each(assert_int_survives);
}

fn assert_float_survives(bits: u64) {
    let value = rt_value_float(f64::from_bits(bits));
    assert_eq!(rt_value_as_float(&value).to_bits(), bits, "{bits:#x}");
    assert_eq!(value.as_float().map(f64::to_bits), Some(bits));
    if bits & 0b111 == 0 {
        assert_eq!(word(&value), bits | 0b010, "{bits:#x} is its word");
        assert_eq!(kind(&value), None);
    } else {
        assert_eq!(kind(&value), Some(HeapKind::Float64), "{bits:#x} is boxed");
    }
}

#[test]
fn floats_keep_every_bit() {
    let quiet_with_payload = 0x7ff8_0000_dead_beef;
    let signalling = 0x7ff0_0000_0000_0001;
    let smallest = 1;
    for bits in [quiet_with_payload, signalling, !0, 1 << 63, smallest, 0x8000_0000_0000_0001] {
        assert_float_survives(bits);
    }
    for x in [0.0, -0.0, 0.1, -0.1, 1.0, 1.5, f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::EPSILON] {
        assert_float_survives(x.to_bits());
    }
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, std::f64::consts::PI] {
        assert_float_survives(x.to_bits());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_integer_survives(n in any::<i64>(), shift in 0..64) {
        assert_int_survives(n);
        assert_int_survives(n >> shift);
    }

    #[test]
    fn any_float_survives_bit_for_bit(bits in any::<u64>(), low in 0..8_u64) {
        assert_float_survives(bits);
        assert_float_survives(bits & !0b111 | low);
    }
}

/// One value of every type, boxed numbers included, and what is said of it.
struct Row {
    value: Value,
    name: &'static str,
    truthy: bool,
    heap: bool,
}

fn every_type() -> Vec<Row> {
    let row = |value, name, truthy, heap| Row { value, name, truthy, heap };
    vec![
        row(rt_value_nil(), "nil", false, false),
        row(rt_value_bool(true), "bool", true, false),
        row(rt_value_bool(false), "bool", false, false),
        row(rt_value_int(0), "int", false, false),
        row(rt_value_int(-7), "int", true, false),
        row(rt_value_int(i64::MIN), "int", true, true),
        row(rt_value_float(0.0), "float", false, false),
        row(rt_value_float(-0.0), "float", false, false),
        row(rt_value_float(0.5), "float", true, false),
        row(rt_value_float(0.1), "float", true, true),
        row(rt_value_float(f64::from_bits(1)), "float", true, true),
        row(rt_value_float(f64::NAN), "float", true, false),
        row(rt_value_float(f64::from_bits(f64::NAN.to_bits() | 1)), "float", true, true),
        row(rt_string_new(b""), "string", true, true),
        row(rt_string_new(b"text"), "string", true, true),
        row(rt_array_new(0), "array", true, true),
        row(rt_channel_new(), "channel", true, true),
        row(rt_future_resolve(&rt_value_nil()), "future", true, true),
        row(rt_future_new(0, &rt_value_nil()), "future", true, true),
    ]
}

#[test]
fn truth_names_and_types_of_every_type() {
    for Row { value, name, truthy, heap } in every_type() {
        let what = format!("{name} {value:?}");
        assert_eq!(rt_value_type_name(&value), name, "{what}");
        assert_eq!(rt_value_truthy(&value), truthy, "{what}");
        assert_eq!(value.is_truthy(), truthy, "{what}");
        assert_eq!(rt_value_is_heap(&value), heap, "{what}");
        assert_eq!(rt_value_is_int(&value), name == "int", "{what}");
        assert_eq!(rt_value_is_float(&value), name == "float", "{what}");
        assert_eq!(rt_value_is_bool(&value), name == "bool", "{what}");
        assert_eq!(rt_value_is_nil(&value), name == "nil", "{what}");
    }
}

#[test]
fn numbers_of_the_wrong_type_are_answered_with_zero_and_a_message() {
    for Row { value, name, .. } in every_type() {
        if name != "int" {
            assert_eq!(failing("rt_value_as_int", || rt_value_as_int(&value)), 0);
        }
        if name != "float" {
            let x = failing("rt_value_as_float", || rt_value_as_float(&value));
            assert_eq!(x.to_bits(), 0);
        }
        if name != "bool" {
            assert!(!failing("rt_value_as_bool", || rt_value_as_bool(&value)));
        }
    }
}

/// The eight bytes that compiled code reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
struct CHeader {
    kind: u8,
    flags: u8,
    reserved: u16,
    size_bytes: u32,
}

fn header(value: &Value) -> CHeader {
    // SAFETY: the value keeps its object alive, and objects start with such a header.
    unsafe { *(address(value) as *const CHeader) }
}

#[test]
fn heap_objects_start_with_type_flags_reserved_and_size() {
    let text = rt_string_new(b"text");
    // The size is that of the fixed part, with a string's text and its NUL.
    let string = |text: &[u8]| 24 + text.len() as u32 + 1;
    const TEXT: &[u8] = b"some text of 24 bytes...";
    type Make = fn() -> Value;
    let made: [(u8, u32, Make); 8] = [
        (1, string(TEXT), || rt_string_new(TEXT)),
        (1, string(b""), || rt_string_new(b"")),
        (2, 64, || rt_array_new(0)),
        (8, 40, || rt_future_new(0, &rt_value_nil())),
        (8, 40, || rt_future_reject(&rt_value_nil())),
        (0x0e, 152, rt_channel_new),
        (0x20, 24, || rt_value_int(i64::MAX)),
        (0x21, 24, || rt_value_float(0.1)),
    ];
    for (kind, size_bytes, make) in made {
        let (value, balance) = balance_of(make);
        let expected = CHeader { kind, flags: 0, reserved: 0, size_bytes };
        let one_object = Balance { blocks: 0, bytes: 0, objects: 1 };
        assert_eq!(balance, one_object, "one allocation: {value:?}");
        assert_eq!(header(&value), expected, "{value:?}");
    }
    // Making a copy of another type does not change what is there.
    let before = header(&text);
    drop(rt_value_deep_copy(&text));
    assert_eq!(header(&text), before);
}

#[test]
fn heap_objects_are_aligned_to_8_bytes() {
    let texts: Vec<_> = (0..100).map(|len| rt_string_new(&vec![b'x'; len])).collect();
    for text in &texts {
        assert_eq!(address(text) % 8, 0);
    }
}

#[test]
fn an_object_lives_until_as_many_releases_as_references() {
    let captured = Arc::new(());
    let alive = || Arc::strong_count(&captured) == 2;
    let inner = captured.clone();
    let object = Value::future_of(move || {
        drop(inner);
        Value::nil()
    });
    let mut references = vec![object];
    for _ in 0..1000 {
        let retained = rt_value_retain(&references[0]);
        assert_eq!(word(&retained), word(&references[0]), "retain returns the value");
        references.push(retained);
    }
    let last = references.pop().unwrap();
    for reference in references {
        rt_value_release(reference);
        assert!(alive());
    }
    rt_value_release(last);
    assert!(!alive());
}

#[test]
fn retain_and_release_leave_what_is_no_heap_value_alone() {
    for value in [rt_value_nil(), rt_value_int(7), rt_value_bool(true), rt_value_float(0.5)] {
        let retained = rt_value_retain(&value);
        assert_eq!(word(&retained), word(&value));
        let copy = rt_value_deep_copy(&value);
        assert_eq!(word(&copy), word(&value));
        rt_value_release(retained);
    }
}
