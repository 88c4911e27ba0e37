//! Around-advice, by the length of the chain.

use super::Family;
use crate::Prepared;
use simple_records::Scale;
use simple_runtime::aop::{Advice, Context};
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;

const CALLS: u64 = 1000;

unsafe extern "C-unwind" fn target(_: u64, _: *const RuntimeValue) -> Value {
    Value::int(7)
}

unsafe extern "C-unwind" fn advice(context: *mut Context, _: u64, _: *const RuntimeValue) -> Value {
    rt_aop_proceed(context)
}

fn invoke(advices: &[Option<Advice>]) -> u64 {
    // SAFETY: the target and the advices take no arguments, the list is as long as is said.
    let result = unsafe {
        rt_aop_invoke_around(
            Some(target),
            advices.as_ptr(),
            advices.len() as u64,
            0,
            std::ptr::null(),
        )
    };
    result.as_int().unwrap_or(0) as u64
}

/// Closures that call each other, as an advice would be written by hand.
fn nested(advices: u64) -> Box<dyn Fn() -> u64> {
    (0..advices).fold(Box::new(|| black_box(7)), |inner: Box<dyn Fn() -> u64>, _| {
        Box::new(move || black_box(inner()))
    })
}

fn runtime(advices: u64) -> Prepared {
    let list = vec![Some(advice as Advice); advices as usize];
    Prepared::new(CALLS, CALLS * 7, move || (0..CALLS).map(|_| invoke(&list)).sum())
}

fn boxed_closures(advices: u64) -> Prepared {
    let call = nested(advices);
    Prepared::new(CALLS, CALLS * 7, move || (0..CALLS).map(|_| call()).sum())
}

pub(super) fn families() -> Vec<Family> {
    let mut family = Family::question("aop/chain", "What does around-advice cost?")
        .explain(format!(
            "{CALLS} calls of a target that returns a number, through advices that do nothing but \
             proceed. Boxed closures that call each other are the floor: they catch no panic and \
             check no context."
        ))
        .series("how")
        .along("advices", Scale::Category)
        .item("call");
    for advices in [0, 1, 4, 16] {
        let reason = "every advised function is called like this";
        family.add(("runtime", advices), reason, move |_| Ok(runtime(advices)));
        let reason = "the floor: the same written by hand";
        family
            .add(("boxed closures", advices), reason, move |_| Ok(boxed_closures(advices)))
            .peer();
    }
    vec![family]
}
