//! Borrowed, kept, taken: what each call does with each value that it is lent is what the header
//! says. The words are read from the header, and what is done is seen by what is freed when.

#[path = "common/c.rs"]
mod c;
#[path = "header/comments.rs"]
mod comments;
#[path = "common/tasks.rs"]
mod tasks;

use c::*;
use comments::Role;
use simple_runtime::{RuntimeValue, Value, executor, ffi};
use std::ptr;
use std::sync::Arc;

/// A witness that lives as long as the value that the call keeps.
type Keeper = Box<dyn FnOnce()>;

/// A value that is lent to a call, with a witness of its life.
#[derive(Clone, Copy)]
enum Lent {
    /// A future that has not begun, which holds the flag.
    Pending,
    /// A future that is fulfilled with one that holds the flag.
    Ready,
    /// An array that holds it, twice.
    Array,
    /// An array that holds it in futures that are fulfilled, so that none is queued.
    Futures,
    /// A channel that was sent it, twice.
    Channel,
}
use Lent::{Array, Channel, Futures, Pending, Ready};

/// A value, and the flag: who else has it is held by the value.
fn lent_value(kind: Lent) -> (Value, Arc<()>) {
    let flag = Arc::new(());
    let held = flag.clone();
    let future = Value::future_of(move || {
        drop(held);
        Value::nil()
    });
    let value = match kind {
        Pending => future,
        Ready => rt_future_resolve(&future),
        Array | Futures => {
            let item = if matches!(kind, Array) { future } else { rt_future_resolve(&future) };
            let array = rt_array_new(2);
            assert!(rt_array_push(&array, &item) && rt_array_push(&array, &item));
            array
        }
        Channel => {
            let channel = rt_channel_new();
            assert_eq!(rt_channel_send(&channel, &future) + rt_channel_send(&channel, &future), 2);
            channel
        }
    };
    (value, flag)
}

/// A call's use of a value that it is lent.
#[track_caller]
fn seen(kind: Lent, call: fn(&Value) -> Keeper) -> Role {
    let (value, flag) = lent_value(kind);
    let lives = || Arc::strong_count(&flag) > 1;
    let word = value.into_raw();
    let keeper = call(lent(&word));
    if !lives() {
        return Role::Taken;
    }
    // SAFETY: the caller's reference, which the call has not taken: the value lives.
    drop(unsafe { Value::from_raw(word) });
    let role = if lives() { Role::Kept } else { Role::Borrowed };
    keeper();
    assert!(!lives(), "a reference is left over");
    role
}

extern "C-unwind" fn returns_nil(_: RuntimeValue) -> Value {
    Value::nil()
}

extern "C-unwind" fn returns_nil_too(_: RuntimeValue, _: RuntimeValue) -> Value {
    Value::nil()
}

extern "C-unwind" fn target(_: u64, _: *const RuntimeValue) -> Value {
    Value::nil()
}

/// The reference that the caller gives away.
fn given(value: &Value) -> Value {
    // SAFETY: the test's own reference, which it does not use any more if it is taken.
    unsafe { Value::from_raw(value.raw()) }
}

/// `calls!{ name(parameter): Lent => |value| result; }`: what a call does with one parameter.
/// The values in the result are released at once, or with `keeps` at the end; with `queues`, a task is run
/// then.
macro_rules! calls {
    ($($name:ident($parameter:ident): $lent:ident $($keeps:ident)? => |$value:ident| $call:expr;)*) => {
        &[$((stringify!($name), stringify!($parameter), $lent, |$value: &Value| {
            let result = $call;
            calls!(@ $($keeps)? result)
        })),*]
    };
    (@ keeps $result:ident) => { Box::new(move || drop($result)) };
    (@ queues $result:ident) => {{
        let _ = $result;
        Box::new(|| assert_eq!(executor::poll_all(), 1))
    }};
    (@ $result:ident) => {{
        let _ = $result;
        Box::new(|| {})
    }};
}

type Call = (&'static str, &'static str, Lent, fn(&Value) -> Keeper);

