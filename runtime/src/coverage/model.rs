//! The loom models: threads that meet the same entries, count, end and are followed by others,
//! concurrently with readers that dump and clear.

use super::chapter::{Chapter, Opened};
use super::interner::{Interned, Interner};
use super::ledger::{Account, Counts, Place};
use super::mcdc::Vector;
use super::outcome::Outcome;
use super::pool::Pool;
use super::registry::{Registry, Totals};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, thread};

/// Two values with one hash.
#[derive(Debug)]
struct Entry {
    value: u32,
    number: u32,
}

impl Interned for Entry {
    fn hash(&self) -> u64 {
        u64::from(self.value / 2)
    }

    fn number(&self) -> u32 {
        self.number
    }
}

fn intern(interner: &Interner<Entry, ()>, value: u32) -> u32 {
    let make = |_: &mut (), number| Some(Entry { value, number });
    let entry = interner.intern(u64::from(value / 2), |entry| entry.value == value, make);
    let entry = entry.expect("there is room");
    assert_eq!(entry.value, value);
    entry.number
}

/// Threads agree on numbers, even while the index grows, and find earlier entries.
#[test]
fn each_thing_has_one_number() {
    loom::model(|| {
        let interner = Arc::new(Interner::new(8, ()));
        let first = intern(&interner, 0);
        let other = {
            let interner = interner.clone();
            thread::spawn(move || (intern(&interner, 1), intern(&interner, 2)))
        };
        let two = intern(&interner, 2);
        let found = interner.find(0, |entry| entry.value == 0);
        assert_eq!(found.map(Interned::number), Some(first));
        let (one, same_two) = other.join().unwrap();
        assert_eq!(two, same_two);
        assert!(one != two && one != first && two != first);
        assert_eq!(interner.len(), 3);
    });
}

/// A node has one owner at a time, and each owner sees what the previous one has written.
#[test]
fn a_node_has_one_owner_at_a_time() {
    fn use_once(pool: &Pool<AtomicU64>) {
        let node = pool.take(|| AtomicU64::new(0));
        // No read-modify-write: two concurrent owners would lose a count.
        let value = node.value.load(Ordering::Relaxed);
        node.value.store(value + 1, Ordering::Relaxed);
        pool.give_back(node);
    }
    loom::model(|| {
        let pool = Arc::new(Pool::new());
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                use_once(&pool);
                use_once(&pool);
            })
        };
        use_once(&pool);
        other.join().unwrap();
        let sum: u64 = pool.iter().map(|value| value.load(Ordering::Relaxed)).sum();
        assert_eq!(sum, 3);
        assert!(pool.iter().count() <= 2);
    });
}

fn counts(totals: &Totals) -> Counts {
    totals.decisions.first().copied().unwrap_or_default()
}

/// Runs a thread that begins, counts twice true and once false, and ends.
fn count_and_end(registry: &Registry) {
    let sheet = registry.sheet();
    let ledger = &sheet.value.decisions;
    let tally = Account::of(ledger).open(ledger, Place::of(0));
    tally.add(true);
    tally.add(false);
    tally.add(true);
    registry.give_back(sheet);
}

/// Each count is in exactly one of: the first clear, the second, and the rest at the end.
#[test]
fn clears_divide_the_counts_without_loss() {
    loom::model(|| {
        let registry = Arc::new(Registry::new());
        let owner = {
            let registry = registry.clone();
            thread::spawn(move || count_and_end(&registry))
        };
        let first = counts(&registry.take());
        let second = counts(&registry.take());
        owner.join().unwrap();
        let rest = counts(&registry.totals());
        assert_eq!(first[0] + second[0] + rest[0], 1);
        assert_eq!(first[1] + second[1] + rest[1], 2);
    });
}

