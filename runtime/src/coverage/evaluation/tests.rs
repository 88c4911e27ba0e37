//! Evaluations that nest, are cut short, cleared, and forgotten.

use super::{Ended, Evaluations, MAX_NESTED, Vector};

/// The evaluations of one decision, before any clear unless stated.
#[derive(Default)]
struct Evaluation(Evaluations, u64);

impl Evaluation {
    fn condition(&mut self, condition: u32, value: bool) {
        self.0.condition(40, condition, value, self.1);
    }

    fn finish(&mut self, outcome: bool) -> Ended {
        self.0.finish(40, outcome, self.1)
    }

    fn clear(&mut self) {
        self.1 += 2;
    }
}

fn vector(evaluated: u64, values: u64, outcome: bool) -> Ended {
    Ended::Vector(Vector { evaluated, values, outcome, in_order: true })
}

#[test]
fn recursion_keeps_inner_and_outer_apart() {
    let mut e = Evaluation::default();
    e.condition(0, true);
    e.condition(0, true);
    e.condition(0, false);
    assert_eq!(e.finish(false), vector(0b1, 0, false));
    e.condition(1, false);
    assert_eq!(e.finish(false), vector(0b11, 0b01, false));
    e.condition(1, true);
    assert_eq!(e.finish(true), vector(0b11, 0b11, true));
    assert_eq!(e.finish(true), Ended::Nothing);
    assert_eq!(e.0.outer, 0);
}

#[test]
fn an_evaluation_cut_short_does_not_spoil_the_next() {
    let mut e = Evaluation::default();
    e.condition(0, true);
    e.condition(0, true);
    e.condition(1, true);
    assert_eq!(e.finish(true), vector(0b11, 0b11, true));
}

#[test]
fn numbers_out_of_order_are_marked() {
    let mut e = Evaluation::default();
    e.condition(3, true);
    e.condition(1, false);
    let Ended::Vector(found) = e.finish(false) else { panic!("no vector") };
    assert!(!found.in_order);
    assert_eq!((found.evaluated, found.values), (0b1010, 0b1000));
}

#[test]
fn a_vector_with_a_condition_beyond_the_limit_is_lost() {
    let mut e = Evaluation::default();
    e.condition(0, true);
    e.condition(64, true);
    assert_eq!(e.finish(true), Ended::Lost);
    e.condition(u32::MAX, true);
    assert_eq!(e.finish(true), Ended::Lost);
    e.condition(63, true);
    assert_eq!(e.finish(true), vector(1 << 63, 1 << 63, true));
}

#[test]
fn what_is_left_of_a_forgotten_evaluation_is_no_vector() {
    let mut e = Evaluation::default();
    for _ in 0..MAX_NESTED + 2 {
        e.condition(0, true);
    }
    // Half of the outer ones, the one added on top of them, and the innermost.
    for _ in 0..MAX_NESTED / 2 + 2 {
        e.condition(1, true);
        assert_eq!(e.finish(true), vector(0b11, 0b11, true));
    }
    e.condition(1, true);
    assert_eq!(e.finish(true), Ended::Lost);
    e.condition(0, false);
    assert_eq!(e.finish(false), vector(0b1, 0, false));
}

#[test]
fn a_clear_forgets_inner_and_outer_ones_and_none_that_begin_later() {
    let mut e = Evaluation::default();
    e.condition(0, true);
    e.condition(0, true);
    e.clear();
    e.condition(0, true);
    e.condition(1, true);
    assert_eq!(e.finish(true), vector(0b11, 0b11, true));
    e.condition(1, true);
    assert_eq!(e.finish(true), Ended::Nothing);
    assert_eq!(e.finish(true), Ended::Nothing);
    e.condition(0, false);
    assert_eq!(e.finish(false), vector(0b1, 0, false));
}

/// Decisions that throw from inside of themselves, again and again, stay bounded.
#[test]
fn evaluations_of_many_decisions_that_never_end_are_bounded() {
    let mut e = Evaluations::default();
    for turn in 0..3 * MAX_NESTED {
        e.condition(turn as u32 % 1000, 0, true, 0);
    }
    assert!(e.outer <= MAX_NESTED);
    assert_eq!(e.outer, e.nested.values().map(|nested| nested.outer.len()).sum::<usize>());
}
