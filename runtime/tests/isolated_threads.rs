//! Isolated threads: what they share and what not, how they end, and what their handles answer
//! at every moment.

#[path = "common/c.rs"]
mod c;
#[path = "common/watchdog.rs"]
mod watchdog;

use c::*;
use simple_runtime::{RuntimeValue, Value};
use std::collections::HashSet;
use std::thread;

type Body = simple_runtime::future::Body;

fn spawn(function: Body, data: &Value) -> u64 {
    let thread = quietly(|| rt_thread_spawn_isolated(body(function), data));
    assert!(thread > 0 && thread <= i64::MAX as u64, "handles are positive: {thread}");
    thread
}

/// Spawns, joins, frees.
fn answer_of(function: Body, data: &Value) -> Value {
    let thread = spawn(function, data);
    let answer = quietly(|| rt_thread_join(thread));
    rt_thread_free(thread);
    answer
}

fn array_of<const N: usize>(items: [&Value; N]) -> Value {
    let array = rt_array_new(0);
    for item in items {
        assert!(rt_array_push(&array, item));
    }
    array
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no string"))
}

extern "C-unwind" fn give_back(data: RuntimeValue) -> Value {
    rt_value_retain(lent(&data))
}

/// Runs until the channel that it is given is closed.
extern "C-unwind" fn wait_at_gate(gate: RuntimeValue) -> Value {
    rt_channel_recv(lent(&gate))
}

extern "C-unwind" fn panic_with_its_data(data: RuntimeValue) -> Value {
    panic!("on purpose: {}", text(lent(&data)))
}

extern "C-unwind" fn change_everything(data: RuntimeValue) -> Value {
    let data = lent(&data);
    assert!(rt_array_push(&rt_array_get(data, 0), &rt_value_int(2)));
    assert!(rt_array_set(data, 1, &rt_string_new(b"changed")) && rt_array_push(data, data));
    rt_value_retain(data)
}

#[test]
fn the_data_is_a_deep_copy() {
    let inner = array_of([&rt_value_int(1)]);
    let data = array_of([&inner, &rt_string_new(b"original"), &inner]);
    let theirs = answer_of(change_everything, &data);
    assert_eq!((rt_array_len(&data), rt_array_len(&inner)), (3, 1));
    assert_eq!(text(&rt_array_get(&data, 1)), "original");
    assert_eq!(rt_array_len(&theirs), 4);
    let (first, third) = (rt_array_get(&theirs, 0), rt_array_get(&theirs, 2));
    assert_eq!(first.raw(), third.raw(), "what was shared inside is shared inside of the copy");
    assert_eq!(rt_array_len(&first), 2);
    assert!(rt_array_clear(&theirs), "it contains itself");
}

#[test]
fn channels_and_futures_are_shared_wherever_they_stand_in_the_data() {
    let (channel, future) = (rt_channel_new(), rt_future_resolve(&rt_value_int(1)));
    let data = array_of([&array_of([&array_of([&channel]), &future]), &channel]);
    let theirs = answer_of(give_back, &data);
    let inner = rt_array_get(&theirs, 0);
    assert_ne!(theirs.raw(), data.raw());
    assert_eq!(rt_array_get(&theirs, 1).raw(), channel.raw());
    assert_eq!(rt_array_get(&rt_array_get(&inner, 0), 0).raw(), channel.raw());
    assert_eq!(rt_array_get(&inner, 1).raw(), future.raw());
    assert_eq!(answer_of(give_back, &channel).raw(), channel.raw());
}

extern "C-unwind" fn echo(data: RuntimeValue, channel: RuntimeValue) -> Value {
    let (requests, replies) = (lent(&data), lent(&channel));
    loop {
        let request = rt_channel_recv(requests);
        if rt_value_is_nil(&request) {
            return rt_value_bool(true);
        }
        assert_eq!(rt_channel_send(replies, &request), 1);
    }
}

#[test]
fn the_channel_of_spawn_isolated2_is_shared() {
    let _watchdog = watchdog::watch("an echo");
    let (requests, replies) = (rt_channel_new(), rt_channel_new());
    let thread = rt_thread_spawn_isolated2(body_with_channel(echo), &requests, &replies);
    for n in 0..100 {
        assert_eq!(rt_channel_send(&requests, &rt_value_int(n)), 1);
        assert_eq!(rt_value_as_int(&rt_channel_recv(&replies)), n);
    }
    assert_eq!(rt_channel_close(&requests), 1);
    assert!(rt_value_as_bool(&rt_thread_join(thread)));
    rt_thread_free(thread);
}

extern "C-unwind" fn both(data: RuntimeValue, channel: RuntimeValue) -> Value {
    array_of([lent(&data), lent(&channel)])
}

