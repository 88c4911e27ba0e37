//! Arrays: places counted from either end, growth, what is out of range, and many threads at
//! once.

#[path = "common/c.rs"]
mod c;

use c::*;
use proptest::prelude::*;
use simple_runtime::{HeapKind, Value};
use std::collections::HashSet;
use std::thread;

fn array_of(numbers: impl IntoIterator<Item = i64>) -> Value {
    let array = rt_array_new(0);
    for n in numbers {
        assert!(rt_array_push(&array, &rt_value_int(n)));
    }
    array
}

fn numbers_in(array: &Value) -> Vec<i64> {
    (0..rt_array_len(array)).map(|i| rt_value_as_int(&rt_array_get(array, i))).collect()
}

/// Every index that is out of range of an array of `len` items, or nearly so.
fn out_of_range(len: i64) -> [i64; 6] {
    [len, len + 1, -len - 1, -len - 2, i64::MAX, i64::MIN]
}

#[test]
fn a_negative_index_counts_from_the_end() {
    let array = array_of(0..5);
    for i in 1..=5 {
        assert_eq!(rt_value_as_int(&rt_array_get(&array, -i)), 5 - i);
        assert!(rt_array_set(&array, -i, &rt_value_int(-i)));
    }
    assert_eq!(numbers_in(&array), [-5, -4, -3, -2, -1]);
}

#[test]
fn get_out_of_range_is_nil_with_a_message() {
    for len in [0, 1, 5] {
        let array = array_of(0..len);
        for index in out_of_range(len) {
            let (item, message) = with_message(|| rt_array_get(&array, index));
            assert!(rt_value_is_nil(&item), "{index} of {len}");
            let message = message.expect("an index out of range is a failure");
            assert!(message.starts_with("rt_array_get: "), "{message}");
            assert!(message.contains(&index.to_string()), "{message}");
        }
    }
}

#[test]
fn set_out_of_range_changes_nothing_and_says_so() {
    for len in [0, 1, 5] {
        let array = array_of(0..len);
        for index in out_of_range(len) {
            assert!(!failing("rt_array_set", || rt_array_set(&array, index, &rt_value_int(99))));
        }
        assert_eq!(numbers_in(&array), Vec::from_iter(0..len));
    }
}

#[test]
fn push_grows_beyond_the_capacity() {
    for capacity in [0, 1, 3, 1000] {
        let array = rt_array_new(capacity);
        assert_eq!(rt_array_len(&array), 0, "capacity is no length");
        for n in 0..2500 {
            assert!(rt_array_push(&array, &rt_value_int(n)));
        }
        assert_eq!(numbers_in(&array), Vec::from_iter(0..2500));
    }
}

#[test]
fn an_absurd_capacity_is_nil_with_a_message() {
    for capacity in [(1 << 32) + 1, 1 << 40, 1 << 60, 1 << 61, 1 << 63, u64::MAX] {
        assert!(rt_value_is_nil(&failing("rt_array_new", || rt_array_new(capacity))), "{capacity}");
    }
}

#[test]
fn pop_takes_the_last_and_of_an_empty_array_nil_which_is_no_failure() {
    let array = array_of([1, 2]);
    for expected in [2, 1] {
        assert_eq!(rt_value_as_int(&quietly(|| rt_array_pop(&array))), expected);
    }
    for _ in 0..2 {
        assert!(rt_value_is_nil(&quietly(|| rt_array_pop(&array))));
        assert_eq!(rt_array_len(&array), 0);
    }
    assert!(rt_array_push(&array, &rt_value_int(3)), "an emptied array is as good as new");
    assert_eq!(numbers_in(&array), [3]);
}

#[test]
fn clear_removes_all_items_and_the_array_goes_on() {
    let array = array_of(0..100);
    for _ in 0..2 {
        assert!(quietly(|| rt_array_clear(&array)));
        assert_eq!(rt_array_len(&array), 0);
        assert!(rt_value_is_nil(&failing("rt_array_get", || rt_array_get(&array, 0))));
    }
    assert!(rt_array_push(&array, &rt_value_int(1)));
    assert_eq!(numbers_in(&array), [1]);
}

#[test]
fn items_of_every_type_come_out_as_they_went_in() {
    let items = [
        rt_value_nil(),
        rt_value_bool(false),
        rt_value_int(i64::MIN),
        rt_value_float(0.1),
        rt_string_new(b"text"),
        rt_array_new(0),
        rt_channel_new(),
        rt_future_new(0, &rt_value_nil()),
    ];
    let array = rt_array_new(0);
    for item in &items {
        assert!(rt_array_push(&array, item));
    }
    for (i, item) in (0..).zip(&items) {
        assert_eq!(rt_array_get(&array, i).raw(), item.raw());
    }
}

#[test]
fn what_is_no_array_is_answered_with_a_message() {
    let others = [rt_value_nil(), rt_value_int(1), rt_string_new(b"text"), rt_channel_new()];
    for value in &others {
        let item = rt_value_nil();
        assert!(!failing("rt_array_push", || rt_array_push(value, &item)));
        assert!(!failing("rt_array_set", || rt_array_set(value, 0, &item)));
        assert!(!failing("rt_array_clear", || rt_array_clear(value)));
        assert!(rt_value_is_nil(&failing("rt_array_get", || rt_array_get(value, 0))));
        assert!(rt_value_is_nil(&failing("rt_array_pop", || rt_array_pop(value))));
        assert_eq!(failing("rt_array_len", || rt_array_len(value)), -1);
    }
}

