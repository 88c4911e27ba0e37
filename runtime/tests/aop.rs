//! Around-advice: order, arguments, results, and every way in which it can go wrong.

#[path = "common/c.rs"]
mod c;

use c::*;
use simple_runtime::aop::{Advice, Context, Target};
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use simple_runtime::{RuntimeValue, Value};
use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;
use std::thread;

type Argv = *const RuntimeValue;

thread_local! {
    /// The calls, in order (of other tests too, if they share the thread).
    static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    /// The context that the last advice here was given.
    static CONTEXT: Cell<*mut Context> = const { Cell::new(ptr::null_mut()) };
}

fn log(what: &'static str) {
    LOG.with_borrow_mut(|log| log.push(what));
}

fn take_log() -> Vec<&'static str> {
    LOG.take()
}

fn around(target: Option<Target>, advices: &[Option<Advice>], arguments: &[Value]) -> Value {
    let words: Vec<_> = arguments.iter().map(Value::raw).collect();
    let (advice_len, argc) = (advices.len() as u64, words.len() as u64);
    // SAFETY: lists of as many items as is said; the values are alive during the call; all
    // functions of this file may be called with any arguments.
    unsafe { rt_aop_invoke_around(target, advices.as_ptr(), advice_len, argc, words.as_ptr()) }
}

/// An invocation that must be nil, with this in its message.
#[track_caller]
fn fails(target: Option<Target>, advices: &[Option<Advice>], says: &str) {
    let (answer, message) = with_message(|| around(target, advices, &[rt_value_int(1)]));
    assert!(rt_value_is_nil(&answer), "{answer:?}");
    let message = message.expect("a failure leaves a message");
    assert!(message.starts_with("rt_aop_invoke_around: "), "{message}");
    assert!(message.contains(says), "{message}");
}

fn arguments<'a>(argc: u64, argv: Argv) -> Vec<&'a Value> {
    // SAFETY: what a target or an advice is given; nothing is kept beyond its call.
    unsafe { (0..argc as usize).map(|i| Value::borrow(&*argv.add(i))).collect() }
}

fn sum_of(argc: u64, argv: Argv) -> i64 {
    arguments(argc, argv).into_iter().map(rt_value_as_int).sum()
}

extern "C-unwind" fn sum(argc: u64, argv: Argv) -> Value {
    log("target");
    rt_value_int(sum_of(argc, argv))
}

extern "C-unwind" fn outer(context: *mut Context, _: u64, _: Argv) -> Value {
    log("outer before");
    let result = rt_aop_proceed(context);
    log("outer after");
    result
}

extern "C-unwind" fn inner(context: *mut Context, _: u64, _: Argv) -> Value {
    log("inner before");
    let result = rt_aop_proceed(context);
    log("inner after");
    result
}

/// Answers ten times the result, and one more for each argument.
extern "C-unwind" fn replace(context: *mut Context, argc: u64, _: Argv) -> Value {
    rt_value_int(rt_value_as_int(&rt_aop_proceed(context)) * 10 + argc as i64)
}

extern "C-unwind" fn does_not_proceed(_: *mut Context, _: u64, _: Argv) -> Value {
    log("does not proceed");
    rt_value_int(99)
}

extern "C-unwind" fn proceeds_twice(context: *mut Context, _: u64, _: Argv) -> Value {
    let first = rt_aop_proceed(context);
    let second = failing("rt_aop_proceed", || rt_aop_proceed(context));
    assert!(rt_value_is_nil(&second));
    first
}

#[test]
fn the_first_advice_is_the_outermost() {
    take_log();
    assert_eq!(rt_value_as_int(&around(Some(sum), &[Some(outer), Some(inner)], &[])), 0);
    let order = ["outer before", "inner before", "target", "inner after", "outer after"];
    assert_eq!(take_log(), order);
}

#[test]
fn without_advices_the_target_is_called() {
    let numbers = [1, 2, 3].map(rt_value_int);
    assert_eq!(rt_value_as_int(&quietly(|| around(Some(sum), &[], &numbers))), 6);
    // SAFETY: no items are said to be there.
    let result = unsafe { rt_aop_invoke_around(Some(sum), ptr::null(), 0, 0, ptr::null()) };
    assert_eq!(rt_value_as_int(&result), 0);
}

extern "C-unwind" fn checks_arguments(context: *mut Context, argc: u64, argv: Argv) -> Value {
    let values = arguments(argc, argv);
    assert_eq!(values[0].as_str(), Some("text"));
    assert_eq!(values[1].as_int(), Some(i64::MIN));
    rt_aop_proceed(context)
}

extern "C-unwind" fn second_argument(argc: u64, argv: Argv) -> Value {
    rt_value_retain(arguments(argc, argv)[1])
}

#[test]
fn target_and_advices_get_the_arguments() {
    let values = [rt_string_new(b"text"), rt_value_int(i64::MIN)];
    let advices: [Option<Advice>; 2] = [Some(checks_arguments), Some(checks_arguments)];
    let result = quietly(|| around(Some(second_argument), &advices, &values));
    assert_eq!(rt_value_as_int(&result), i64::MIN);
}

