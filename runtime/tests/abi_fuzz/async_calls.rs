//! Calls on futures and on the executor, and around-advice.

use super::bodies::{ADVICES, BODIES, GOOD_ADVICES, GOOD_TARGETS, TARGETS};
use super::world::{Call, Entry, HIGHEST, Op, World};
use crate::c::*;
use simple_runtime::ffi::aop::{rt_aop_invoke_around, rt_aop_proceed};
use std::ptr;

pub const CALLS: &[Call] = &[
    make_future,
    make_future,
    make_future,
    make_ready_future,
    wait,
    look,
    start,
    start,
    cancel,
    wait_in_time,
    all,
    race,
    set_executor,
    start_executor,
    poll,
    submit,
    stats,
    shutdown,
    invoke_around,
    proceed,
];

fn is_future(world: &World, which: u8) -> bool {
    rt_value_type_name(&world.pick(which).value) == "future"
}

/// The result of a future: something from below it.
fn below(world: &World, which: u8) -> u8 {
    world.pick(which).level.saturating_sub(1)
}

fn make_future(world: &mut World, op: &Op) {
    let (context, level) = world.below(op.a);
    let function = if op.b == 0 { 0 } else { body(BODIES[usize::from(op.b) % BODIES.len()]) };
    let future = rt_future_new(function, &context);
    assert_eq!(rt_future_state(&future), 0, "lazy");
    assert!(rt_value_is_nil(&rt_future_get_result(&future)));
    world.add(future, level + 1);
}

fn make_ready_future(world: &mut World, op: &Op) {
    let (value, level) = world.below(op.a);
    let resolve = op.b & 1 == 0;
    let future = if resolve { rt_future_resolve(&value) } else { rt_future_reject(&value) };
    assert_eq!(rt_future_is_ready(&future), 1);
    assert_eq!(rt_future_state(&future), if resolve { 3 } else { 4 });
    world.add(future, level + 1);
}

fn wait(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "future");
    let (value, level) = (&world.pick(at).value, below(world, at));
    let result = rt_future_await(value);
    assert!(rt_value_is_nil(&result) || is_future(world, at));
    let finished = rt_executor_is_manual() == 1 || rt_future_state(value) >= 3;
    assert!(finished || !is_future(world, at), "awaiting finishes it");
    world.add(result, level);
}

fn look(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "future");
    let (value, level) = (&world.pick(at).value, below(world, at));
    let (state, ready) = (rt_future_state(value), rt_future_is_ready(value));
    assert_eq!(state == -1, !is_future(world, at));
    assert!((-1..=4).contains(&state) && (0..=1).contains(&ready));
    assert!(ready == 1 || state < 3);
    let (result, error) = (rt_future_get_result(value), rt_future_error(value));
    assert!(rt_value_is_nil(&result) || rt_value_is_nil(&error), "it is one or the other");
    world.add(if op.b & 1 == 0 { result } else { error }, level);
}

fn start(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "future");
    let started = rt_future_start(&world.pick(at).value);
    assert!((0..=i64::from(is_future(world, at))).contains(&started));
}

fn cancel(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "future");
    let value = &world.pick(at).value;
    let cancelled = rt_future_cancel(value);
    assert!((0..=i64::from(is_future(world, at))).contains(&cancelled));
    if cancelled == 1 {
        assert_eq!(rt_future_error(value).as_str(), Some("cancelled"));
    }
}

fn wait_in_time(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "future");
    let value = &world.pick(at).value;
    let answer = rt_future_await_timeout(value, op.n.min(1));
    assert_eq!(answer == -1, !is_future(world, at));
    assert!((-1..=1).contains(&answer));
    assert!(answer != 1 || rt_future_is_ready(value) == 1);
}

fn all(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let Entry { value, level, .. } = world.pick(at);
    let (len, level) = (rt_array_len(value), *level);
    let results = rt_future_all(value);
    assert_eq!(rt_value_is_nil(&results), len == -1);
    world.add_container(results, level);
}

fn race(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let level = below(world, at);
    let result = rt_future_race(&world.pick(at).value);
    world.add(result, level);
}

fn set_executor(_: &mut World, op: &Op) {
    let mode = op.n.clamp(-1, 2);
    let set = rt_executor_set_mode(mode);
    assert!((0..=i64::from(mode == 0 || mode == 1)).contains(&set));
    let workers = [op.n.min(0), 1, 2, 3, i64::MAX];
    rt_executor_set_workers(workers[usize::from(op.b) % workers.len()]);
    assert_eq!(rt_executor_is_manual(), rt_executor_get_mode());
}

fn start_executor(_: &mut World, _: &Op) {
    rt_executor_start();
}

fn poll(_: &mut World, op: &Op) {
    assert!(rt_executor_pending_count() >= 0);
    let ran = if op.a & 1 == 0 { rt_executor_poll() } else { rt_executor_poll_all() };
    assert!(ran >= 0 && (op.a & 1 == 1 || ran <= 1));
}

fn submit(world: &mut World, op: &Op) {
    let function = if op.b == 0 { 0 } else { body(BODIES[usize::from(op.b) % BODIES.len()]) };
    let id = rt_executor_submit(function, &world.value(op.a));
    assert_eq!(id > 0, op.b != 0);
}

fn stats(_: &mut World, _: &Op) {
    let (before, after) = (rt_executor_stats(), rt_executor_stats());
    assert!(before.submitted <= after.submitted && before.completed <= after.completed);
}

/// Not at every chance: much would never be queued beside it.
fn shutdown(_: &mut World, op: &Op) {
    if op.a < 80 {
        rt_executor_shutdown();
    }
}

fn invoke_around(world: &mut World, op: &Op) {
    let target = usize::from(op.b) % TARGETS.len();
    let pick = |place: u32| (op.n as u64 >> (3 * place)) as usize % ADVICES.len();
    let picked: Vec<_> = (0..u32::from(op.b / 4 % 4)).map(pick).collect();
    let goes_well =
        GOOD_TARGETS.contains(&target) && picked.iter().all(|i| GOOD_ADVICES.contains(i));
    let (target, advices) = (TARGETS[target], Vec::from_iter(picked.iter().map(|&i| ADVICES[i])));
    let (value, level) = (world.value(op.a), world.pick(op.a).level);
    let words = [value.raw(); 2];
    let (advice_len, argc) = (advices.len() as u64, words.len() as u64);
    let invoke = || {
        // SAFETY: lists of as many items as is said; the functions are for any arguments,
        // which live during the call.
        unsafe { rt_aop_invoke_around(target, advices.as_ptr(), advice_len, argc, words.as_ptr()) }
    };
    let (result, message) = with_message(invoke);
    assert_eq!(message.is_none(), goes_well, "{message:?}");
    assert!(goes_well || rt_value_is_nil(&result));
    world.add(result, level.min(HIGHEST));
}

fn proceed(_: &mut World, op: &Op) {
    let forged = ptr::without_provenance_mut(op.n as usize);
    assert!(rt_value_is_nil(&failing("rt_aop_proceed", || rt_aop_proceed(forged))));
}
