//! No memory for a deeper stack: the invocation that needs it is nil, and nothing else. Alone in
//! its process, whose memory it limits.

#[path = "common/address_space.rs"]
mod address_space;
#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::aop::{Advice, Context};
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use simple_runtime::{RuntimeValue, Value};
use std::ptr;

const ADVICES: usize = 400_000;
/// Room for some pieces of stack, and far from enough for all.
const SPARE_BYTES: u64 = 24 << 20;

extern "C-unwind" fn seven(_: u64, _: *const RuntimeValue) -> Value {
    rt_value_int(7)
}

extern "C-unwind" fn around(context: *mut Context, _: u64, _: *const RuntimeValue) -> Value {
    rt_aop_proceed(context)
}

fn invoke(advices: &[Option<Advice>]) -> Value {
    let len = advices.len() as u64;
    // SAFETY: a list of this many advices, and no arguments.
    unsafe { rt_aop_invoke_around(Some(seven), advices.as_ptr(), len, 0, ptr::null()) }
}

#[test]
fn an_invocation_that_finds_no_stack_is_nil_with_a_message() {
    let advices: Vec<Option<Advice>> = vec![Some(around); ADVICES];
    let with_little_memory = || address_space::with_little_left(SPARE_BYTES, || invoke(&advices));
    let (result, message) = with_message(with_little_memory);
    assert!(rt_value_is_nil(&result));
    assert!(message.is_some_and(|message| message.contains("no memory")));
    assert_eq!(rt_value_as_int(&quietly(|| invoke(&advices))), 7, "with memory it goes well");
}
