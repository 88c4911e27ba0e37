//! Deep copies: of the same shape, with nothing in common but futures and channels.

#[path = "common/c.rs"]
mod c;

use c::*;
use proptest::prelude::*;
use simple_runtime::{HeapKind, Value};
use std::collections::HashMap;

const DEPTH: usize = 1_000_000;

fn array_of<const N: usize>(items: [&Value; N]) -> Value {
    let array = rt_array_new(0);
    for item in items {
        assert!(rt_array_push(&array, item));
    }
    array
}

fn item(array: &Value, index: i64) -> Value {
    rt_array_get(array, index)
}

fn same(a: &Value, b: &Value) -> bool {
    a.raw() == b.raw()
}

/// Futures and channels are what threads talk through: shared, not copied.
fn is_shared(value: &Value) -> bool {
    matches!(value.heap_kind(), Some(HeapKind::Future | HeapKind::Channel))
}

/// Walks both graphs at once. Each object of one must stand for exactly one of the other, in
/// the same places, and be another object, unless it is a future or a channel.
fn assert_isomorphic_and_disjoint(original: &Value, copy: &Value) {
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    let mut left = vec![(original.clone(), copy.clone())];
    while let Some((original, copy)) = left.pop() {
        assert_eq!(rt_value_type_name(&original), rt_value_type_name(&copy));
        if !rt_value_is_heap(&original) || is_shared(&original) {
            assert!(same(&original, &copy), "{original:?} is the same in both");
            continue;
        }
        let known = there.insert(original.raw(), copy.raw());
        let stands_for = back.insert(copy.raw(), original.raw());
        assert!(known.is_none_or(|known| known == copy.raw()), "one copy for each object");
        assert!(stands_for.is_none_or(|known| known == original.raw()), "sharing is not invented");
        if known.is_some() {
            continue;
        }
        if original.as_array().is_none() {
            assert_eq!(format!("{original:?}"), format!("{copy:?}"));
            continue;
        }
        let len = rt_array_len(&original);
        assert_eq!(len, rt_array_len(&copy));
        left.extend((0..len).map(|i| (item(&original, i), item(&copy, i))));
    }
    let common = there.keys().filter(|word| back.contains_key(word)).count();
    assert_eq!(common, 0, "objects that belong to both");
}

#[test]
fn what_has_no_object_is_its_own_copy() {
    for value in [rt_value_nil(), rt_value_bool(true), rt_value_int(-5), rt_value_float(0.5)] {
        assert!(same(&rt_value_deep_copy(&value), &value));
    }
}

#[test]
fn strings_and_boxed_numbers_are_copied() {
    for value in [rt_string_new("tëxt\0".as_bytes()), rt_value_int(i64::MIN), rt_value_float(0.1)]
    {
        let copy = rt_value_deep_copy(&value);
        assert_isomorphic_and_disjoint(&value, &copy);
        assert_eq!(copy.as_str(), value.as_str());
        assert_eq!(copy.as_int(), value.as_int());
    }
    let bits = 0x7ff8_0000_dead_beef;
    let copy = rt_value_deep_copy(&rt_value_float(f64::from_bits(bits)));
    assert_eq!(rt_value_as_float(&copy).to_bits(), bits);
}

#[test]
fn a_change_of_the_copy_does_not_reach_the_original_nor_the_other_way() {
    let inner = array_of([&rt_value_int(1)]);
    let original = array_of([&inner, &rt_string_new(b"text")]);
    let copy = rt_value_deep_copy(&original);
    assert!(rt_array_set(&item(&copy, 0), 0, &rt_value_int(2)) && rt_array_clear(&copy));
    assert_eq!(rt_array_len(&original), 2);
    assert_eq!(rt_value_as_int(&item(&inner, 0)), 1);
    let copy = rt_value_deep_copy(&original);
    assert!(rt_array_push(&inner, &rt_value_nil()) && rt_array_clear(&original));
    assert_eq!((rt_array_len(&copy), rt_array_len(&item(&copy, 0))), (2, 1));
}

#[test]
fn sharing_inside_is_kept() {
    let shared = rt_string_new(b"shared");
    let inner = array_of([&shared]);
    let copy = rt_value_deep_copy(&array_of([&shared, &inner, &shared, &inner]));
    assert!(same(&item(&copy, 0), &item(&copy, 2)) && same(&item(&copy, 1), &item(&copy, 3)));
    assert!(same(&item(&item(&copy, 1), 0), &item(&copy, 0)));
    // Equal but unshared values stay apart.
    let copy = rt_value_deep_copy(&array_of([&rt_string_new(b"a"), &rt_string_new(b"a")]));
    assert!(!same(&item(&copy, 0), &item(&copy, 1)));
}

