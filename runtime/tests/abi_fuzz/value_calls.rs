//! Calls on values, strings, arrays and channels, and of errors.

use super::world::{Call, Entry, Op, World};
use crate::c::*;
use simple_runtime::{RuntimeValue, Value};

pub const CALLS: &[Call] = &[
    make_number,
    make_word,
    make_word,
    make_string,
    make_container,
    make_tracked,
    ask_about_value,
    retain,
    release,
    deep_copy,
    push,
    push,
    set,
    get,
    pop,
    length,
    clear,
    send,
    send,
    receive,
    receive_in_time,
    close,
    free,
    last_error,
];

const NAMES: [&str; 9] =
    ["int", "float", "bool", "nil", "string", "array", "future", "channel", "invalid"];

fn is(world: &World, which: u8, name: &str) -> bool {
    rt_value_type_name(&world.pick(which).value) == name
}

fn make_number(world: &mut World, op: &Op) {
    let (int, float) = (rt_value_int(op.n), rt_value_float(f64::from_bits(op.n as u64)));
    assert_eq!(rt_value_as_int(&int), op.n);
    assert_eq!(rt_value_as_float(&float).to_bits(), op.n as u64);
    world.add(if op.a & 1 == 0 { int } else { float }, 0);
}

/// A word that names no object, or none any more.
fn make_word(world: &mut World, op: &Op) {
    let random = op.n as u64;
    let (slot, heap) = (|| dead(rt_value_float(0.1)), vec![random; 8]);
    let bits = match op.b % 12 {
        0 => random << 3 | u64::from(op.a % 8),
        1 => u64::from(op.a) << 3 | 0x1,
        2 => u64::from(op.a) << 12 | 0x1,
        // No address of a process, with the heap tag.
        3 => (random | 1 << 47) << 3 | 0x1,
        // Memory of others: this function, and a list on the heap.
        4 => make_word as *const () as u64 & !0b111 | 0x1,
        5 => heap.as_ptr() as u64 | 0x1,
        // Slots of ours: inside of one, the last of many, and those of dead objects.
        6 => slot() + 8,
        7 => slot() | 0xff_ffc0,
        8 => slot(),
        9 => dead(rt_string_new(&vec![b'x'; usize::from(op.a)])),
        10 => dead(if op.a & 1 == 0 { rt_array_new(4) } else { rt_channel_new() }),
        _ => dead(rt_future_new(0, &rt_value_int(1))),
    };
    // Of a live object, the word would be one reference too many.
    let is_live = rt_value_is_heap(borrowed(&RuntimeValue::from_bits(bits)));
    if !is_live {
        // Kept from now on, so it names no object that is made later.
        world.add(rt_value_retain(borrowed(&RuntimeValue::from_bits(bits))), 0);
    }
}

/// Any word, as C passes it.
fn borrowed(word: &RuntimeValue) -> &Value {
    // SAFETY: the caller does not let go of an object meanwhile.
    unsafe { Value::borrow(word) }
}

fn make_string(world: &mut World, op: &Op) {
    let bytes = [b'a', op.a, op.b, 0, b'z'];
    let string = rt_string_new(&bytes);
    assert_eq!(rt_value_is_nil(&string), str::from_utf8(&bytes).is_err());
    world.add(string, 0);
}

fn make_container(world: &mut World, op: &Op) {
    let level = 1 + op.b % 4;
    if op.a & 1 == 0 {
        return world.add_container(rt_channel_new(), level);
    }
    // Not what is absurd but could be had: nobody wants to wait for the memory.
    let capacity = if (0..1 << 20).contains(&op.n) { op.n as u64 } else { op.n as u64 | 1 << 60 };
    let array = rt_array_new(capacity);
    assert_eq!(rt_value_is_nil(&array), capacity >= 1 << 60);
    world.add_container(array, level);
}

fn make_tracked(world: &mut World, _: &Op) {
    world.add_tracked();
}

fn ask_about_value(world: &mut World, op: &Op) {
    let value = &world.pick(op.a).value;
    let name = rt_value_type_name(value);
    assert!(NAMES.contains(&name), "{name}");
    assert_eq!(rt_value_is_int(value), name == "int");
    assert_eq!(rt_value_is_float(value), name == "float");
    assert_eq!(rt_value_is_bool(value), name == "bool");
    assert_eq!(rt_value_is_nil(value), name == "nil");
    assert!(name == "int" || rt_value_as_int(value) == 0);
    assert!(name == "float" || rt_value_as_float(value).to_bits() == 0);
    assert!(name == "bool" || !rt_value_as_bool(value));
    let has_content = matches!(name, "string" | "array" | "future" | "channel");
    assert!(rt_value_truthy(value) || !has_content);
    assert!(rt_value_is_heap(value) || !has_content);
}