/// Dumps never go backwards while a thread counts and ends, and the last one has everything.
#[test]
fn dumps_grow_to_the_exact_sum() {
    loom::model(|| {
        let registry = Arc::new(Registry::new());
        let owner = {
            let registry = registry.clone();
            thread::spawn(move || count_and_end(&registry))
        };
        let early = counts(&registry.totals());
        let later = counts(&registry.totals());
        assert!(early[0] <= later[0] && early[1] <= later[1]);
        owner.join().unwrap();
        assert_eq!(counts(&registry.totals()), [1, 2]);
    });
}

/// Counts of the same site by several threads add up, at the same time or one after the other.
#[test]
fn threads_add_up() {
    loom::model(|| {
        let registry = Arc::new(Registry::new());
        let owner = {
            let registry = registry.clone();
            thread::spawn(move || count_and_end(&registry))
        };
        count_and_end(&registry);
        owner.join().unwrap();
        assert_eq!(counts(&registry.totals()), [2, 4]);
    });
}

/// Counts once, clears, counts once more; concurrently `dump` makes a dump.
fn dump_beside_a_clear(dump: fn(&Registry) -> Totals) {
    // Without a limit on preemptions the model takes hours.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let registry = Arc::new(Registry::new());
        let owner = {
            let registry = registry.clone();
            thread::spawn(move || {
                let ledger = &registry.sheet().value.decisions;
                let tally = Account::of(ledger).open(ledger, Place::of(0));
                tally.add(true);
                registry.take();
                tally.add(true);
            })
        };
        assert!(counts(&dump(&registry))[1] <= 1);
        owner.join().unwrap();
        assert_eq!(counts(&registry.totals()), [0, 1]);
    });
}

#[test]
fn a_dump_has_counts_from_one_side_of_a_clear() {
    dump_beside_a_clear(Registry::totals);
}

/// The broken variant: a dump that does not check whether it was disturbed.
#[test]
#[should_panic(expected = "counts")]
fn a_dump_that_does_not_look_has_both_sides() {
    dump_beside_a_clear(Registry::totals_unlooked);
}

/// An evaluation that meets a vector again after a past clear is seen again; one that races with
/// the clear is seen on at least one side.
#[test]
fn a_vector_is_recorded_again_after_a_clear() {
    let vector = Vector { evaluated: 1, values: 1, outcome: true, in_order: true };
    let vectors = |totals: &Totals| -> u64 {
        totals.chapters.iter().flat_map(|chapter| &chapter.outcomes).sum()
    };
    loom::model(move || {
        let registry = Arc::new(Registry::new());
        let evaluate = |chapter: &Chapter| {
            chapter.evaluate(0, Outcome::Vector(vector)).expect("there is room");
        };
        let chapter = registry.chapter();
        let clearer = {
            let registry = registry.clone();
            thread::spawn(move || vectors(&registry.take()))
        };
        evaluate(&chapter);
        let taken = clearer.join().unwrap();
        assert_eq!(taken + vectors(&registry.totals()), 1);
        evaluate(&registry.chapter());
        assert!(vectors(&registry.totals()) >= 1);
    });
}

/// A path that ends while its chapter ends is counted once, in a chapter that is freed only when
/// nobody has it.
#[test]
fn a_path_that_races_with_a_clear_counts_once() {
    let paths = |totals: &Totals| -> u64 {
        totals.chapters.iter().flat_map(|chapter| &chapter.paths).map(|counts| counts[1]).sum()
    };
    loom::model(move || {
        let registry = Arc::new(Registry::new());
        let owner = {
            let registry = registry.clone();
            thread::spawn(move || {
                let mut opened = Opened::new(registry.chapter());
                opened.pass(1, &[1]).expect("there is room");
            })
        };
        let first = paths(&registry.take());
        let second = paths(&registry.take());
        owner.join().unwrap();
        assert_eq!(first + second + paths(&registry.totals()), 1);
        drop(registry.take());
        drop(registry.take());
        assert_eq!(registry.take().chapters.len(), 0);
    });
}
