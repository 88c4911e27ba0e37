//! Words: making, asking, counting references.

use super::{Call1, List, Release, asked_of, calls, made_from};
use simple_runtime::ffi::CBool;
use simple_runtime::ffi::value::*;
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "value";
/// Outside of 61 bits.
const BIG: i64 = i64::MAX;
/// Needs all of its 64 bits.
const LONG: f64 = 0.1;
const SHORT: f64 = 1.5;

pub(super) fn add(list: &mut List) {
    makers(list);
    numbers(list);
    questions(list);
    references(list);
}

fn makers(list: &mut List) {
    let why = "the most frequent value: must not touch memory";
    list.add(FAMILY, "rt_value_int", why, |_| {
        let int = black_box(rt_value_int as extern "C" fn(i64) -> Value);
        calls(Value::int(7).raw().to_bits(), move || int(7).into_raw().to_bits())
    })
    .quick();
    let why = "what an integer costs that does not fit into the word";
    list.add(FAMILY, ("rt_value_int", "boxed"), why, |_| {
        let (int, release) =
            (black_box(rt_value_int as extern "C" fn(i64) -> Value), Release::new());
        calls(1, move || release.give_back(int(BIG)))
    });
    let why = "floats of few digits: must not touch memory";
    list.add(FAMILY, "rt_value_float", why, |_| {
        let float = black_box(rt_value_float as extern "C" fn(f64) -> Value);
        calls(Value::float(SHORT).raw().to_bits(), move || float(SHORT).into_raw().to_bits())
    });
    let why = "the price of keeping all bits of a float such as 0.1";
    list.add(FAMILY, ("rt_value_float", "boxed"), why, |_| {
        let (float, release) =
            (black_box(rt_value_float as extern "C" fn(f64) -> Value), Release::new());
        calls(1, move || release.give_back(float(LONG)))
    });
    list.add(FAMILY, "rt_value_bool", "the result of every comparison", |_| {
        let bool = black_box(rt_value_bool as extern "C" fn(CBool) -> Value);
        calls(RuntimeValue::TRUE.to_bits(), move || bool(true.into()).into_raw().to_bits())
    });
    list.add(FAMILY, "rt_value_nil", "the result of every call that has none", |_| {
        let nil = black_box(rt_value_nil as extern "C" fn() -> Value);
        calls(RuntimeValue::NIL.to_bits(), move || nil().into_raw().to_bits())
    });
}

fn numbers(list: &mut List) {
    let why = "before every operation on integers";
    list.add(FAMILY, "rt_value_as_int", why, |_| asked_of(Value::int(7), rt_value_as_int, 7))
        .quick();
    let why = "the same from the heap";
    list.add(FAMILY, ("rt_value_as_int", "boxed"), why, |_| {
        asked_of(Value::int(BIG), rt_value_as_int, BIG)
    });
    let why = "before every operation on floats";
    list.add(FAMILY, "rt_value_as_float", why, |_| {
        asked_of(Value::float(SHORT), rt_value_as_float, SHORT)
    });
    let why = "the same from the heap";
    list.add(FAMILY, ("rt_value_as_float", "boxed"), why, |_| {
        asked_of(Value::float(LONG), rt_value_as_float, LONG)
    });
    let why = "before a branch on a boolean";
    list.add(FAMILY, "rt_value_as_bool", why, |_| {
        asked_of(Value::bool(true), rt_value_as_bool, true)
    });
}

fn questions(list: &mut List) {
    let why = "type tests of dynamic code: a few instructions each";
    list.add(FAMILY, "rt_value_is_int", why, |_| asked_of(Value::int(7), rt_value_is_int, true));
    list.add(FAMILY, "rt_value_is_float", why, |_| {
        asked_of(Value::float(SHORT), rt_value_is_float, true)
    });
    list.add(FAMILY, "rt_value_is_bool", why, |_| {
        asked_of(Value::bool(true), rt_value_is_bool, true)
    });
    list.add(FAMILY, "rt_value_is_nil", why, |_| asked_of(Value::nil(), rt_value_is_nil, true));
    list.add(FAMILY, "rt_value_is_heap", why, |_| {
        asked_of(Value::string("text"), rt_value_is_heap, true)
    });
    let why = "every condition of dynamic code";
    list.add(FAMILY, "rt_value_truthy", why, |_| asked_of(Value::int(7), rt_value_truthy, true));
    let why = "every message about a wrong type";
    list.add(FAMILY, "rt_value_type_name", why, |_| {
        asked_of(Value::int(7), rt_value_type_name, Value::int(7).type_name().as_ptr())
    });
}

fn references(list: &mut List) {
    let why = "an object that is held by two: retained and released";
    list.add(FAMILY, "rt_value_retain", why, |_| {
        made_from(Value::string("text"), rt_value_retain, |copy| copy.as_str() == Some("text"))
    })
    .quick();
    let why = "compiled code releases without asking what it holds";
    list.add(FAMILY, ("rt_value_release", "no object"), why, |_| {
        let release = black_box(rt_value_release as Call1<RuntimeValue, ()>);
        calls(1, move || {
            // SAFETY: the word is an integer and owns nothing.
            unsafe { release(Value::int(7).into_raw()) };
            1
        })
    });
    let why = "what an isolated thread is given, of one object";
    list.add(FAMILY, "rt_value_deep_copy", why, |_| {
        made_from(Value::string("text"), rt_value_deep_copy, |copy| copy.as_str() == Some("text"))
    });
}
