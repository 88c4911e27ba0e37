use super::block::SMALL;
use super::*;
use proptest::prelude::*;

fn numbers(sequence: &Sequence) -> Vec<i64> {
    sequence.iter().filter_map(Value::as_int).collect()
}

#[test]
fn far_too_large_a_block_gets_smaller() {
    let mut sequence = Sequence::new();
    for n in 0..100_000 {
        sequence.push_back(Value::int(n)).unwrap();
    }
    for n in (10..100_000).rev() {
        assert_eq!(sequence.pop_back().and_then(|value| value.as_int()), Some(n));
    }
    assert!(sequence.capacity() <= SMALL, "{}", sequence.capacity());
    assert_eq!(numbers(&sequence), Vec::from_iter(0..10));
}

#[test]
fn a_block_in_use_at_its_brink_is_moved_seldom() {
    let mut sequence = Sequence::new();
    (0..2048).for_each(|n| sequence.push_back(Value::int(n)).unwrap());
    while sequence.capacity() == 2048 {
        sequence.pop_back().unwrap();
    }
    let (block, len) = (sequence.block(), sequence.len());
    for _ in 0..len / 2 {
        sequence.pop_back().unwrap();
        sequence.push_back(Value::nil()).unwrap();
        sequence.push_back(Value::nil()).unwrap();
    }
    assert_eq!(sequence.block(), block);
}

#[test]
fn what_is_appended_at_once_follows_in_order_wherever_the_block_ends() {
    for (gone, before, more) in (0..9).flat_map(|gone| {
        (0..9).flat_map(move |before| (0..20).map(move |more| (gone, before, more)))
    }) {
        let mut sequence = Sequence::new();
        // Positions continue from the end of the items taken.
        (0..gone).for_each(|n| sequence.push_back(Value::int(-n)).unwrap());
        drop(sequence.take());
        (0..before).for_each(|n| sequence.push_back(Value::int(n)).unwrap());
        sequence.append((before..before + more).map(Value::int).collect()).unwrap();
        assert_eq!(numbers(&sequence), Vec::from_iter(0..before + more), "after {gone}");
    }
}

#[test]
fn objects_that_are_appended_at_once_are_freed_once() {
    let text = Value::string("shared");
    let count = || {
        let header = crate::value::heap::header_of(text.raw()).unwrap();
        // SAFETY: the string is alive.
        unsafe { header.as_ref() }.word.load(Ordering::Relaxed)
    };
    let before = count();
    let mut sequence = Sequence::new();
    sequence.append(vec![text.clone(); 5]).unwrap();
    sequence.append(vec![text.clone(); 6]).unwrap();
    assert_ne!(count(), before);
    drop(sequence);
    assert_eq!(count(), before);
}

proptest! {
    #[test]
    fn does_as_a_vector_does(steps in prop::collection::vec(0..6_u8, 1..600)) {
        let (mut sequence, mut model) = (Sequence::new(), Vec::new());
        for (n, step) in (0..).zip(steps) {
            match step {
                0..2 => prop_assert_eq!(
                    sequence.pop_back().and_then(|value| value.as_int()), model.pop()),
                2 => {
                    let index = n as u64 / 3;
                    let before = sequence.replace(index, Value::int(-n));
                    let place = model.get_mut(index as usize);
                    prop_assert_eq!(
                        before.and_then(|value| value.as_int()),
                        place.map(|place| std::mem::replace(place, -n)));
                }
                _ => {
                    sequence.push_back(Value::int(n)).unwrap();
                    model.push(n);
                }
            }
            prop_assert_eq!(numbers(&sequence), Vec::from_iter(model.iter().copied()));
        }
        let taken = sequence.take();
        prop_assert_eq!(numbers(&taken), Vec::from_iter(model));
        prop_assert_eq!((sequence.len(), sequence.capacity()), (0, 0));
    }
}
