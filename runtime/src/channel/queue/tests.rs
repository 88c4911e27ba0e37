use super::super::items::Items;
use super::*;
use crate::Value;
use proptest::prelude::*;
use std::collections::VecDeque;

fn popped(queue: &Queue<Items>) -> Option<i64> {
    queue.pop().ok().and_then(|value| value.as_int())
}

#[test]
fn each_side_has_a_cache_line() {
    let of_back = std::mem::offset_of!(Queue<Items>, back);
    assert_eq!((size_of::<Back>(), std::mem::offset_of!(Queue<Items>, front) - of_back), (64, 64));
}

#[test]
fn far_too_many_places_get_fewer() {
    let queue = Queue::<Items>::new();
    (0..100_000).for_each(|n| queue.push(Value::int(n)).unwrap());
    (0..99_990).for_each(|n| assert_eq!(popped(&queue), Some(n)));
    assert!(queue.places.capacity() <= 512, "{}", queue.places.capacity());
    (99_990..100_000).for_each(|n| assert_eq!(popped(&queue), Some(n)));
    assert_eq!(queue.pop().unwrap_err(), Nothing::Empty);
}

/// Simulates a process that forks between two stores of a shrinking queue: a sender looks for room
/// first.
#[test]
fn a_sender_looks_for_room_where_places_have_become_fewer() {
    let queue = Queue::<Items>::new();
    (0..2000).for_each(|n| queue.push(Value::int(n)).unwrap());
    (0..1990).for_each(|n| assert_eq!(popped(&queue), Some(n)));
    assert!(queue.back.limit.load(Ordering::Relaxed) <= 1990 + queue.places.capacity());
    (2000..5000).for_each(|n| queue.push(Value::int(n)).unwrap());
    (1990..5000).for_each(|n| assert_eq!(popped(&queue), Some(n)));
}

proptest! {
    #[test]
    fn does_as_a_queue_does(steps in prop::collection::vec((any::<bool>(), 1..400_usize), 1..60)) {
        let (queue, mut model) = (Queue::<Items>::new(), VecDeque::new());
        let mut next = 0;
        for (adds, count) in steps {
            for _ in 0..count {
                if adds {
                    prop_assert!(queue.push(Value::int(next)).is_ok());
                    model.push_back(next);
                    next += 1;
                } else {
                    prop_assert_eq!(queue.look().is_none(), !model.is_empty());
                    prop_assert_eq!(popped(&queue), model.pop_front());
                }
            }
        }
        let mut left = VecDeque::new();
        queue.drain_back(|value| left.push_front(value.as_int()));
        prop_assert_eq!(left, VecDeque::from_iter(model.into_iter().map(Some)));
    }
}