#[test]
fn cycles_are_kept() {
    let ring = array_of([]);
    let next = array_of([&ring, &rt_value_int(1)]);
    assert!(rt_array_push(&ring, &next) && rt_array_push(&ring, &ring));
    let copy = rt_value_deep_copy(&ring);
    assert_isomorphic_and_disjoint(&ring, &copy);
    assert!(same(&item(&copy, 1), &copy));
    assert!(same(&item(&item(&copy, 0), 0), &copy));
    for ring in [&ring, &copy] {
        assert!(rt_array_clear(ring), "so that nothing leaks");
    }
}

#[test]
fn futures_and_channels_are_shared_wherever_they_stand() {
    let (channel, future) = (rt_channel_new(), rt_future_resolve(&rt_value_int(7)));
    for value in [&channel, &future] {
        assert!(same(&rt_value_deep_copy(value), value));
    }
    let copy = rt_value_deep_copy(&array_of([&array_of([&channel, &future]), &channel]));
    assert!(same(&item(&copy, 1), &channel));
    assert!(same(&item(&item(&copy, 0), 0), &channel));
    assert!(same(&item(&item(&copy, 0), 1), &future));
    // The contents of a channel are not copied.
    let inside = rt_string_new(b"inside");
    assert_eq!(rt_channel_send(&channel, &inside), 1);
    assert!(same(&rt_channel_recv(&item(&copy, 1)), &inside));
}

#[test]
fn a_chain_of_a_million_arrays_is_copied_without_recursion() {
    let mut chain = rt_string_new(b"innermost");
    for _ in 0..DEPTH {
        chain = array_of([&chain]);
    }
    let mut copy = rt_value_deep_copy(&chain);
    rt_value_release(chain);
    for _ in 0..DEPTH {
        assert_eq!(rt_array_len(&copy), 1);
        copy = rt_array_pop(&copy);
    }
    assert_eq!(copy.as_str(), Some("innermost"));
}

/// A node of a random graph; an array's items are places in the list of nodes, also its own.
#[derive(Debug, Clone)]
enum Node {
    Array(Vec<prop::sample::Index>),
    Text(String),
    Int(i64),
    Float(f64),
    Channel,
    Future,
    Nil,
}

fn node() -> impl Strategy<Value = Node> {
    let items = prop::collection::vec(any::<prop::sample::Index>(), 0..6);
    prop_oneof![
        5 => items.prop_map(Node::Array),
        1 => any::<String>().prop_map(Node::Text),
        1 => any::<i64>().prop_map(Node::Int),
        1 => any::<f64>().prop_map(Node::Float),
        1 => Just(Node::Channel),
        1 => Just(Node::Future),
        1 => Just(Node::Nil),
    ]
}

fn build(nodes: &[Node]) -> Vec<Value> {
    let made = |node: &Node| match node {
        Node::Array(_) => rt_array_new(0),
        Node::Text(text) => rt_string_new(text.as_bytes()),
        Node::Int(n) => rt_value_int(*n),
        Node::Float(x) => rt_value_float(*x),
        Node::Channel => rt_channel_new(),
        Node::Future => rt_future_new(0, &rt_value_nil()),
        Node::Nil => rt_value_nil(),
    };
    let values: Vec<_> = nodes.iter().map(made).collect();
    for (node, array) in nodes.iter().zip(&values) {
        if let Node::Array(items) = node {
            for index in items {
                assert!(rt_array_push(array, index.get(&values)));
            }
        }
    }
    values
}

/// Breaks all cycles, so that a random graph leaks nothing.
fn take_apart(root: &Value) {
    let mut left = vec![root.clone()];
    while let Some(value) = left.pop() {
        if value.as_array().is_some() {
            left.extend((0..rt_array_len(&value)).map(|i| item(&value, i)));
            assert!(rt_array_clear(&value));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_is_copied_in_its_shape(nodes in prop::collection::vec(node(), 1..40)) {
        let values = build(&nodes);
        let copies: Vec<_> = values.iter().map(rt_value_deep_copy).collect();
        for (value, copy) in values.iter().zip(&copies) {
            assert_isomorphic_and_disjoint(value, copy);
        }
        values.iter().chain(&copies).for_each(take_apart);
    }
}
