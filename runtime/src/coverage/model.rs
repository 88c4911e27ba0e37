//! The loom model of the counters: owners that count, threads that end, readers that dump
//! and clear.

use super::ledger::Counts;
use super::mcdc::Vector;
use super::record::{Record, SiteKey};
use super::registry::{Registry, Totals};
use crate::sync::{Arc, thread};

fn key() -> SiteKey {
    SiteKey { decision: 1, condition: 0, file: c"f".into(), line: 1, column: 1 }
}

fn counts(totals: &Totals) -> Counts {
    totals.decisions.get(&key()).copied().unwrap_or_default()
}

/// A thread that enlists, counts twice true and once false, and ends.
fn count_and_end(registry: &Registry) {
    let record = registry.enlist();
    let (_, tally) = record.enrol_decision(key());
    // SAFETY: `record` is alive and keeps its tallies in place.
    let tally = unsafe { &*tally };
    tally.add(true);
    tally.add(false);
    tally.add(true);
    registry.retire(&record);
}

/// Each count is in exactly one of: the first clear, the second, what is left at the end.
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

/// Dumps never run backwards while a thread counts and ends, and the last has everything.
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

/// Two threads that count the same site and end at the same time add up.
#[test]
fn threads_that_end_together_add_up() {
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

/// What was counted before a clear is gone, what comes after it is there, on a live thread.
#[test]
fn a_clear_in_the_past_is_complete() {
    loom::model(|| {
        let registry = Arc::new(Registry::new());
        let record = registry.enlist();
        let (_, tally) = record.enrol_decision(key());
        // SAFETY: `record` is alive and keeps its tallies in place.
        let tally = unsafe { &*tally };
        tally.add(true);
        let clearer = {
            let registry = registry.clone();
            thread::spawn(move || drop(registry.take()))
        };
        clearer.join().unwrap();
        assert_eq!(counts(&registry.totals()), [0, 0]);
        tally.add(false);
        assert_eq!(counts(&registry.totals()), [1, 0]);
    });
}

/// An owner that adds a vector only when it has not done so since the last clear it knows of:
/// a clear in between loses it to neither side, and after a clear in the past it is added
/// again.
#[test]
fn a_vector_is_recorded_again_after_a_clear() {
    let vector = Vector { evaluated: 1, values: 1, outcome: true, in_order: true };
    let evaluate = move |record: &Record, index: u32, recorded: &mut Option<u64>| {
        if *recorded != Some(record.clears()) {
            *recorded = Some(record.add_vector(index, vector));
        }
    };
    loom::model(move || {
        let registry = Arc::new(Registry::new());
        let record = registry.enlist();
        let (index, _) = record.enrol_decision(key());
        let mut recorded = None;
        evaluate(&record, index, &mut recorded);
        let clearer = {
            let registry = registry.clone();
            thread::spawn(move || registry.take().vectors.len())
        };
        evaluate(&record, index, &mut recorded);
        assert_eq!(clearer.join().unwrap(), 1);
        evaluate(&record, index, &mut recorded);
        assert_eq!(registry.totals().vectors[&key()].len(), 1);
    });
}
