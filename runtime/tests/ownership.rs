//! New, borrowed, kept: what the header says of each call, proved by what is freed when.
//!
//! Two proofs. A probe (a future over a closure that holds a flag) says whether anybody still
//! holds a reference. A counting allocator says that all that was allocated is freed, once.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/c.rs"]
mod c;

use allocations::assert_balanced;
use c::*;
use simple_runtime::{RuntimeValue, Value};
use std::sync::Arc;

/// A value and whether it is still alive.
struct Probe {
    value: Value,
    alive: Alive,
}

struct Alive(Arc<()>);

impl Alive {
    fn get(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }
}

fn probe() -> Probe {
    let alive = Alive(Arc::new(()));
    let held = alive.0.clone();
    let value = Value::future_of(move || {
        drop(held);
        Value::nil()
    });
    Probe { value, alive }
}

/// `store` lends a value to a call that keeps it, and returns its keeper; `take` gets the
/// value out again, as a new reference, and ends the keeping.
#[track_caller]
fn assert_kept(store: impl Fn(&Value) -> Value, take: impl Fn(Value) -> Value) {
    let Probe { value, alive } = probe();
    let word = value.raw();
    let keeper = store(&value);
    assert!(alive.get());
    rt_value_release(value);
    assert!(alive.get(), "what a call keeps, it retains");
    let taken = take(keeper);
    assert_eq!(taken.raw(), word);
    assert!(alive.get(), "what comes out is a reference of its own");
    rt_value_release(taken);
    assert!(!alive.get(), "and there is no other left");
    // Given up together with its keeper.
    let Probe { value, alive } = probe();
    let keeper = store(&value);
    rt_value_release(value);
    rt_value_release(keeper);
    assert!(!alive.get(), "a keeper's end releases what it keeps");
}

fn array_with(item: &Value) -> Value {
    let array = rt_array_new(0);
    assert!(rt_array_push(&array, item));
    array
}

fn channel_with(value: &Value) -> Value {
    let channel = rt_channel_new();
    assert_eq!(rt_channel_send(&channel, value), 1);
    channel
}

#[test]
fn array_push_keeps_and_get_and_pop_give_new_references() {
    assert_kept(array_with, |array| rt_array_get(&array, 0));
    assert_kept(array_with, |array| rt_array_pop(&array));
    assert_kept(array_with, |array| rt_array_pop(&array.clone()));
}

#[test]
fn array_set_keeps_the_new_item_and_releases_the_old() {
    let (old, new) = (probe(), probe());
    let array = array_with(&old.value);
    rt_value_release(old.value);
    assert!(old.alive.get());
    assert!(rt_array_set(&array, 0, &new.value));
    assert!(!old.alive.get(), "the previous item is released");
    rt_value_release(new.value);
    assert!(new.alive.get());
    assert!(!rt_array_set(&array, 1, &rt_array_get(&array, 0)), "a set that fails keeps nothing");
    assert!(rt_array_clear(&array));
    assert!(!new.alive.get(), "clear releases the items");
}

#[test]
fn get_leaves_the_array_its_reference() {
    let Probe { value, alive } = probe();
    let array = array_with(&value);
    rt_value_release(value);
    rt_value_release(rt_array_get(&array, 0));
    assert!(alive.get());
    rt_value_release(rt_array_pop(&array));
    assert!(!alive.get(), "pop hands over the array's reference");
}

#[test]
fn channels_keep_what_is_sent_and_receivers_get_new_references() {
    assert_kept(channel_with, |channel| rt_channel_recv(&channel));
    assert_kept(channel_with, |channel| rt_channel_try_recv(&channel));
    assert_kept(channel_with, |channel| rt_channel_recv_timeout(&channel, 0));
    assert_kept(channel_with, |channel| {
        assert_eq!(rt_channel_close(&channel), 1);
        rt_channel_recv(&channel)
    });
}

#[test]
fn send_on_a_closed_channel_keeps_nothing() {
    let Probe { value, alive } = probe();
    let channel = rt_channel_new();
    assert_eq!(rt_channel_close(&channel), 1);
    assert_eq!(rt_channel_send(&channel, &value), 0);
    rt_value_release(value);
    assert!(!alive.get());
}

#[test]
fn free_of_a_channel_releases_only_the_callers_reference() {
    let Probe { value, alive } = probe();
    let channel = channel_with(&value);
    rt_value_release(value);
    let other = rt_value_retain(&channel);
    assert_eq!(rt_channel_free(channel), 1);
    assert!(alive.get(), "another holder still receives what was sent");
    rt_value_release(rt_channel_recv(&other));
    assert!(!alive.get());
}

#[test]
fn ready_futures_keep_their_value_and_hand_out_new_references() {
    assert_kept(rt_future_resolve, |future| rt_future_get_result(&future));
    assert_kept(rt_future_resolve, |future| rt_future_await(&future));
    assert_kept(rt_future_reject, |future| rt_future_error(&future));
    assert_kept(
        |value| array_with(&rt_future_resolve(value)),
        |array| rt_array_pop(&rt_future_all(&array)),
    );
    assert_kept(|value| array_with(&rt_future_resolve(value)), |array| rt_future_race(&array));
}

