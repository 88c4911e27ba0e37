//! Programs that use each part of the runtime once, and go on where a call fails.

use crate::allocator::{inside, outside};
use crate::attempt::Scenario;
use crate::c::*;
use crate::told::{done, may_fail, nothing, told, value};
use simple_runtime::aop::{Advice, Context};
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use simple_runtime::{RuntimeValue, Value};
use std::hint::black_box;
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};

pub const FUTURES: Scenario = Scenario { name: "futures", run: futures };
pub const DEEP_AWAITS: Scenario = Scenario { name: "deep awaits", run: deep_awaits };
pub const EXECUTOR: Scenario = Scenario { name: "executor", run: executor };
pub const MANUAL: Scenario = Scenario { name: "manual mode", run: manual };
pub const CHANNELS: Scenario = Scenario { name: "channels", run: channels };
pub const THREADS: Scenario = Scenario { name: "threads", run: threads };
pub const COPIES: Scenario = Scenario { name: "deep copies", run: copies };
pub const CONTAINERS: Scenario = Scenario { name: "containers", run: containers };
pub const COVERAGE: Scenario = Scenario { name: "coverage", run: coverage };
pub const AOP: Scenario = Scenario { name: "advices", run: advices };

/// An integer that has no place in a word.
const LARGE: i64 = i64::MAX;
/// Of stack, by each body of a deep nesting: some dozens need another piece of stack.
const DEEP_BYTES: usize = 100 << 10;
const DEEP: usize = 60;

extern "C-unwind" fn one_more(context: RuntimeValue) -> Value {
    rt_value_int(rt_value_as_int(lent(&context)) + 1)
}

extern "C-unwind" fn same(context: RuntimeValue) -> Value {
    lent(&context).clone()
}

/// A future's result, or nothing if it was rejected with a reason, or the await told one.
fn awaited(future: &Value) -> Option<i64> {
    let (result, message) = with_message(|| inside(|| rt_future_await(future)));
    match rt_future_state(future) {
        3 => return Some(rt_value_as_int(&result)),
        4 => {
            // Nil if there was no memory for it.
            let error = rt_future_error(future);
            assert!(["string", "nil"].contains(&rt_value_type_name(&error)), "{error:?}");
        }
        state => assert!(message.is_some(), "an await failed in state {state} without a message"),
    }
    may_fail("an await");
    None
}

fn started(future: &Value) {
    let (queued, message) = with_message(|| inside(|| rt_future_start(future)));
    if queued == 0 {
        assert!(message.is_some_and(|message| message.contains("memory")));
        assert_eq!(rt_future_state(future), 4);
        may_fail("a start");
    }
}

fn futures() {
    let new = |n| value("rt_future_new", || rt_future_new(body(one_more), &rt_value_int(n)));
    if let (Some(first), Some(second), Some(third)) = (new(1), new(2), new(3)) {
        assert!(awaited(&first).is_none_or(|result| result == 2));
        started(&second);
        // Nobody else may be able to run it.
        let name = "rt_future_await_timeout";
        let waited = told(name, |n| *n < 0, || rt_future_await_timeout(&second, 60_000));
        assert!(waited.is_some());
        assert!(awaited(&second).is_none_or(|result| result == 3));
        let array = value("rt_array_new", || rt_array_new(3));
        if let Some(array) = array {
            let items = [&first, &second, &third].map(|item| rt_array_push(&array, item));
            assert_eq!(items, [true; 3], "there was room for them");
            if let Some(all) = value("rt_future_all", || rt_future_all(&array)) {
                assert_eq!(rt_array_len(&all), 3);
                let last = rt_value_as_int(&rt_array_get(&all, 2));
                assert!(last == 4 || rt_future_state(&third) == 4, "{last}");
            }
            if let Some(winner) = value("rt_future_race", || rt_future_race(&array)) {
                assert!((2..=4).contains(&rt_value_as_int(&winner)));
            }
        }
    }
    if let Some(resolved) = value("rt_future_resolve", || rt_future_resolve(&rt_value_int(7))) {
        assert_eq!(awaited(&resolved), Some(7));
    }
    if let Some(error) = value("rt_value_int", || rt_value_int(LARGE))
        && let Some(rejected) = value("rt_future_reject", || rt_future_reject(&error))
    {
        assert_eq!(rt_value_as_int(&rt_future_error(&rejected)), LARGE);
    }
    nothing("rt_executor_shutdown", rt_executor_shutdown);
}