#[test]
fn each_advice_may_replace_the_result() {
    let numbers = [1, 2].map(rt_value_int);
    let advices: [Option<Advice>; 3] = [Some(replace), Some(replace), Some(replace)];
    let result = quietly(|| around(Some(sum), &advices, &numbers));
    assert_eq!(rt_value_as_int(&result), 3222);
}

#[test]
fn an_advice_that_does_not_proceed_makes_it_nil() {
    take_log();
    fails(Some(sum), &[Some(does_not_proceed)], "advice 0 did not proceed");
    fails(Some(sum), &[Some(outer), Some(does_not_proceed)], "advice 1 did not proceed");
    fails(Some(sum), &[Some(does_not_proceed), Some(outer)], "advice 0 did not proceed");
    assert!(!take_log().contains(&"target"));
}

#[test]
fn an_advice_that_proceeds_twice_makes_it_nil_and_the_target_runs_once() {
    take_log();
    fails(Some(sum), &[Some(proceeds_twice)], "advice 0 proceeded twice");
    fails(Some(sum), &[Some(replace), Some(proceeds_twice)], "advice 1 proceeded twice");
    assert_eq!(take_log(), ["target", "target"], "once for each invocation");
}

#[test]
fn null_targets_lists_and_advices_are_nil() {
    take_log();
    fails(None, &[Some(outer)], "target");
    fails(None, &[], "target");
    fails(Some(sum), &[None], "advice 0");
    fails(Some(sum), &[Some(outer), None, Some(inner)], "advice 1");
    assert!(take_log().is_empty(), "nothing has been called");
    let null = |advice_len, argc| {
        // SAFETY: null lists, which the call must refuse.
        unsafe { rt_aop_invoke_around(Some(sum), ptr::null(), advice_len, argc, ptr::null()) }
    };
    for (advice_len, argc) in [(1, 0), (0, 1), (u64::MAX, 0), (0, u64::MAX)] {
        let answer = failing("rt_aop_invoke_around", || null(advice_len, argc));
        assert!(rt_value_is_nil(&answer));
    }
}

#[test]
fn lengths_that_no_list_has_are_nil() {
    let advices: [Option<Advice>; 1] = [Some(outer)];
    for len in [1 << 61, 1 << 63, u64::MAX] {
        let invoke = || {
            // SAFETY: the call must refuse the length before it reads.
            unsafe { rt_aop_invoke_around(Some(sum), advices.as_ptr(), len, 0, ptr::null()) }
        };
        assert!(rt_value_is_nil(&failing("rt_aop_invoke_around", invoke)));
    }
}

extern "C-unwind" fn panics(_: u64, _: Argv) -> Value {
    panic!("target on purpose")
}

extern "C-unwind" fn panics_before(_: *mut Context, _: u64, _: Argv) -> Value {
    panic!("before on purpose")
}

extern "C-unwind" fn panics_after(context: *mut Context, _: u64, _: Argv) -> Value {
    drop(rt_aop_proceed(context));
    panic!("after on purpose")
}

#[test]
fn a_panic_inside_is_nil_with_its_text() {
    fails(Some(panics), &[], "target on purpose");
    fails(Some(panics), &[Some(outer), Some(inner)], "target on purpose");
    fails(Some(sum), &[Some(panics_before)], "before on purpose");
    fails(Some(sum), &[Some(outer), Some(panics_after)], "after on purpose");
    // The first failure is reported.
    fails(Some(panics), &[Some(panics_after)], "target on purpose");
}

#[test]
fn an_advice_around_a_panic_runs_to_its_end() {
    take_log();
    fails(Some(panics), &[Some(outer), Some(inner)], "target on purpose");
    assert_eq!(take_log(), ["outer before", "inner before", "inner after", "outer after"]);
}

extern "C-unwind" fn keeps_its_context(context: *mut Context, _: u64, _: Argv) -> Value {
    CONTEXT.set(context);
    rt_aop_proceed(context)
}

#[test]
fn null_stale_and_forged_contexts_are_nil() {
    drop(around(Some(sum), &[Some(keeps_its_context)], &[]));
    let stale = CONTEXT.get();
    assert!(!stale.is_null());
    let forged = [1_usize, 8, 0x1000, usize::MAX, usize::MAX & !7];
    let local = 0_u64;
    let addresses = forged.into_iter().chain([0, stale.addr(), (&raw const local).addr()]);
    for context in addresses.map(ptr::without_provenance_mut) {
        assert!(rt_value_is_nil(&failing("rt_aop_proceed", || rt_aop_proceed(context))));
    }
}

