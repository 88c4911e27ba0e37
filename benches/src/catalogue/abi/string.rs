//! Strings.

use super::{Call2, List, Release, asked_of, calls};
use anyhow::{Context, Result};
use simple_runtime::Value;
use simple_runtime::ffi::string::{rt_string_data, rt_string_len, rt_string_new};
use std::ffi::c_char;
use std::hint::black_box;

const FAMILY: &str = "string";
const TEXT: &str = "hello world";

fn text() -> Value {
    Value::string(TEXT)
}

pub(super) fn add(list: &mut List) {
    let why = "a literal: checked for UTF-8, copied into one block";
    list.add(FAMILY, "rt_string_new", why, |_| made(TEXT.to_owned())).quick();
    let why = "what checking and copying cost by length: a kilobyte";
    list.add(FAMILY, ("rt_string_new", "1000 bytes"), why, |_| made("x".repeat(1000)));
    list.add(FAMILY, "rt_string_data", "before every look at the bytes", |_| {
        let text = text();
        let bytes = text.as_str().context("a string")?.as_ptr();
        asked_of(text, rt_string_data, bytes.cast())
    });
    list.add(FAMILY, "rt_string_len", "before every loop over the bytes", |_| {
        asked_of(text(), rt_string_len, TEXT.len() as i64)
    });
}

fn made(text: String) -> Result<crate::Prepared> {
    let new = black_box(rt_string_new as Call2<*const c_char, u64, Value>);
    let release = Release::new();
    calls(1, move || {
        // SAFETY: the bytes are those of the closure's own text.
        release.give_back(unsafe { new(text.as_ptr().cast(), text.len() as u64) })
    })
}