extern "C-unwind" fn deeper(context: RuntimeValue) -> Value {
    let stack = [0_u8; DEEP_BYTES];
    black_box(&stack);
    let inner = lent(&context);
    let await_inner = || if inner.is_heap() { awaited(inner) } else { Some(0) };
    rt_value_int(outside(await_inner).unwrap_or(0) + 1)
}

fn deep_awaits() {
    let mut future = rt_value_nil();
    for _ in 0..DEEP {
        let Some(next) = value("rt_future_new", || rt_future_new(body(deeper), &future)) else {
            return;
        };
        future = next;
    }
    let depth = awaited(&future).unwrap_or(0);
    if depth < DEEP as i64 {
        may_fail("a deep await");
    }
}

static RAN: AtomicI64 = AtomicI64::new(0);

extern "C-unwind" fn counts(_: RuntimeValue) -> Value {
    RAN.fetch_add(1, Ordering::Relaxed);
    rt_value_nil()
}

fn submit_some(tasks: i64) {
    let submit = || rt_executor_submit(body(counts), &rt_value_nil());
    let mut accepted = 0;
    for _ in 0..tasks {
        // A task that is accepted but finds no worker leaves a message too.
        accepted += i64::from(done("rt_executor_submit", submit).is_some());
    }
    RAN.fetch_sub(accepted, Ordering::Relaxed);
}

fn executor() {
    RAN.store(0, Ordering::Relaxed);
    rt_executor_set_workers(2);
    nothing("rt_executor_start", rt_executor_start);
    submit_some(5);
    nothing("rt_executor_shutdown", rt_executor_shutdown);
    assert_eq!(RAN.load(Ordering::Relaxed), 0, "as many tasks ran as were accepted");
    // Started by the first task, with the default number of workers.
    submit_some(200);
    nothing("rt_executor_shutdown", rt_executor_shutdown);
    assert_eq!(RAN.load(Ordering::Relaxed), 0, "as many tasks ran as were accepted");
    assert_eq!(rt_executor_get_mode(), 0);
}

fn manual() {
    RAN.store(0, Ordering::Relaxed);
    assert_eq!(rt_executor_set_mode(1), 1);
    submit_some(200);
    let ran = rt_executor_poll() + rt_executor_poll_all();
    assert_eq!(RAN.load(Ordering::Relaxed), 0);
    assert!((0..=200).contains(&ran));
    if let Some(future) = value("rt_future_new", || rt_future_new(body(one_more), &rt_value_int(1)))
    {
        started(&future);
        assert!(rt_executor_poll_all() == 1 || rt_future_state(&future) == 4);
        assert!(awaited(&future).is_none_or(|result| result == 2));
    }
    nothing("rt_executor_shutdown", rt_executor_shutdown);
}

fn channels() {
    let Some(channel) = value("rt_channel_new", rt_channel_new) else { return };
    let mut sent = 0;
    for n in 0..100 {
        sent += i64::from(
            done("rt_channel_send", || rt_channel_send(&channel, &rt_value_int(n))).is_some(),
        );
    }
    for _ in 0..sent {
        assert!(rt_value_is_int(&rt_channel_recv(&channel)));
    }
    assert!(rt_value_is_nil(&rt_channel_recv_timeout(&channel, 1)));
    assert_eq!(rt_channel_close(&channel), 1);
    assert!(rt_value_is_nil(&rt_channel_recv(&channel)));
    assert_eq!(rt_channel_free(channel), 1);
}

extern "C-unwind" fn sends(data: RuntimeValue, channel: RuntimeValue) -> Value {
    rt_channel_send(lent(&channel), lent(&data));
    rt_channel_close(lent(&channel));
    lent(&data).clone()
}

fn threads() {
    let Some(text) = value("rt_string_new", || rt_string_new(&[b'x'; 1000])) else { return };
    let spawn = || rt_thread_spawn_isolated(body(same), &text);
    if let Some(thread) = told("rt_thread_spawn_isolated", |thread| *thread == 0, spawn) {
        if let Some(result) = value("rt_thread_join", || rt_thread_join(thread)) {
            assert_eq!(rt_string_len(&result), 1000);
        }
        rt_thread_free(thread);
    }
    let Some(channel) = value("rt_channel_new", rt_channel_new) else { return };
    let spawn = || rt_thread_spawn_isolated2(body_with_channel(sends), &text, &channel);
    if let Some(thread) = told("rt_thread_spawn_isolated2", |thread| *thread == 0, spawn) {
        let received = rt_channel_recv(&channel);
        if rt_value_is_nil(&received) {
            may_fail("a thread's send");
        }
        assert_eq!(rt_string_len(&rt_thread_join(thread)), 1000);
        rt_thread_free(thread);
    }
}