fn retain(world: &mut World, op: &Op) {
    let Entry { level, exact, .. } = *world.pick(op.a);
    world.put(Entry { value: world.value(op.a), level, exact });
}

fn release(world: &mut World, op: &Op) {
    if let Some(entry) = world.take(op.a) {
        rt_value_release(entry.value);
    }
}

fn deep_copy(world: &mut World, op: &Op) {
    let Entry { ref value, level, exact } = *world.pick(op.a);
    let copy = rt_value_deep_copy(value);
    assert_eq!(rt_value_type_name(&copy), rt_value_type_name(value));
    assert_eq!(rt_array_len(&copy), rt_array_len(value));
    // A copied array stands in nothing yet, whatever the original stands in.
    let exact = exact || is(world, op.a, "array");
    world.put(Entry { value: copy, level, exact });
}

fn push(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let item = world.item_for(at, world.prefer(op.b, "future"));
    let pushed = rt_array_push(&world.pick(at).value, &item);
    assert_eq!(pushed, is(world, at, "array"));
}

fn set(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let item = world.item_for(at, op.b);
    let set = rt_array_set(&world.pick(at).value, op.n, &item);
    assert!(!set || is(world, at, "array"));
}

fn get(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let Entry { value, level, .. } = world.pick(at);
    let (item, level) = (rt_array_get(value, op.n), level.saturating_sub(1));
    assert!(rt_value_is_nil(&item) || is(world, at, "array"));
    world.add(item, level);
}

fn pop(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    let Entry { value, level, .. } = world.pick(at);
    let (item, level) = (rt_array_pop(value), level.saturating_sub(1));
    assert!(rt_value_is_nil(&item) || is(world, at, "array"));
    world.add(item, level);
}

fn length(world: &mut World, op: &Op) {
    let value = &world.pick(op.a).value;
    assert_eq!(rt_array_len(value) == -1, !is(world, op.a, "array"));
    assert_eq!(rt_string_len(value) == -1, !is(world, op.a, "string"));
    assert_eq!(rt_string_data(value).is_null(), !is(world, op.a, "string"));
}

fn clear(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "array");
    assert_eq!(rt_array_clear(&world.pick(at).value), is(world, at, "array"));
}

fn send(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "channel");
    let item = world.item_for(at, world.prefer(op.b, "future"));
    let channel = &world.pick(at).value;
    let may_be_sent = is(world, at, "channel") && rt_channel_is_closed(channel) == 0;
    let sent = rt_channel_send(channel, &item);
    assert!((0..=i64::from(may_be_sent)).contains(&sent));
}

fn receive(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "channel");
    let Entry { value, level, .. } = world.pick(at);
    // An open one might stay empty; a closed one stays closed.
    let received = match rt_channel_is_closed(value) {
        1 => rt_channel_recv(value),
        _ => rt_channel_try_recv(value),
    };
    let level = level.saturating_sub(1);
    assert!(rt_value_is_nil(&received) || is(world, at, "channel"));
    world.add(received, level);
}

fn receive_in_time(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "channel");
    let Entry { value, level, .. } = world.pick(at);
    let (received, level) = (rt_channel_recv_timeout(value, op.n.min(1)), level.saturating_sub(1));
    world.add(received, level);
}

fn close(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "channel");
    let value = &world.pick(at).value;
    let closed = rt_channel_close(value);
    assert!((0..=i64::from(is(world, at, "channel"))).contains(&closed));
    assert_eq!(rt_channel_is_closed(value), 1, "also said of what is no channel");
    assert_eq!(rt_channel_id(value) > 0, is(world, at, "channel"));
}

fn free(world: &mut World, op: &Op) {
    let at = world.prefer(op.a, "channel");
    if let Some(Entry { value, level, .. }) = world.take(at) {
        let is_channel = rt_value_type_name(&value) == "channel";
        let others = rt_value_retain(&value);
        assert_eq!(rt_channel_free(value), i64::from(is_channel));
        world.add(others, level);
    }
}

fn last_error(_: &mut World, _: &Op) {
    assert!(rt_last_error().len() < 10_000);
    failing("rt_value_as_int", || rt_value_as_int(&invalid(0x7)));
    assert!(rt_last_error().contains("invalid"));
}
