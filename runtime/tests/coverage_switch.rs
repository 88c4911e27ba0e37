//! Coverage that is switched off and on while decisions are evaluated.

use simple_runtime::coverage::{self, Site, condition, decision, set_enabled};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// From nothing, after probes were switched on.
fn switched_on() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    set_enabled(false);
    set_enabled(true);
    coverage::clear();
    guard
}

fn site() -> Site<'static> {
    Site::new(c"switch.spl", 1, 1)
}

/// The probes of one evaluation that is whole.
fn whole(id: u32, values: &[bool], outcome: bool) {
    for (number, value) in (0..).zip(values) {
        condition(id, number, *value, site());
    }
    decision(id, outcome, site());
}

/// The conditions and the number of vectors of each decision that has any.
fn vectors() -> Vec<(u32, u64, usize)> {
    let rows = coverage::report().mcdc.into_iter();
    rows.map(|row| (row.decision_id, row.conditions, row.vectors)).collect()
}

/// A condition that was evaluated while probes were off is not taken for one that was skipped.
#[test]
fn an_evaluation_with_a_gap_gives_no_vector() {
    let _one = switched_on();
    condition(1, 0, true, site());
    set_enabled(false);
    condition(1, 1, true, site());
    set_enabled(true);
    condition(1, 2, true, site());
    decision(1, true, site());
    assert_eq!(vectors(), []);
    assert_eq!(coverage::report().decisions.len(), 1);
    whole(1, &[true, true, true], true);
    assert_eq!(vectors(), [(1, 0b111, 1)]);
}

#[test]
fn an_evaluation_whose_end_was_missed_does_not_spoil_the_next() {
    let _one = switched_on();
    condition(2, 0, true, site());
    set_enabled(false);
    condition(2, 1, true, site());
    decision(2, true, site());
    set_enabled(true);
    whole(2, &[true, false], false);
    assert_eq!(vectors(), [(2, 0b11, 1)]);
}

/// The process meets the first condition before the switch, or after it.
#[test]
fn an_evaluation_whose_beginning_was_missed_gives_no_vector() {
    let _one = switched_on();
    let late = |id, value| {
        set_enabled(false);
        condition(id, 0, true, site());
        set_enabled(true);
        condition(id, 1, value, site());
        decision(id, value, site());
    };
    late(3, true);
    whole(3, &[true, false], false);
    assert_eq!(vectors(), [(3, 0b11, 1)]);
    late(3, true);
    assert_eq!(vectors(), [(3, 0b11, 1)]);
}

#[test]
fn the_first_evaluation_of_each_thread_is_not_lost() {
    let _one = switched_on();
    whole(4, &[true, true], true);
    thread::spawn(|| {
        whole(4, &[true, false], false);
        set_enabled(false);
        set_enabled(true);
        whole(4, &[false], false);
    })
    .join()
    .unwrap();
    let row = &coverage::report().mcdc[0];
    assert_eq!((row.conditions, row.masking_covered, row.vectors), (0b11, 0b11, 3));
}

/// A vector that is met late, and again in time, is one vector.
#[test]
fn equal_vectors_are_one() {
    let _one = switched_on();
    for _ in 0..3 {
        whole(5, &[true, true], true);
    }
    assert_eq!(vectors(), [(5, 0b11, 1)]);
}
