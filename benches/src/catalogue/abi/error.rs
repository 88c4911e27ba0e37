//! Messages and versions, and what a failing call costs.

use super::{Call2, List, asked, calls};
use simple_runtime::ffi::array::rt_array_get;
use simple_runtime::ffi::error::{rt_last_error, rt_runtime_version, simple_runtime_abi_version};
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "error";

pub(super) fn add(list: &mut List) {
    list.add(FAMILY, "rt_last_error", "after every call that failed", |_| {
        fail();
        let message = rt_last_error();
        asked(rt_last_error, message)
    });
    list.add(FAMILY, "simple_runtime_abi_version", "once, when a program starts", |_| {
        let version = simple_runtime_abi_version();
        asked(simple_runtime_abi_version, version)
    });
    list.add(FAMILY, "rt_runtime_version", "for messages", |_| {
        let version = rt_runtime_version();
        asked(rt_runtime_version, version)
    });
    let why = "a call that fails: the message is written each time";
    list.add(FAMILY, ("rt_array_get", "out of range"), why, |_| {
        let get = black_box(rt_array_get as Call2<RuntimeValue, i64, Value>);
        let array = Value::array(Vec::new());
        // SAFETY: the closure keeps the array alive.
        calls(RuntimeValue::NIL.to_bits(), move || unsafe {
            get(array.raw(), 5).into_raw().to_bits()
        })
    })
    .quick();
}

/// Leaves a message.
fn fail() {
    simple_runtime::ffi::thread::rt_thread_free(0);
}
