//! From condition probes to test vectors: the evaluations of one decision in progress on one
//! thread.
//!
//! Condition probes since the last decision probe form a vector; the decision probe ends it.
//! Evaluations of *different* decisions may nest freely, since each decision has its own.
//! Evaluations of the *same* decision nest when a condition calls the function it stands in.
//! Every evaluation begins with the same condition, the one that short-circuiting cannot
//! skip, and meets no condition twice; so a condition that the current vector already holds
//! belongs to a new evaluation, inside of the current one. The decision probe ends the
//! innermost. The same rule disposes of an evaluation that an exception cut short, if the
//! exception leaves the decision: what is left of it lies beneath the later ones and is never
//! ended. If the exception is caught inside of a condition of the *same* decision (a condition
//! that calls the function it stands in, and catches what that throws), the outer evaluation
//! goes on where the inner one was cut short, and nothing tells the probes: its later
//! conditions are taken for the inner one's, and the vector has the inner one's values.

use super::mcdc::{MAX_CONDITIONS, Vector};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// Nested evaluations of one decision remembered by a thread. Beyond it the outermost is
/// forgotten, which is also what bounds the memory of evaluations cut short.
const MAX_NESTED: usize = 1 << 20;

/// A vector being put together.
#[derive(Debug, Clone, Copy, Default)]
struct Unfinished {
    evaluated: u64,
    values: u64,
    out_of_order: bool,
    /// A condition that MC/DC does not look at was evaluated, so this is no whole vector.
    incomplete: bool,
}

impl Unfinished {
    fn is_empty(&self) -> bool {
        self.evaluated == 0 && !self.incomplete
    }
}

/// The evaluations of one decision on one thread.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    current: Unfinished,
    outer: VecDeque<Unfinished>,
    /// The condition every evaluation begins with; known once evaluations have nested.
    first: Option<u32>,
    /// Outer evaluations were forgotten: what is left of one, seen later, is no vector.
    forgot: bool,
    /// Vectors already in the thread's record, with their decision's index there.
    recorded: FxHashSet<(u32, Vector)>,
    /// The record's number of clears that `recorded` belongs to.
    clears: u64,
}

impl Evaluation {
    /// Takes note of a condition's value.
    #[inline]
    pub(super) fn condition(&mut self, condition: u32, value: bool) {
        if condition >= MAX_CONDITIONS {
            self.current.incomplete = true;
            return;
        }
        let bit = 1_u64 << condition;
        if self.current.evaluated >= bit || self.current.is_empty() && self.forgot {
            self.unusual(condition, bit);
        }
        self.current.evaluated |= bit;
        self.current.values |= u64::from(value) << condition;
    }

    /// A number not larger than all before it, or the first after evaluations were forgotten.
    #[cold]
    fn unusual(&mut self, condition: u32, bit: u64) {
        if self.current.is_empty() {
            self.current.incomplete = self.first != Some(condition);
        } else if self.current.evaluated & bit == 0 {
            self.current.out_of_order = true;
        } else {
            self.first = Some(condition);
            if self.outer.len() == MAX_NESTED {
                self.outer.pop_front();
                self.forgot = true;
            }
            self.outer.push_back(std::mem::take(&mut self.current));
        }
    }

    /// Ends the innermost evaluation; its vector, if there is a whole one.
    #[inline]
    pub(super) fn finish(&mut self, outcome: bool) -> Option<Vector> {
        if self.current.is_empty() {
            return None;
        }
        let done = std::mem::replace(&mut self.current, self.outer.pop_back().unwrap_or_default());
        (!done.incomplete).then_some(Vector {
            evaluated: done.evaluated,
            values: done.values,
            outcome,
            in_order: !done.out_of_order,
        })
    }

    /// Whether the record should be given this vector, after `clears` clears of it.
    #[inline]
    pub(super) fn is_new(&mut self, decision: u32, vector: Vector, clears: u64) -> bool {
        if self.clears != clears {
            self.forget_recorded(clears);
        }
        !self.recorded.contains(&(decision, vector))
            && self.recorded.len() < super::mcdc::MAX_VECTORS
    }

    /// The record holds this vector since its `clears`th clear.
    pub(super) fn set_recorded(&mut self, decision: u32, vector: Vector, clears: u64) {
        if self.clears != clears {
            self.forget_recorded(clears);
        }
        self.recorded.insert((decision, vector));
    }

    #[cold]
    fn forget_recorded(&mut self, clears: u64) {
        self.recorded.clear();
        self.clears = clears;
    }
}

#[cfg(test)]
mod tests {
    use super::{Evaluation, MAX_NESTED, Vector};

    fn vector(evaluated: u64, values: u64, outcome: bool) -> Option<Vector> {
        Some(Vector { evaluated, values, outcome, in_order: true })
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
        assert_eq!(e.finish(true), None);
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
        let found = e.finish(false).unwrap();
        assert!(!found.in_order);
        assert_eq!((found.evaluated, found.values), (0b1010, 0b1000));
    }

    #[test]
    fn a_vector_with_a_condition_beyond_the_limit_is_left_out() {
        let mut e = Evaluation::default();
        e.condition(0, true);
        e.condition(64, true);
        assert_eq!(e.finish(true), None);
        e.condition(u32::MAX, true);
        assert_eq!(e.finish(true), None);
        e.condition(63, true);
        assert_eq!(e.finish(true), vector(1 << 63, 1 << 63, true));
    }

    #[test]
    fn what_is_left_of_a_forgotten_evaluation_is_no_vector() {
        let mut e = Evaluation::default();
        for _ in 0..MAX_NESTED + 10 {
            e.condition(0, true);
        }
        for _ in 0..=MAX_NESTED {
            e.condition(1, true);
            assert_eq!(e.finish(true), vector(0b11, 0b11, true));
        }
        e.condition(1, true);
        assert_eq!(e.finish(true), None);
        e.condition(0, false);
        assert_eq!(e.finish(false), vector(0b1, 0, false));
    }
}
