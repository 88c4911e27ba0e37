//! Around-advice.

use super::{List, calls};
use crate::Prepared;
use anyhow::Result;
use simple_runtime::aop::{Advice, Context, Target};
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const FAMILY: &str = "aop";

type Invoke = unsafe extern "C" fn(
    Option<Target>,
    *const Option<Advice>,
    u64,
    u64,
    *const RuntimeValue,
) -> Value;

unsafe extern "C-unwind" fn target(_: u64, _: *const RuntimeValue) -> Value {
    Value::int(7)
}

unsafe extern "C-unwind" fn advice(context: *mut Context, _: u64, _: *const RuntimeValue) -> Value {
    black_box(rt_aop_proceed as extern "C" fn(*mut Context) -> Value)(context)
}

/// [`CALLS`](super::CALLS) invocations through this many advices.
fn through(advices: usize) -> Result<Prepared> {
    let invoke = black_box(rt_aop_invoke_around as Invoke);
    let advices = vec![Some(advice as Advice); advices];
    let arguments = [Value::int(1).into_raw(), Value::int(2).into_raw()];
    calls(Value::int(7).raw().to_bits(), move || {
        // SAFETY: the lists are the closure's own and as long as is said; the functions
        // accept whatever arguments.
        let result = unsafe {
            invoke(Some(target), advices.as_ptr(), advices.len() as u64, 2, arguments.as_ptr())
        };
        result.into_raw().to_bits()
    })
}

pub(super) fn add(list: &mut List) {
    let why = "a join point without advice: what being advisable costs";
    list.add(FAMILY, ("rt_aop_invoke_around", "no advice"), why, |_| through(0));
    let why = "one advice that proceeds";
    list.add(FAMILY, ("rt_aop_proceed", "one advice"), why, |_| through(1)).quick();
    let why = "what each further advice adds";
    list.add(FAMILY, ("rt_aop_proceed", "four advices"), why, |_| through(4));
}
