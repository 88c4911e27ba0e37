//! Loom models of the slab: every interleaving of a few threads on a few slots.

use super::Slab;
use crate::registry::{Guard, Handle, Registry};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, UnsafeCell, thread};

/// A value that loom watches: reading it while or after it is dropped fails the model.
struct Probe {
    cell: UnsafeCell<u32>,
    drops: Arc<AtomicUsize>,
}

// SAFETY: the model checks it: reads and the one write never coincide.
unsafe impl Sync for Probe {}

impl Probe {
    fn read(&self) -> u32 {
        // SAFETY: the model checks it: no writer meanwhile.
        self.cell.with(|cell| unsafe { *cell })
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // SAFETY: the model checks it: no reader and no second drop meanwhile.
        self.cell.with_mut(|cell| unsafe { *cell = u32::MAX });
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

struct Shared {
    slab: Slab<Probe>,
    drops: Arc<AtomicUsize>,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self { slab: Slab::new(), drops: Arc::new(AtomicUsize::new(0)) })
    }

    fn insert(&self, value: u32) -> Handle {
        let drops = self.drops.clone();
        self.slab.insert(Probe { cell: UnsafeCell::new(value), drops }).unwrap()
    }

    fn read(&self, handle: Handle) -> Option<u32> {
        self.slab.get(handle).map(|guard| guard.read())
    }
}

/// Two readers, two removers: one remover succeeds, and the value is dropped once and not while a
/// reader uses it.
#[test]
fn removal_waits_for_pins_and_happens_once() {
    loom::model(|| {
        let shared = Shared::new();
        let handle = shared.insert(1);
        let reader = {
            let shared = shared.clone();
            thread::spawn(move || shared.read(handle))
        };
        let remover = {
            let shared = shared.clone();
            thread::spawn(move || shared.slab.remove(handle))
        };
        let ours = shared.slab.remove(handle);
        let theirs = remover.join().unwrap();
        assert!(ours != theirs);
        assert!(matches!(reader.join().unwrap(), None | Some(1)));
        assert_eq!(shared.drops.load(Ordering::Relaxed), 1);
        assert_eq!(shared.read(handle), None);
    });
}

/// A slot gets its next occupant while a reader holds the handle of the last one: the
/// reader sees the value its handle names, or nothing.
#[test]
fn a_stale_handle_never_names_the_next_occupant() {
    loom::model(|| {
        let shared = Shared::new();
        let first = shared.insert(1);
        let reader = {
            let shared = shared.clone();
            thread::spawn(move || (shared.read(first), shared.slab.state(first)))
        };
        assert!(shared.slab.remove(first));
        let second = shared.insert(2);
        assert_ne!(first, second);
        assert_eq!(shared.read(second), Some(2));
        let (value, state) = reader.join().unwrap();
        assert!(matches!(value, None | Some(1)));
        assert!(matches!(state, None | Some(0)));
        assert_eq!(shared.read(first), None);
    });
}

/// Threads that concurrently take from and give to the free list never share a slot, even if one of
/// them finds the same slot on top as before, over another one.
#[test]
fn the_free_list_gives_a_slot_to_one_thread() {
    loom::model(|| {
        let shared = Shared::new();
        let (a, b) = (shared.insert(1), shared.insert(2));
        assert!(shared.slab.remove(a));
        assert!(shared.slab.remove(b));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || shared.insert(3))
        };
        let top = shared.insert(4);
        let below = shared.insert(5);
        assert!(shared.slab.remove(top));
        let theirs = other.join().unwrap();
        let last = shared.insert(6);
        assert_eq!(shared.read(theirs), Some(3));
        assert_eq!(shared.read(below), Some(5));
        assert_eq!(shared.read(last), Some(6));
        assert_eq!(shared.slab.len(), 3);
    });
}

/// A thread that finds an entry finds its value, even if it only guessed the handle.
#[test]
fn a_guessed_handle_shows_a_whole_value() {
    loom::model(|| {
        let shared = Shared::new();
        let guess = Handle::new(1, 0).unwrap();
        let reader = {
            let shared = shared.clone();
            thread::spawn(move || shared.read(guess))
        };
        assert_eq!(shared.insert(1), guess);
        assert!(matches!(reader.join().unwrap(), None | Some(1)));
    });
}

/// Two threads grow the slab, one of them into a chunk that is not there yet.
#[test]
fn growing_gives_each_thread_its_own_slot() {
    loom::model(|| {
        let shared = Shared::new();
        shared.insert(0);
        let other = {
            let shared = shared.clone();
            thread::spawn(move || shared.insert(1))
        };
        let mine = shared.insert(2);
        let theirs = other.join().unwrap();
        assert_eq!(shared.read(theirs), Some(1));
        assert_eq!(shared.read(mine), Some(2));
    });
}

/// A change of state and a removal are ordered: either the remover gets the new state, or the
/// changer finds the entry removed.
#[test]
fn a_change_of_state_is_seen_by_the_remover_or_sees_the_removal() {
    loom::model(|| {
        let shared = Shared::new();
        let handle = shared.insert(1);
        let changer = {
            let shared = shared.clone();
            thread::spawn(move || {
                let guard = shared.slab.get(handle)?;
                let before = guard.update_state(|entry| (!entry.removed).then_some(7));
                assert_eq!(guard.state() == 7, before.is_ok());
                Some(before.is_ok())
            })
        };
        let state = shared.slab.take(handle).unwrap();
        let changed = changer.join().unwrap() == Some(true);
        assert_eq!(state == 7, changed);
        assert_eq!(shared.drops.load(Ordering::Relaxed), 1);
    });
}
