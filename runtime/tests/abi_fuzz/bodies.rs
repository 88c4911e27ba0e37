//! What futures, tasks, isolated threads, advices and targets do: a little of everything that
//! cannot wait for ever.

use crate::c::*;
use simple_runtime::aop::{Advice, Context, Target};
use simple_runtime::ffi::aop::rt_aop_proceed;
use simple_runtime::{RuntimeValue, Value};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MISTAKE: OnceLock<&str> = OnceLock::new();

/// An assertion in a body, whose panic would be caught and forgotten.
fn check(holds: bool, what: &'static str) {
    if !holds {
        MISTAKE.get_or_init(|| what);
    }
}

/// The first check of a body that did not hold.
pub fn mistake() -> Option<&'static str> {
    MISTAKE.get().copied()
}

/// A thread that runs, from before it is spawned until its body ends.
pub struct RunningThread;

impl RunningThread {
    /// Called by the spawning thread.
    pub fn begins() {
        RUNNING.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for RunningThread {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The isolated threads whose bodies have not ended.
pub fn threads_running() -> usize {
    RUNNING.load(Ordering::SeqCst)
}

type Body = simple_runtime::future::Body;

pub const BODIES: [Body; 7] =
    [give_back, give_nothing, panics, use_context, await_context, use_executor, copy];

extern "C-unwind" fn give_back(context: RuntimeValue) -> Value {
    rt_value_retain(lent(&context))
}

extern "C-unwind" fn give_nothing(_: RuntimeValue) -> Value {
    rt_value_nil()
}

extern "C-unwind" fn panics(_: RuntimeValue) -> Value {
    panic!("on purpose")
}

extern "C-unwind" fn use_context(context: RuntimeValue) -> Value {
    let (context, number) = (lent(&context), rt_value_int(i64::MAX));
    rt_array_push(context, &number);
    rt_array_set(context, -1, &number);
    rt_channel_send(context, &number);
    check(rt_array_len(context) >= -1 && rt_string_len(context) >= -1, "lengths");
    drop((rt_array_pop(context), rt_channel_try_recv(context)));
    rt_array_get(context, 0)
}

extern "C-unwind" fn await_context(context: RuntimeValue) -> Value {
    let context = lent(&context);
    let before = rt_future_state(context);
    let result = rt_future_await(context);
    check((-1..=4).contains(&before) && rt_future_state(context) >= before, "states go up");
    result
}

extern "C-unwind" fn use_executor(context: RuntimeValue) -> Value {
    let context = lent(&context);
    check(rt_executor_submit(body(give_back), context) > 0, "submit");
    rt_future_start(context);
    rt_future_cancel(context);
    // From a task refused; from an isolated thread as good as from any other.
    rt_executor_shutdown();
    check((0..=1).contains(&rt_executor_poll()), "poll");
    rt_coverage_path_probe(7, 1);
    rt_value_nil()
}

extern "C-unwind" fn copy(context: RuntimeValue) -> Value {
    rt_value_deep_copy(lent(&context))
}

/// Like `BODIES`, for isolated threads, which are counted.
pub extern "C-unwind" fn thread_body(data: RuntimeValue, channel: RuntimeValue) -> Value {
    let _running = RunningThread;
    // As good as any other number that is not always the same.
    let which = rt_channel_id(lent(&channel)) as usize % BODIES.len();
    BODIES[which](data)
}

pub extern "C-unwind" fn thread_body_of_one(data: RuntimeValue) -> Value {
    let _running = RunningThread;
    use_context(data)
}

type Argv = *const RuntimeValue;

pub const TARGETS: [Option<Target>; 4] = [Some(first), Some(first), None, Some(target_panics)];
/// The places of those with which an invocation goes well.
pub const GOOD_TARGETS: Range<usize> = 0..2;
pub const ADVICES: [Option<Advice>; 8] = [
    Some(around),
    Some(around),
    Some(around),
    Some(around),
    None,
    Some(never),
    Some(twice),
    Some(advice_panics),
];
/// Like `GOOD_TARGETS`.
pub const GOOD_ADVICES: Range<usize> = 0..4;

extern "C-unwind" fn first(argc: u64, argv: Argv) -> Value {
    // SAFETY: there are `argc` arguments.
    if argc == 0 { rt_value_nil() } else { rt_value_retain(lent(unsafe { &*argv })) }
}

extern "C-unwind" fn target_panics(_: u64, _: Argv) -> Value {
    panic!("on purpose")
}

extern "C-unwind" fn around(context: *mut Context, _: u64, _: Argv) -> Value {
    rt_aop_proceed(context)
}

extern "C-unwind" fn never(_: *mut Context, _: u64, _: Argv) -> Value {
    rt_value_bool(true)
}

extern "C-unwind" fn twice(context: *mut Context, _: u64, _: Argv) -> Value {
    drop(rt_aop_proceed(context));
    rt_aop_proceed(context)
}

extern "C-unwind" fn advice_panics(context: *mut Context, _: u64, _: Argv) -> Value {
    drop(rt_aop_proceed(context));
    panic!("on purpose")
}