extern "C-unwind" fn give_back(context: RuntimeValue) -> Value {
    rt_value_retain(lent(&context))
}

extern "C-unwind" fn give_nothing_back(_context: RuntimeValue) -> Value {
    rt_value_nil()
}

#[test]
fn a_future_keeps_its_context_until_the_body_has_run() {
    assert_kept(|value| rt_future_new(body(give_back), value), |future| rt_future_await(&future));
    let Probe { value, alive } = probe();
    let future = rt_future_new(body(give_nothing_back), &value);
    rt_value_release(value);
    assert!(alive.get());
    assert!(rt_value_is_nil(&rt_future_await(&future)));
    assert!(!alive.get(), "the context goes with the body's end, before the future does");
}

#[test]
fn a_cancelled_future_releases_its_context() {
    let Probe { value, alive } = probe();
    let future = rt_future_new(body(give_back), &value);
    rt_value_release(value);
    assert_eq!(rt_future_cancel(&future), 1);
    assert!(!alive.get());
}

extern "C-unwind" fn keep_a_reference_in(context: RuntimeValue) -> Value {
    let array = lent(&context);
    assert!(rt_array_push(array, &rt_array_get(array, 0)));
    rt_value_nil()
}

#[test]
fn an_isolated_thread_borrows_the_data_and_join_gives_a_new_reference() {
    let Probe { value, alive } = probe();
    // A future is shared, so the thread gives back the very same.
    let thread = rt_thread_spawn_isolated(body(give_back), &value);
    let joined = rt_thread_join(thread);
    assert_eq!(joined.raw(), value.raw());
    rt_thread_free(thread);
    rt_value_release(value);
    assert!(alive.get());
    rt_value_release(joined);
    assert!(!alive.get(), "the thread's copy is gone by the time it is joined");

    let Probe { value, alive } = probe();
    let array = array_with(&value);
    let thread = rt_thread_spawn_isolated(body(keep_a_reference_in), &array);
    assert!(rt_value_is_nil(&rt_thread_join(thread)));
    rt_thread_free(thread);
    assert_eq!(rt_array_len(&array), 1, "the thread had an array of its own");
    drop((value, array));
    assert!(!alive.get());
}

#[test]
fn a_deep_copy_shares_futures_and_holds_references_of_its_own() {
    let Probe { value, alive } = probe();
    let array = array_with(&value);
    let copy = rt_value_deep_copy(&array);
    drop((value, array));
    assert!(alive.get());
    rt_value_release(copy);
    assert!(!alive.get());
}

#[test]
fn all_that_is_allocated_is_freed_once() {
    let text = || rt_string_new(b"a text of some length");
    assert_balanced("int", || drop(rt_value_int(i64::MIN)));
    assert_balanced("float", || drop(rt_value_float(0.1)));
    assert_balanced("string", || drop(text()));
    assert_balanced("retain", || rt_value_release(rt_value_retain(&text())));
    assert_balanced("array", || drop(rt_array_new(1000)));
    assert_balanced("channel", || drop(rt_channel_new()));
    assert_balanced("free", || assert_eq!(rt_channel_free(channel_with(&text())), 1));
    assert_balanced("resolve", || drop(rt_future_resolve(&text())));
    assert_balanced("reject", || drop(rt_future_reject(&text())));
    assert_balanced("a future that nobody awaits", || {
        drop(rt_future_new(body(give_back), &text()));
        drop(Value::future_of(Value::nil));
    });
    assert_balanced("await", || drop(rt_future_await(&rt_future_new(body(give_back), &text()))));
    assert_balanced("all and race", || {
        let array = array_with(&rt_future_resolve(&text()));
        drop((rt_future_all(&array), rt_future_race(&array)));
    });
}

#[test]
fn containers_free_their_memory_once() {
    let text = || rt_string_new(b"a text of some length");
    assert_balanced("array", || {
        let array = array_with(&text());
        (0..100).for_each(|_| assert!(rt_array_push(&array, &text())));
        assert!(rt_array_set(&array, 50, &text()) && rt_array_set(&array, 0, &array_with(&text())));
        drop((rt_array_get(&array, 1), rt_array_pop(&array), rt_value_deep_copy(&array)));
        assert!(rt_array_clear(&array) && rt_array_push(&array, &text()));
    });
    assert_balanced("channel", || {
        let channel = channel_with(&text());
        (0..100).for_each(|_| assert_eq!(rt_channel_send(&channel, &text()), 1));
        drop((rt_channel_recv(&channel), rt_channel_try_recv(&channel)));
        assert_eq!(rt_channel_send(&channel, &rt_channel_new()), 1);
    });
}
