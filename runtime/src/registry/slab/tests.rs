//! Tests that need internal access: the last generation, and a full slab.

use super::Slab;
use crate::registry::{Handle, Kind, Registry};

const LAST_GENERATION: u32 = Kind::File.generations().1;

/// Returns a slab whose next insert gives the first slot's last handle.
fn slab_at_its_last_generation() -> (Slab<u32>, Handle) {
    let slab = Slab::with_limit(Kind::File, 1);
    let first = slab.insert(0).unwrap();
    assert!(slab.remove(first));
    slab.chunks.slot(first.index()).unwrap().set_generation(LAST_GENERATION - 1);
    (slab, first)
}

#[test]
fn a_slot_whose_generations_are_used_up_is_never_used_again() {
    let (slab, first) = slab_at_its_last_generation();
    let last = slab.insert(1).unwrap();
    assert_eq!((last.index(), last.generation()), (first.index(), LAST_GENERATION));
    assert_eq!(*slab.get(last).unwrap(), 1);
    assert!(slab.remove(last));
    // The only slot is retired, so there is no room any more.
    assert_eq!(slab.insert(2), None);
    assert!(slab.get(first).is_none() && slab.get(last).is_none());
    assert!(!slab.remove(last));
    assert_eq!(slab.len(), 0);
}

#[test]
fn the_last_guard_of_the_last_generation_retires_the_slot_too() {
    let (slab, _) = slab_at_its_last_generation();
    let last = slab.insert(1).unwrap();
    let guard = slab.get(last).unwrap();
    assert!(slab.remove(last));
    assert_eq!(*guard, 1);
    drop(guard);
    assert_eq!(slab.insert(2), None);
}

#[test]
fn a_full_slab_refuses_and_recovers() {
    // Not a multiple of a batch, and more than the first chunk.
    let slab = Slab::with_limit(Kind::Plain, 100);
    let handles: Vec<_> = (0..100).map(|i| slab.insert(i).unwrap()).collect();
    assert_eq!(slab.insert(100), None);
    assert_eq!(slab.len(), 100);
    assert!(slab.remove(handles[42]));
    let again = slab.insert(7).unwrap();
    assert_eq!(again.index(), handles[42].index());
    assert_eq!(again.generation(), handles[42].generation() + 1);
    assert_eq!(slab.insert(100), None);
}

#[test]
fn slots_that_another_thread_freed_are_used_before_new_ones() {
    let slab = Slab::new();
    let handles: Vec<_> = (0..1000).map(|i| slab.insert(i).unwrap()).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(handles.iter().all(|&handle| slab.remove(handle))));
    });
    let highest = handles.iter().map(|handle| handle.index()).max().unwrap();
    for i in 0..1000 {
        let handle = slab.insert(i).unwrap();
        assert!(handle.index() < (highest + 1).next_multiple_of(super::FRESH_BATCH));
    }
}

#[test]
fn the_highest_index_has_a_place_and_no_chunk() {
    let slab = Slab::<u32>::new();
    let handle = Handle::new(1, Handle::MAX_INDEX).unwrap();
    assert!(slab.get(handle).is_none());
    assert_eq!(slab.state(handle), None);
    assert!(!slab.remove(handle));
}

#[test]
fn a_leaked_guard_keeps_the_value_until_the_slab_goes() {
    let value = std::sync::Arc::new(());
    let slab = Slab::new();
    let handle = slab.insert(value.clone()).unwrap();
    std::mem::forget(slab.get(handle).unwrap());
    assert!(slab.remove(handle));
    assert_eq!(std::sync::Arc::strong_count(&value), 2);
    drop(slab);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}

#[test]
fn generations_are_those_of_the_kind() {
    for kind in [Kind::Plain, Kind::Thread, Kind::File, Kind::Socket] {
        let slab = Slab::of(kind);
        let (first, last) = kind.generations();
        let handle = slab.insert(1).unwrap();
        assert_eq!((handle.generation(), handle.kind()), (first, Some(kind)));
        // The highest possible handle is an integer of 60 bits.
        let highest = Handle::new(last, Handle::MAX_INDEX).unwrap();
        assert_eq!(highest.kind(), Some(kind));
        assert!(highest.to_raw() < 1 << 60);
        for other in [first - 1, last + 1] {
            assert_ne!(Handle::new(other, 0).and_then(Handle::kind), Some(kind));
        }
    }
}
