//! Strings: any UTF-8, nothing but UTF-8, and a NUL behind it for C.

#[path = "common/c.rs"]
mod c;

use c::*;
use proptest::prelude::*;
use simple_runtime::{Value, ffi};
use std::ffi::c_char;
use std::ptr;

/// The bytes of a string as C reads them, the NUL behind them included.
fn bytes_with_nul(string: &Value) -> Vec<u8> {
    let len = usize::try_from(rt_string_len(string)).unwrap();
    let data = rt_string_data(string).cast::<u8>();
    // SAFETY: the call promises `len` bytes and a NUL, valid while the string lives.
    unsafe { std::slice::from_raw_parts(data, len + 1) }.to_vec()
}

fn assert_survives(text: &str) {
    let string = rt_string_new(text.as_bytes());
    assert_eq!(rt_value_type_name(&string), "string");
    assert_eq!(string.as_str(), Some(text));
    assert_eq!(rt_string_len(&string), text.len() as i64);
    let bytes = bytes_with_nul(&string);
    assert_eq!(bytes.split_last(), Some((&0, text.as_bytes())), "a NUL follows the bytes");
}

/// rt_string_new of bytes that need not be there.
fn string_at(bytes: *const c_char, len: u64) -> Value {
    // SAFETY: the callers pass NULL, or a length that the call must refuse before it reads.
    unsafe { ffi::string::rt_string_new(bytes, len) }
}

fn is_nil(value: &Value) -> bool {
    rt_value_is_nil(value)
}

#[test]
fn utf8_survives() {
    for text in ["", "a", "naïve", "漢字", "🦀 \u{10ffff}", "\u{feff}bom", "a\r\n\t\"\\"] {
        assert_survives(text);
    }
    assert_survives(&"x".repeat(1 << 20));
}

#[test]
fn an_embedded_nul_belongs_to_the_string() {
    assert_survives("\0");
    assert_survives("a\0b");
    assert_survives("ends with\0");
}

#[test]
fn the_bytes_are_copied() {
    let mut bytes = b"before".to_vec();
    let string = rt_string_new(&bytes);
    bytes.copy_from_slice(b"after!");
    assert_eq!(string.as_str(), Some("before"));
}

#[test]
fn the_bytes_stay_where_they_are() {
    let string = rt_string_new(b"text");
    let retained = rt_value_retain(&string);
    assert_eq!(rt_string_data(&retained), rt_string_data(&string));
    let address = rt_string_data(&string);
    rt_value_release(string);
    assert_eq!(rt_string_data(&retained), address);
    assert_eq!(bytes_with_nul(&retained), b"text\0");
}

#[test]
fn invalid_utf8_is_nil_with_a_message() {
    let invalid: [&[u8]; 9] = [
        b"\xff",
        b"\x80",             // a continuation without a beginning
        b"a\xc3",            // cut off
        b"\xc0\xaf",         // longer than need be
        b"\xed\xa0\x80",     // a surrogate
        b"\xf4\x90\x80\x80", // beyond U+10FFFF
        b"\xf0\x9f\xa6",
        b"good until here \xfe",
        b"\0\xff\0",
    ];
    for bytes in invalid {
        assert!(is_nil(&failing("rt_string_new", || rt_string_new(bytes))), "{bytes:?}");
    }
}

#[test]
fn null_with_a_length_is_nil_with_a_message_and_without_one_is_empty() {
    for len in [1, 4096, i64::MAX as u64, u64::MAX] {
        assert!(is_nil(&failing("rt_string_new", || string_at(ptr::null(), len))), "{len}");
    }
    let empty = quietly(|| string_at(ptr::null(), 0));
    assert_eq!(empty.as_str(), Some(""));
    assert_eq!(bytes_with_nul(&empty), b"\0");
}

#[test]
fn a_length_beyond_all_memory_is_nil_with_a_message() {
    for len in [1 << 63, u64::MAX] {
        let string = failing("rt_string_new", || string_at(c"text".as_ptr(), len));
        assert!(is_nil(&string), "{len}");
    }
}

#[test]
fn what_is_no_string_has_no_bytes_and_length_minus_one() {
    let others = [
        rt_value_nil(),
        rt_value_bool(true),
        rt_value_int(0),
        rt_value_int(i64::MAX),
        rt_value_float(0.1),
        rt_array_new(0),
        rt_channel_new(),
        rt_future_new(0, &rt_value_nil()),
    ];
    for value in &others {
        assert_eq!(failing("rt_string_len", || rt_string_len(value)), -1, "{value:?}");
        assert!(failing("rt_string_data", || rt_string_data(value)).is_null(), "{value:?}");
        assert_eq!(value.as_str(), None);
    }
}

#[test]
fn a_type_name_is_a_string_for_ever() {
    let array = rt_array_new(0);
    let name = rt_value_type_name(&array);
    drop(array);
    assert_eq!(name, "array");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(text in any::<String>()) {
        assert_survives(&text);
    }

    #[test]
    fn any_bytes_are_a_string_exactly_if_they_are_utf8(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        match str::from_utf8(&bytes) {
            Ok(text) => assert_survives(text),
            Err(_) => prop_assert!(is_nil(&failing("rt_string_new", || rt_string_new(&bytes)))),
        }
    }
}
