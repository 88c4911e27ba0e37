//! Modified condition/decision coverage from observed test vectors.
//!
//! MC/DC requires, for each condition of a decision, a pair of evaluations that shows its
//! independent effect on the outcome. J. J. Chilenski, *An Investigation of Three Forms of the
//! Modified Condition Decision Coverage (MCDC) Criterion*, DOT/FAA/AR-01/18 (2001), defines the
//! forms reported here. A vector contains the conditions that were evaluated, their values and the
//! outcome; a condition that short-circuit evaluation skipped is a don't-care and is compatible
//! with either value.
//!
//! * **Unique cause**: the outcomes differ, the condition differs, and no other condition
//!   that both vectors evaluated differs. (Clang's `findIndependencePairs` applies the same
//!   rule to its vectors.)
//! * **Masking**: the outcomes differ, the condition differs and is masked in neither
//!   vector; other conditions may differ where they are masked.
//!
//! # Masking without the expression
//!
//! The probes are known, not the expression, but short-circuit evaluation makes them sufficient. It
//! is a walk through a graph in which each condition has one successor for true and another for
//! false, independent of the conditions before it. Take two vectors with different outcomes that
//! differ in `c`, and in no condition evaluated in both after `c`. Two walks that met after `c` in
//! a condition with equal values would stay together and have equal outcomes, so the parts after
//! `c` have no condition in common. Hence the first vector up to `c`, with `c` flipped, continued
//! like the second, is an evaluation that has the other outcome and, among the conditions that both
//! evaluated, differs from the first only in `c`: `c` is not masked in the first, and by symmetry
//! not in the second. Conversely, if `c` is masked in neither, then at each operator above `c`
//! exactly one of the two vectors evaluates the right operand, so they have nothing in common after
//! `c`. A pair with different outcomes therefore shows exactly one condition in the masking form:
//! **the last one in which it differs**.
//!
//! This needs condition numbers that grow in the order of evaluation, and operators that
//! short-circuit. Vectors that contradict either (a number out of order, two successors for one
//! value, one successor for both) get the unique-cause result as their masking result: every
//! unique-cause pair is a masking pair, so no false claim is made.

/// Number of conditions of a decision that MC/DC covers: those with a smaller number than this.
pub const MAX_CONDITIONS: u32 = 64;

/// Maximum number of distinct vectors kept for one decision; coverage by later ones is not claimed.
pub const MAX_VECTORS: usize = 4096;

/// One evaluation of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vector {
    /// Bit `c` is set if condition `c` was evaluated.
    pub evaluated: u64,
    /// Bit `c` is set if condition `c` was evaluated and true.
    pub values: u64,
    /// The value of the decision.
    pub outcome: bool,
    /// True if the conditions were evaluated in the order of their numbers.
    pub in_order: bool,
}

/// The coverage of a set of vectors; bit `c` of each word is condition `c`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// Conditions evaluated in at least one vector.
    pub conditions: u64,
    /// Conditions with a unique-cause pair.
    pub unique_cause: u64,
    /// Conditions with a masking pair; includes every condition with a unique-cause pair.
    pub masking: u64,
}

/// Finds the conditions whose independent effect `vectors` show.
pub fn covered(vectors: &[Vector]) -> Covered {
    let (trues, falses): (Vec<&Vector>, Vec<&Vector>) = vectors.iter().partition(|v| v.outcome);
    let (mut unique_cause, mut masking) = (0, 0);
    for a in &trues {
        for b in &falses {
            let differing = (a.values ^ b.values) & a.evaluated & b.evaluated;
            if differing.is_power_of_two() {
                unique_cause |= differing;
            }
            masking |= differing.checked_ilog2().map_or(0, |last| 1 << last);
        }
    }
    if !is_short_circuit(vectors) {
        masking = unique_cause;
    }
    Covered {
        conditions: vectors.iter().fold(0, |all, v| all | v.evaluated),
        unique_cause,
        masking,
    }
}

/// True if the vectors can come from short-circuit evaluation in the order of the numbers: one
/// successor for each value of a condition, and a different one for the other value.
fn is_short_circuit(vectors: &[Vector]) -> bool {
    let mut successors = [[None; 2]; MAX_CONDITIONS as usize];
    for vector in vectors {
        let mut rest = vector.evaluated;
        while rest != 0 {
            let condition = rest.trailing_zeros();
            rest &= rest - 1;
            let next = if rest == 0 {
                Next::Outcome(vector.outcome)
            } else {
                Next::Condition(rest.trailing_zeros())
            };
            let value = vector.values >> condition & 1;
            let known = &mut successors[condition as usize][value as usize];
            if *known.get_or_insert(next) != next || !vector.in_order {
                return false;
            }
        }
    }
    successors.iter().all(|[on_false, on_true]| on_false.is_none() || on_false != on_true)
}

/// The next step of an evaluation after a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Condition(u32),
    Outcome(bool),
}