#[test]
fn what_is_no_channel_is_copied_as_data_is() {
    let (data, other) = (rt_string_new(b"data"), array_of([]));
    let thread = rt_thread_spawn_isolated2(body_with_channel(both), &data, &other);
    let theirs = rt_thread_join(thread);
    rt_thread_free(thread);
    assert_eq!(text(&rt_array_get(&theirs, 0)), "data");
    assert_ne!(rt_array_get(&theirs, 1).raw(), other.raw());
    assert_eq!(rt_array_len(&rt_array_get(&theirs, 1)), 0);
}

#[test]
fn the_second_join_is_nil_with_a_message() {
    let thread = spawn(give_back, &rt_value_int(7));
    assert_eq!(rt_value_as_int(&quietly(|| rt_thread_join(thread))), 7);
    for _ in 0..2 {
        assert!(rt_value_is_nil(&failing("rt_thread_join", || rt_thread_join(thread))));
    }
    rt_thread_free(thread);
}

#[test]
fn of_many_joins_one_gets_the_result() {
    let _watchdog = watchdog::watch("joins");
    for _ in 0..50 {
        let handle = spawn(give_back, &rt_value_int(7));
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(move || rt_thread_join(handle))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(results.iter().filter(|result| rt_value_is_int(result)).count(), 1);
        assert_eq!(results.iter().filter(|result| rt_value_is_nil(result)).count(), 3);
        rt_thread_free(handle);
    }
}

#[test]
fn a_panic_is_nil_with_its_text_as_the_message() {
    let thread = spawn(panic_with_its_data, &rt_string_new(b"some text"));
    let (answer, message) = with_message(|| rt_thread_join(thread));
    assert!(rt_value_is_nil(&answer));
    let message = message.expect("a panic is a failure of join");
    assert!(message.starts_with("rt_thread_join: "), "{message}");
    assert!(message.contains("on purpose: some text"), "{message}");
    assert_eq!(rt_thread_is_done(thread), 1);
    rt_thread_free(thread);
}

#[test]
fn null_functions_are_0_with_a_message() {
    let (data, channel) = (rt_value_nil(), rt_channel_new());
    assert_eq!(failing("rt_thread_spawn_isolated", || rt_thread_spawn_isolated(0, &data)), 0);
    let spawn2 = || rt_thread_spawn_isolated2(0, &data, &channel);
    assert_eq!(failing("rt_thread_spawn_isolated2", spawn2), 0);
}

/// The result of every call for a handle that names no thread.
#[track_caller]
fn assert_names_nothing(thread: u64) {
    assert!(rt_value_is_nil(&failing("rt_thread_join", || rt_thread_join(thread))));
    assert_eq!(failing("rt_thread_is_done", || rt_thread_is_done(thread)), 1);
    assert_eq!(failing("rt_thread_id", || rt_thread_id(thread)), 0);
    failing("rt_thread_free", || rt_thread_free(thread));
}

#[test]
fn zero_negative_and_forged_handles_name_nothing() {
    let thread = spawn(give_back, &rt_value_nil());
    for forged in [0, 1, u64::MAX, 1 << 63, i64::MAX as u64, 7 << 32, u64::from(u32::MAX)] {
        assert_names_nothing(forged);
    }
    // The same place, with generations that it has not had.
    for generation in [1_u64 << 20, 1 << 25, (1 << 26) - 1, 1 << 30] {
        assert_names_nothing(thread & !(0x3ff_ffff << 32) | generation << 32);
    }
    // The sign bit set, an index nobody has.
    assert_names_nothing(thread | 1 << 63);
    assert_names_nothing(thread | 0xffff_0000);
    assert!(rt_value_is_nil(&quietly(|| rt_thread_join(thread))));
    rt_thread_free(thread);
}

#[test]
fn a_freed_handle_is_stale_for_ever_and_freeing_it_twice_is_harmless() {
    let thread = spawn(give_back, &rt_value_nil());
    quietly(|| rt_thread_free(thread));
    assert_names_nothing(thread);
    // Others take its place, and it does not reach them.
    let others: Vec<_> = (0..40).map(|n| spawn(give_back, &rt_value_int(n))).collect();
    assert!(!others.contains(&thread));
    assert_names_nothing(thread);
    for (n, other) in (0..).zip(others) {
        assert_eq!(rt_value_as_int(&rt_thread_join(other)), n);
        rt_thread_free(other);
    }
}

#[test]
fn is_done_is_0_while_it_runs_and_1_after() {
    let _watchdog = watchdog::watch("a thread's end");
    let gate = rt_channel_new();
    let thread = spawn(wait_at_gate, &gate);
    for _ in 0..100 {
        assert_eq!(quietly(|| rt_thread_is_done(thread)), 0);
    }
    rt_channel_close(&gate);
    while quietly(|| rt_thread_is_done(thread)) == 0 {
        rt_thread_yield();
    }
    assert!(rt_value_is_nil(&quietly(|| rt_thread_join(thread))));
    assert_eq!(quietly(|| rt_thread_is_done(thread)), 1, "joined is done");
    rt_thread_free(thread);
}