/// It keeps itself alive, so it leaks until the cycle is broken; nothing crashes.
#[test]
fn an_array_may_contain_itself() {
    let array = rt_array_new(0);
    assert!(rt_array_push(&array, &array) && rt_array_push(&array, &array));
    let inner = rt_array_get(&array, -1);
    assert_eq!(inner.raw(), array.raw());
    assert_eq!(rt_array_len(&inner), 2);
    assert_eq!(format!("{array:?}"), "array");
    assert!(rt_value_truthy(&array));
    assert!(rt_array_set(&inner, 0, &rt_value_int(1)));
    rt_value_release(inner);
    // Clearing through an item that is the array itself, and then what is left of it.
    let popped = rt_array_pop(&array);
    assert!(rt_array_push(&popped, &popped) && rt_array_clear(&popped));
    assert_eq!(rt_array_len(&array), 0);
    // And one whose cycle is never broken.
    let leaked = rt_array_new(0);
    assert!(rt_array_push(&leaked, &leaked));
    rt_value_release(leaked);
}

/// A call on an array and on the list that it should be like.
#[derive(Debug, Clone)]
enum Op {
    Push(i64),
    Pop,
    Get(i64),
    Set(i64, i64),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => any::<i64>().prop_map(Op::Push),
        2 => Just(Op::Pop),
        3 => (-12..12_i64).prop_map(Op::Get),
        3 => ((-12..12_i64), any::<i64>()).prop_map(|(index, n)| Op::Set(index, n)),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX]).prop_map(Op::Get),
        1 => Just(Op::Clear),
    ]
}

/// The place that an index names, as the header says it.
fn place(index: i64, model: &[i64]) -> Option<usize> {
    let len = model.len() as i128;
    let place = if index < 0 { i128::from(index) + len } else { i128::from(index) };
    (0..len).contains(&place).then_some(place as usize)
}

fn number(value: &Value) -> Option<i64> {
    (!rt_value_is_nil(value)).then(|| rt_value_as_int(value))
}

fn apply(op: &Op, array: &Value, model: &mut Vec<i64>) {
    match *op {
        Op::Push(n) => {
            assert!(rt_array_push(array, &rt_value_int(n)));
            model.push(n);
        }
        Op::Pop => assert_eq!(number(&rt_array_pop(array)), model.pop()),
        Op::Get(index) => {
            let expected = place(index, model).map(|i| model[i]);
            assert_eq!(number(&rt_array_get(array, index)), expected);
        }
        Op::Set(index, n) => {
            let place = place(index, model);
            assert_eq!(rt_array_set(array, index, &rt_value_int(n)), place.is_some());
            if let Some(i) = place {
                model[i] = n;
            }
        }
        Op::Clear => {
            assert!(rt_array_clear(array));
            model.clear();
        }
    }
    assert_eq!(rt_array_len(array), model.len() as i64);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_array_is_like_a_list(ops in prop::collection::vec(op(), 0..120), capacity in 0..9_u64) {
        let (array, mut model) = (rt_array_new(capacity), Vec::new());
        for op in &ops {
            apply(op, &array, &mut model);
        }
        prop_assert_eq!(numbers_in(&array), model);
    }
}

#[test]
fn pushes_and_pops_by_many_threads_lose_and_double_nothing() {
    const THREADS: i64 = 4;
    const EACH: i64 = 5000;
    let array = rt_array_new(0);
    let push_and_pop = |thread: i64| {
        let mut popped = Vec::new();
        for i in 0..EACH {
            assert!(rt_array_push(&array, &rt_string_new(format!("{thread} {i}").as_bytes())));
            if i % 3 == 0 {
                popped.push(rt_array_pop(&array));
            }
        }
        popped
    };
    let mut all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || push_and_pop(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.extend(std::iter::repeat_with(|| rt_array_pop(&array)).take_while(|v| v.is_heap()));
    let texts: HashSet<_> = all.iter().map(|value| value.as_str().unwrap()).collect();
    assert_eq!((all.len(), texts.len()), ((THREADS * EACH) as usize, all.len()));
}

/// A `get` must never see an item that a `set` on another thread has just released.
#[test]
fn get_and_set_by_many_threads_see_whole_items() {
    let array = array_of([0]);
    let replace = |thread: i64| {
        for i in 0..50_000 {
            let text = format!("item {thread} {i}");
            assert!(rt_array_set(&array, 0, &rt_string_new(text.as_bytes())));
            let seen = rt_array_get(&array, 0);
            assert_eq!(seen.heap_kind(), Some(HeapKind::String));
            assert!(seen.as_str().unwrap().starts_with("item "), "{seen:?}");
        }
    };
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || replace(thread));
        }
    });
    assert_eq!(rt_array_len(&array), 1);
}

/// Clearing, growing and reading at once: only what was there is ever seen.
#[test]
fn clear_beside_push_get_and_copy_is_safe() {
    let array = rt_array_new(0);
    let churn = |thread: i64| {
        for i in 0..5000 {
            assert!(rt_array_push(&array, &rt_string_new(b"pushed")));
            if i % 50 == thread {
                assert!(rt_array_clear(&array));
            }
            for value in [rt_array_get(&array, -1), rt_array_get(&rt_value_deep_copy(&array), 0)] {
                assert!(matches!(value.as_str(), None | Some("pushed")), "{value:?}");
            }
        }
    };
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || churn(thread));
        }
    });
}