/// Whatever it is that is no context of a running advice, it does not proceed for one that is.
extern "C-unwind" fn tries_others(context: *mut Context, _: u64, _: Argv) -> Value {
    drop(around(Some(sum), &[Some(keeps_its_context)], &[]));
    let stale = CONTEXT.get();
    let near = context.wrapping_byte_add(8);
    for other in [stale, near, ptr::null_mut(), ptr::without_provenance_mut(8)] {
        assert_ne!(other, context);
        assert!(rt_value_is_nil(&failing("rt_aop_proceed", || rt_aop_proceed(other))));
    }
    rt_aop_proceed(context)
}

#[test]
fn other_contexts_do_not_proceed_for_an_advice_that_runs() {
    let advices: [Option<Advice>; 2] = [Some(tries_others), Some(tries_others)];
    assert_eq!(rt_value_as_int(&around(Some(sum), &advices, &[rt_value_int(5)])), 5);
}

/// Tries the context that it had in the invocation before.
extern "C-unwind" fn tries_its_last(context: *mut Context, _: u64, _: Argv) -> Value {
    let last = CONTEXT.replace(context);
    assert!(rt_value_is_nil(&failing("rt_aop_proceed", || rt_aop_proceed(last))));
    rt_aop_proceed(context)
}

/// The same advice at the same place of the stack, in one invocation after the other.
#[test]
fn a_context_is_of_no_use_in_a_later_invocation() {
    for n in 0..100 {
        let result = around(Some(sum), &[Some(tries_its_last)], &[rt_value_int(n)]);
        assert_eq!(rt_value_as_int(&result), n);
    }
}

/// While it runs, its context is of no use on another thread, and goes on being on this one.
extern "C-unwind" fn lends_its_context(context: *mut Context, _: u64, _: Argv) -> Value {
    let address = context.expose_provenance();
    let elsewhere = move || {
        let context = ptr::with_exposed_provenance_mut(address);
        rt_value_is_nil(&failing("rt_aop_proceed", || rt_aop_proceed(context)))
    };
    assert!(thread::spawn(elsewhere).join().unwrap());
    rt_aop_proceed(context)
}

#[test]
fn proceeding_from_another_thread_is_nil_there_and_changes_nothing_here() {
    let result = quietly(|| around(Some(sum), &[Some(lends_its_context)], &[rt_value_int(5)]));
    assert_eq!(rt_value_as_int(&result), 5);
}

extern "C-unwind" fn proceeds_through_the_kept_context(_: u64, _: Argv) -> Value {
    rt_aop_proceed(CONTEXT.get())
}

#[test]
fn the_target_cannot_proceed_again_for_its_advice() {
    let target: Target = proceeds_through_the_kept_context;
    fails(Some(target), &[Some(keeps_its_context)], "advice 0 proceeded twice");
}

/// Counts down through its argument, with the same advices around every step.
extern "C-unwind" fn recursive(argc: u64, argv: Argv) -> Value {
    match sum_of(argc, argv) {
        0 => rt_value_int(0),
        n => around(Some(recursive), &[Some(replace), Some(outer)], &[rt_value_int(n - 1)]),
    }
}

#[test]
fn targets_may_be_invoked_again_inside() {
    let result = quietly(|| around(Some(recursive), &[], &[rt_value_int(5)]));
    assert_eq!(rt_value_as_int(&result), 11_111);
}

/// A nested invocation that fails is nil to the advice, which goes on.
extern "C-unwind" fn fails_inside(context: *mut Context, argc: u64, argv: Argv) -> Value {
    fails(Some(panics), &[Some(outer)], "target on purpose");
    fails(Some(sum), &[Some(does_not_proceed)], "advice 0 did not proceed");
    assert_eq!(sum_of(argc, argv), 7);
    rt_aop_proceed(context)
}

#[test]
fn an_invocation_that_fails_inside_does_not_spoil_the_outer_one() {
    let result = around(Some(sum), &[Some(fails_inside), Some(fails_inside)], &[rt_value_int(7)]);
    assert_eq!(rt_value_as_int(&result), 7);
}

extern "C-unwind" fn first_argument(argc: u64, argv: Argv) -> Value {
    rt_value_retain(arguments(argc, argv)[0])
}

#[test]
fn results_that_are_thrown_away_are_released() {
    let captured = Arc::new(());
    let held = captured.clone();
    let probe = Value::future_of(move || {
        drop(held);
        Value::nil()
    });
    let advices: [&[Option<Advice>]; 4] =
        [&[Some(outer)], &[Some(proceeds_twice)], &[Some(panics_after)], &[Some(replace)]];
    for advices in advices {
        drop(around(Some(first_argument), advices, std::slice::from_ref(&probe)));
    }
    drop(probe);
    assert_eq!(Arc::strong_count(&captured), 1);
}

/// Far more than fit on this thread's stack.
#[test]
fn a_long_list_of_advices_does_not_run_out_of_stack() {
    let advices: Vec<Option<Advice>> = vec![Some(keeps_its_context); 100_000];
    let result = quietly(|| around(Some(sum), &advices, &[rt_value_int(7)]));
    assert_eq!(rt_value_as_int(&result), 7);
}