#[rustfmt::skip]
const CALLS: &[Call] = calls! {
    rt_value_as_int(value): Pending => |v| rt_value_as_int(v);
    rt_value_as_float(value): Pending => |v| rt_value_as_float(v);
    rt_value_as_bool(value): Pending => |v| rt_value_as_bool(v);
    rt_value_is_int(value): Pending => |v| rt_value_is_int(v);
    rt_value_is_float(value): Pending => |v| rt_value_is_float(v);
    rt_value_is_bool(value): Pending => |v| rt_value_is_bool(v);
    rt_value_is_nil(value): Pending => |v| rt_value_is_nil(v);
    rt_value_is_heap(value): Pending => |v| rt_value_is_heap(v);
    rt_value_truthy(value): Pending => |v| rt_value_truthy(v);
    rt_value_type_name(value): Pending => |v| rt_value_type_name(v);
    rt_value_retain(value): Pending => |v| rt_value_retain(v);
    rt_value_release(value): Pending => |v| rt_value_release(given(v));
    rt_value_deep_copy(value): Array => |v| rt_value_deep_copy(v);
    rt_string_data(string): Pending => |v| rt_string_data(v);
    rt_string_len(string): Pending => |v| rt_string_len(v);
    rt_array_push(array): Array => |v| rt_array_push(v, &rt_value_int(1));
    rt_array_push(item): Pending keeps => |v| { let a = rt_array_new(0); rt_array_push(&a, v); a };
    rt_array_get(array): Array => |v| rt_array_get(v, 0);
    rt_array_set(array): Array => |v| rt_array_set(v, 0, &rt_value_int(1));
    rt_array_set(item): Pending keeps => |v| {
        let array = rt_array_new(1);
        assert!(rt_array_push(&array, &rt_value_nil()) && rt_array_set(&array, 0, v));
        array
    };
    rt_array_pop(array): Array => |v| rt_array_pop(v);
    rt_array_len(array): Array => |v| rt_array_len(v);
    rt_array_clear(array): Array => |v| {
        let item = rt_array_get(v, 0);
        assert!(rt_array_clear(v) && rt_array_push(v, &item));
    };
    rt_future_new(ctx): Pending keeps => |v| rt_future_new(body(returns_nil), v);
    rt_future_await(future): Ready => |v| rt_future_await(v);
    rt_future_is_ready(future): Ready => |v| rt_future_is_ready(v);
    rt_future_get_result(future): Ready => |v| rt_future_get_result(v);
    rt_future_all(futures): Futures => |v| rt_future_all(v);
    rt_future_race(futures): Futures => |v| rt_future_race(v);
    rt_future_resolve(value): Pending keeps => |v| rt_future_resolve(v);
    rt_future_reject(error): Pending keeps => |v| rt_future_reject(v);
    rt_future_start(future): Pending queues => |v| rt_future_start(v);
    rt_future_state(future): Ready => |v| rt_future_state(v);
    rt_future_error(future): Ready => |v| rt_future_error(v);
    rt_future_await_timeout(future): Pending queues => |v| rt_future_await_timeout(v, 0);
    rt_future_cancel(future): Ready => |v| rt_future_cancel(v);
    rt_executor_submit(ctx): Pending queues => |v| rt_executor_submit(body(returns_nil), v);
    native_async_file_create(path): Pending => |v| native_async_file_create(v, 0, 0);
    rt_thread_spawn_isolated(data): Array => |v| ended(rt_thread_spawn_isolated(body(returns_nil), v));
    rt_thread_spawn_isolated2(data): Array => |v| {
        ended(rt_thread_spawn_isolated2(body_with_channel(returns_nil_too), v, &rt_channel_new()))
    };
    rt_thread_spawn_isolated2(channel): Channel => |v| {
        ended(rt_thread_spawn_isolated2(body_with_channel(returns_nil_too), &rt_value_nil(), v))
    };
    rt_channel_send(channel): Channel => |v| rt_channel_send(v, &rt_value_int(1));
    rt_channel_send(value): Pending keeps => |v| {
        let channel = rt_channel_new();
        assert_eq!(rt_channel_send(&channel, v), 1);
        channel
    };
    rt_channel_recv(channel): Channel => |v| rt_channel_recv(v);
    rt_channel_try_recv(channel): Channel => |v| rt_channel_try_recv(v);
    rt_channel_recv_timeout(channel): Channel => |v| rt_channel_recv_timeout(v, 0);
    rt_channel_close(channel): Channel => |v| rt_channel_close(v);
    rt_channel_is_closed(channel): Channel => |v| rt_channel_is_closed(v);
    rt_channel_id(channel): Channel => |v| rt_channel_id(v);
    rt_channel_free(channel): Channel => |v| rt_channel_free(given(v));
    rt_aop_invoke_around(argv): Pending => |v| {
        let arguments = [v.raw()];
        // SAFETY: no advices, and one argument.
        unsafe { ffi::aop::rt_aop_invoke_around(Some(target), ptr::null(), 0, 1, arguments.as_ptr()) }
    };
};

/// Waits until a thread is over, and has given back all that it had.
fn ended(thread: u64) {
    assert!(rt_value_is_nil(&rt_thread_join(thread)));
    rt_thread_free(thread);
}

fn functions() -> Vec<comments::Function> {
    comments::functions(include_str!("../include/simple_runtime.h"))
}

/// By hand: what is queued stays where it is until it is polled.
#[test]
fn calls_do_with_what_they_are_lent_what_the_header_says() {
    let _alone = tasks::alone_by_hand();
    let functions = functions();
    for (name, parameter, lent, call) in CALLS {
        let function = functions.iter().find(|function| function.name() == *name);
        let function = function.unwrap_or_else(|| panic!("the header does not declare {name}"));
        let said = function.role(parameter);
        assert_eq!(Some(seen(*lent, *call)), said, "`{parameter}` of {name}");
    }
}

#[test]
fn every_value_that_is_lent_to_a_call_is_seen() {
    for function in functions() {
        for (kind, parameter) in function.parameters().filter(|(kind, _)| kind.contains("RtValue"))
        {
            let is_it = |call: &&Call| (call.0, call.1) == (function.name(), parameter);
            assert!(
                CALLS.iter().any(|call| is_it(&call)),
                "{} ({kind} {parameter})",
                function.name()
            );
        }
    }
}
