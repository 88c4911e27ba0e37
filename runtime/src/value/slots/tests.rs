use super::*;
use std::collections::HashSet;
use std::thread;

/// Number of slots in several batches of every class.
const MANY: usize = 1000;

fn word(slot: NonNull<u8>) -> u64 {
    slot.as_ptr() as u64 | 1
}

fn free_all(class: Class, slots: Vec<NonNull<u8>>) {
    for slot in slots {
        // SAFETY: allocated for this class, used by nobody.
        unsafe { free(class, slot) };
    }
}

#[test]
fn slots_of_all_classes_are_distinct_aligned_and_found_by_their_words() {
    for class in Class::ALL {
        let slots: Vec<_> = (0..MANY).map(|_| allocate(class).unwrap()).collect();
        let distinct: HashSet<_> = slots.iter().map(|slot| slot.as_ptr() as usize).collect();
        assert_eq!(distinct.len(), MANY);
        for &slot in &slots {
            assert_eq!(slot.as_ptr() as usize % class.bytes(), 0);
            assert_eq!(slot_of(word(slot)), Some(slot));
            assert_eq!(first_byte(slot), 0, "nothing is in it yet");
            for inside in (8..class.bytes() as u64).step_by(8) {
                assert_eq!(slot_of(word(slot) + inside), None);
            }
        }
        free_all(class, slots);
    }
}

#[test]
fn words_of_other_memory_name_no_slot() {
    let (stack, heap) = (0_u64, Box::new(0_u64));
    let addresses = [0, 8, &raw const stack as u64, &raw const *heap as u64, !0 << 3];
    for address in addresses {
        assert_eq!(slot_of(address | 1), None);
    }
    let slot = allocate(Class::Small).unwrap();
    assert_eq!(slot_of(word(slot) & !1), None, "without the tag");
    assert_eq!(slot_of(word(slot) | 1 << 48), None, "beyond all addresses");
    free_all(Class::Small, vec![slot]);
}

#[test]
fn a_freed_slot_is_used_again() {
    let slot = allocate(Class::Medium).unwrap();
    // SAFETY: allocated above.
    unsafe { free(Class::Medium, slot) };
    assert_eq!(allocate(Class::Medium), Some(slot));
    free_all(Class::Medium, vec![slot]);
}

#[test]
fn a_pinned_slot_is_never_used_again() {
    let slot = allocate(Class::Medium).unwrap();
    // SAFETY: allocated above.
    unsafe { free(Class::Medium, slot) };
    pin(slot);
    assert_eq!(first_byte(slot), 0, "it holds nothing");
    let slots: Vec<_> = (0..MANY).map(|_| allocate(Class::Medium).unwrap()).collect();
    assert!(!slots.contains(&slot));
    free_all(Class::Medium, slots);
}

#[test]
fn what_one_thread_frees_another_uses_when_the_first_has_ended() {
    // The only user of its class here: other tests have small objects.
    let class = Class::Large;
    let freed: HashSet<_> = thread::spawn(move || {
        let slots: Vec<_> = (0..MANY).map(|_| allocate(class).unwrap()).collect();
        let addresses = slots.iter().map(|slot| slot.as_ptr() as usize).collect();
        free_all(class, slots);
        addresses
    })
    .join()
    .unwrap();
    let found = thread::spawn(move || {
        let slots: Vec<_> = (0..2 * MANY).map(|_| allocate(class).unwrap()).collect();
        let found = slots.iter().filter(|slot| freed.contains(&(slot.as_ptr() as usize))).count();
        free_all(class, slots);
        found
    })
    .join()
    .unwrap();
    assert!(found > MANY / 2, "{found} of {MANY}");
}

#[test]
fn the_count_of_a_thread_is_what_it_has_made_less_what_it_has_freed() {
    thread::spawn(|| {
        for len in [1, 10, 100, MANY] {
            let slots: Vec<_> = (0..len).map(|_| allocate(Class::Small).unwrap()).collect();
            assert_eq!(objects_of_this_thread(), len as isize);
            free_all(Class::Small, slots);
            assert_eq!(objects_of_this_thread(), 0);
        }
    })
    .join()
    .unwrap();
}

/// After its end has given a thread's slots away, it can still create objects.
#[test]
fn objects_can_be_made_after_the_end_of_a_threads_cache() {
    thread::spawn(|| {
        let slots: Vec<_> = (0..10).map(|_| allocate(Class::Small).unwrap()).collect();
        cache::end_of_this_thread();
        let late: Vec<_> = (0..10).map(|_| allocate(Class::Small).unwrap()).collect();
        assert_eq!(objects_of_this_thread(), 20);
        free_all(Class::Small, slots);
        free_all(Class::Small, late);
        assert_eq!(objects_of_this_thread(), 0);
    })
    .join()
    .unwrap();
}