#[test]
fn ids_are_positive_unique_and_stay_until_free() {
    let mut ids = HashSet::new();
    for _ in 0..50 {
        let thread = spawn(give_back, &rt_value_nil());
        let id = quietly(|| rt_thread_id(thread));
        assert!(id > 0 && ids.insert(id), "{id}");
        drop(rt_thread_join(thread));
        assert_eq!(quietly(|| rt_thread_id(thread)), id, "also after the join");
        rt_thread_free(thread);
        assert_eq!(failing("rt_thread_id", || rt_thread_id(thread)), 0);
    }
}

extern "C-unwind" fn answer_at_gate(data: RuntimeValue, gate: RuntimeValue) -> Value {
    drop(rt_channel_recv(lent(&gate)));
    assert_eq!(rt_channel_send(lent(&data), &rt_value_int(7)), 1);
    rt_value_nil()
}

#[test]
fn a_thread_that_is_freed_while_it_runs_goes_on() {
    let _watchdog = watchdog::watch("a detached thread");
    let (answers, gate) = (rt_channel_new(), rt_channel_new());
    let thread = rt_thread_spawn_isolated2(body_with_channel(answer_at_gate), &answers, &gate);
    rt_thread_free(thread);
    assert_names_nothing(thread);
    rt_channel_close(&gate);
    assert_eq!(rt_value_as_int(&rt_channel_recv(&answers)), 7);
}

/// Gets its own handle through a channel, joins it, and returns the message that this leaves.
extern "C-unwind" fn join_itself(handles: RuntimeValue) -> Value {
    let own = rt_value_as_int(&rt_channel_recv(lent(&handles))) as u64;
    let (answer, message) = with_message(|| rt_thread_join(own));
    assert!(rt_value_is_nil(&answer));
    rt_string_new(message.unwrap_or_default().as_bytes())
}

#[test]
fn a_thread_that_joins_itself_gets_nil_with_a_message() {
    let _watchdog = watchdog::watch("a thread that joins itself");
    let handles = rt_channel_new();
    let thread = spawn(join_itself, &handles);
    assert_eq!(rt_channel_send(&handles, &rt_value_int(thread as i64)), 1);
    let message = quietly(|| rt_thread_join(thread));
    assert!(text(&message).contains("itself"), "{message:?}");
    rt_thread_free(thread);
}

extern "C-unwind" fn joins_inside(depth: RuntimeValue) -> Value {
    match rt_value_as_int(lent(&depth)) {
        0 => rt_value_int(0),
        n => {
            let inner = answer_of(joins_inside, &rt_value_int(n - 1));
            rt_value_int(rt_value_as_int(&inner) + 1)
        }
    }
}

#[test]
fn isolated_threads_may_have_isolated_threads() {
    assert_eq!(rt_value_as_int(&answer_of(joins_inside, &rt_value_int(20))), 20);
}

/// The calling thread's mask, after `signal` is blocked (or opened) in it.
fn mask(how: i32, signal: i32) -> Vec<i32> {
    // SAFETY: sets are plain data; the calls fill them, and change the calling thread's mask only.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigaddset(&mut set, signal);
        libc::pthread_sigmask(how, &set, std::ptr::null_mut());
        libc::pthread_sigmask(how, std::ptr::null(), &mut set);
        (1..32).filter(|&signal| libc::sigismember(&set, signal) == 1).collect()
    }
}

extern "C-unwind" fn mask_of_its_own(_: RuntimeValue) -> Value {
    let mask = mask(libc::SIG_BLOCK, libc::SIGUSR2);
    rt_value_int(mask.into_iter().map(|signal| 1 << signal).sum())
}

#[test]
fn a_thread_keeps_the_signal_mask_of_its_maker() {
    for how in [libc::SIG_BLOCK, libc::SIG_UNBLOCK] {
        let makers: i64 = mask(how, libc::SIGUSR1).into_iter().map(|signal| 1 << signal).sum();
        let theirs = rt_value_as_int(&answer_of(mask_of_its_own, &rt_value_nil()));
        assert_eq!(theirs, makers | 1 << libc::SIGUSR2);
        assert_eq!(theirs & 1 << libc::SIGUSR1 != 0, how == libc::SIG_BLOCK);
    }
}

#[test]
fn sleep_of_nothing_and_less_returns() {
    for ms in [0, -1, i64::MIN] {
        quietly(|| rt_thread_sleep(ms));
    }
    quietly(|| rt_thread_sleep(1));
    quietly(rt_thread_yield);
}
