//! Arrays.

use super::{Call1, Call2, List, Release, asked_of, calls};
use crate::Prepared;
use anyhow::Result;
use simple_runtime::ffi::array::*;
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "array";
/// Pushes onto one array: it grows several times.
const PUSHES: u64 = 1000;

type Push = Call2<RuntimeValue, RuntimeValue, bool>;

pub(super) fn add(list: &mut List) {
    list.add(FAMILY, "rt_array_new", "room for eight items: two blocks", |_| {
        let new = black_box(rt_array_new as extern "C" fn(u64) -> Value);
        let release = Release::new();
        calls(1, move || release.give_back(new(8)))
    });
    list.add(FAMILY, "rt_array_push", "a list that grows from nothing to a thousand", |_| pushed())
        .quick();
    list.add(FAMILY, "rt_array_pop", "a stack: each pop after a push", |_| {
        let (push, pop) = (push(), black_box(rt_array_pop as Call1<RuntimeValue, Value>));
        let array = items();
        // SAFETY: the closure keeps the array alive.
        calls(Value::int(7).raw().to_bits(), move || unsafe {
            push(array.raw(), Value::int(7).raw());
            pop(array.raw()).into_raw().to_bits()
        })
    });
    list.add(FAMILY, "rt_array_len", "before every loop over the items", |_| {
        asked_of(items(), rt_array_len, ITEMS)
    });
    list.add(FAMILY, "rt_array_get", "every index expression", |_| {
        let get = black_box(rt_array_get as Call2<RuntimeValue, i64, Value>);
        let array = items();
        // SAFETY: the closure keeps the array alive.
        calls(Value::int(2).raw().to_bits(), move || unsafe {
            get(array.raw(), 2).into_raw().to_bits()
        })
    })
    .quick();
    list.add(FAMILY, "rt_array_set", "every assignment to an item", |_| {
        type Set = unsafe extern "C" fn(RuntimeValue, i64, RuntimeValue) -> bool;
        let set = black_box(rt_array_set as Set);
        let array = items();
        // SAFETY: the closure keeps the array alive.
        calls(1, move || unsafe { set(array.raw(), -1, Value::int(7).raw()) }.into())
    });
    list.add(
        FAMILY,
        "rt_array_clear",
        "a buffer that is used again, of one item each time",
        |_| {
            let (push, clear) = (push(), black_box(rt_array_clear as Call1<RuntimeValue, bool>));
            let array = items();
            // SAFETY: the closure keeps the array alive.
            calls(2, move || unsafe {
                u64::from(push(array.raw(), Value::int(7).raw())) + u64::from(clear(array.raw()))
            })
        },
    );
}

const ITEMS: i64 = 4;

fn items() -> Value {
    Value::array((0..ITEMS).map(Value::int).collect())
}

fn push() -> Push {
    black_box(rt_array_push as Push)
}

fn pushed() -> Result<Prepared> {
    let new = black_box(rt_array_new as extern "C" fn(u64) -> Value);
    let (push, release) = (push(), Release::new());
    Ok(Prepared::new(PUSHES, PUSHES, move || {
        let array = new(0);
        let mut pushed = 0;
        for i in 0..PUSHES {
            let item = Value::int(i as i64);
            // SAFETY: the array is alive, the item is an integer.
            pushed += u64::from(unsafe { push(array.raw(), item.raw()) });
        }
        release.give_back(array);
        pushed
    }))
}