/// An array of arrays, strings and boxed numbers, that is in itself.
fn ring() -> Option<Value> {
    let array = value("rt_array_new", || rt_array_new(0))?;
    for bytes in [3, 100, 1000] {
        let inner = value("rt_array_new", || rt_array_new(2))?;
        let text = &vec![b'x'; bytes];
        let text = value("rt_string_new", || rt_string_new(text))?;
        let number = value("rt_value_int", || rt_value_int(LARGE))?;
        for item in [&text, &number] {
            told("rt_array_push", |pushed| !pushed, || rt_array_push(&inner, item))?;
        }
        told("rt_array_push", |pushed| !pushed, || rt_array_push(&array, &inner))?;
    }
    Some(array)
}

fn copies() {
    let Some(array) = ring() else { return };
    let is_ring = told("rt_array_push", |pushed| !pushed, || rt_array_push(&array, &array));
    if let Some(copy) = value("rt_value_deep_copy", || rt_value_deep_copy(&array)) {
        assert_eq!(rt_array_len(&copy), rt_array_len(&array));
        let text = rt_array_get(&rt_array_get(&copy, 2), 0);
        assert_eq!(rt_string_len(&text), 1000);
        rt_array_clear(&copy);
    }
    if is_ring.is_some() {
        rt_array_clear(&array);
    }
}

fn containers() {
    let Some(array) = value("rt_array_new", || rt_array_new(0)) else { return };
    let mut len = 0;
    for n in 0..200 {
        let item = value("rt_value_float", || rt_value_float(f64::from(n) + 0.1));
        let Some(item) = item else { continue };
        let push = || rt_array_push(&array, &item);
        len += i64::from(told("rt_array_push", |pushed| !pushed, push).is_some());
        assert_eq!(rt_array_len(&array), len);
    }
    for bytes in [0, 20, 60, 120, 250, 5000] {
        let text = &vec![b'x'; bytes];
        if let Some(text) = value("rt_string_new", || rt_string_new(text)) {
            assert_eq!(rt_string_len(&text), bytes as i64);
            assert!(len == 0 || rt_array_set(&array, -1, &text));
        }
    }
    // An array gives memory back while it shrinks.
    while rt_array_len(&array) > 0 {
        assert!(!rt_value_is_nil(&rt_array_pop(&array)));
    }
}

fn coverage() {
    let file = c"source.spl";
    for n in 0..40 {
        let outcome = n % 2 == 0;
        // SAFETY: a text that does not change.
        unsafe {
            use simple_runtime::ffi::coverage::*;
            rt_coverage_condition_probe(n, 0, outcome.into(), file.as_ptr(), 10 + n, 1);
            rt_coverage_decision_probe(n, outcome.into(), file.as_ptr(), 10 + n, 1);
        }
        rt_coverage_path_probe(1, n);
    }
    rt_coverage_path_finalize(1);
    use simple_runtime::ffi::coverage::*;
    for dump in [rt_coverage_dump_sdn, rt_coverage_dump_lcov] {
        let text = dump();
        assert!(!text.is_null());
        // SAFETY: a text of the runtime's, freed once.
        unsafe {
            assert!(!std::ffi::CStr::from_ptr(text).is_empty());
            rt_coverage_free_sdn(text);
        }
    }
    rt_coverage_clear();
}

extern "C-unwind" fn seven(_: u64, _: *const RuntimeValue) -> Value {
    rt_value_int(7)
}

extern "C-unwind" fn around(context: *mut Context, _: u64, _: *const RuntimeValue) -> Value {
    let stack = [0_u8; DEEP_BYTES];
    black_box(&stack);
    rt_aop_proceed(context)
}

fn advices() {
    for depth in [0, 3, DEEP] {
        let list: Vec<Option<Advice>> = vec![Some(around); depth];
        let len = depth as u64;
        // SAFETY: a list of this many advices, and no arguments.
        let invoke =
            || unsafe { rt_aop_invoke_around(Some(seven), list.as_ptr(), len, 0, ptr::null()) };
        if let Some(result) = value("rt_aop_invoke_around", invoke) {
            assert_eq!(rt_value_as_int(&result), 7);
        }
    }
}
