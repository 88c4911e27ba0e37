//! MC/DC of given test vectors: hand-derived results of small expressions, and a brute-force
//! cross-check of random ones.

use proptest::prelude::*;
use simple_runtime::coverage::{Covered, Vector, covered};
use std::collections::BTreeSet;

/// A vector written as one character a condition (`T`, `F`, `-` not evaluated) and the outcome.
fn vector(text: &str) -> Vector {
    let (conditions, outcome) = text.split_once(' ').unwrap();
    let mut vector = Vector { evaluated: 0, values: 0, outcome: outcome == "T", in_order: true };
    for (c, value) in conditions.chars().enumerate() {
        vector.evaluated |= u64::from(value != '-') << c;
        vector.values |= u64::from(value == 'T') << c;
    }
    vector
}

/// (unique cause, masking) of these vectors, as the letters of the covered conditions.
fn letters(vectors: &[&str]) -> (String, String) {
    let vectors: Vec<_> = vectors.iter().map(|text| vector(text)).collect();
    let Covered { unique_cause, masking, .. } = covered(&vectors);
    let letters =
        |set: u64| (0..8_u8).filter(|c| set >> c & 1 == 1).map(|c| char::from(b'a' + c)).collect();
    (letters(unique_cause), letters(masking))
}

fn both(vectors: &[&str], expected: &str) {
    assert_eq!(letters(vectors), (expected.to_string(), expected.to_string()), "{vectors:?}");
}

#[test]
fn a_and_b() {
    both(&["TT T", "TF F", "F- F"], "ab");
    both(&["TT T", "TF F"], "b");
    both(&["TT T", "F- F"], "a");
    both(&["TF F", "F- F"], "");
    both(&["TT T"], "");
    both(&[], "");
}

#[test]
fn a_or_b_and_c() {
    both(&["T-- T", "FF- F", "FTT T", "FTF F"], "abc");
    both(&["T-- T", "FTT T", "FTF F"], "ac");
    both(&["FF- F", "FTT T", "FTF F"], "bc");
    both(&["T-- T", "FF- F", "FTT T"], "ab");
    both(&["T-- T", "FTT T"], "");
}

#[test]
fn a_and_b_or_c_and_d() {
    both(&["TT-- T", "F-TT T", "F-TF F", "F-F- F", "TFF- F"], "abcd");
    both(&["TT-- T", "F-F- F", "TFF- F"], "ab");
    both(&["F-TT T", "F-TF F", "F-F- F"], "cd");
    // For d there is only F-TT with TFTF, where a differs too, but is masked by b or by c and d.
    let vectors = ["TT-- T", "F-TT T", "TFTF F", "F-F- F", "TFF- F"];
    assert_eq!(letters(&vectors), ("abc".into(), "abcd".into()));
    assert_eq!(letters(&["F-TT T", "TFF- F"]), ("".into(), "c".into()));
    assert_eq!(letters(&["TFTT T", "F-TF F", "TT-- T"]), ("a".into(), "ad".into()));
}

#[test]
fn a_condition_alone() {
    both(&["T T", "F F"], "a");
    both(&["T F", "F T"], "a");
    both(&["T T"], "");
}

/// `a & b` without short-circuiting: in FF -> F, b is masked by a. That both values of a lead
/// to b gives it away.
#[test]
fn what_does_not_short_circuit_is_not_claimed_by_masking() {
    assert_eq!(letters(&["TT T", "FF F"]), ("".into(), "".into()));
    assert_eq!(letters(&["TT T", "FT F", "TF F"]), ("ab".into(), "ab".into()));
}

#[test]
fn numbers_out_of_order_are_not_claimed_by_masking() {
    let mut vectors = [vector("F-TT T"), vector("TFF- F")];
    assert_eq!(covered(&vectors).masking, 0b100);
    vectors[0].in_order = false;
    assert_eq!(covered(&vectors).masking, 0);
}

#[derive(Debug, Clone)]
enum Expr {
    Condition,
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
}

impl Expr {
    fn conditions(&self) -> u32 {
        match self {
            Self::Condition => 1,
            Self::Not(e) => e.conditions(),
            Self::And(a, b) | Self::Or(a, b) => a.conditions() + b.conditions(),
        }
    }

    /// Evaluates with short-circuiting; `first` is the number of the leftmost condition.
    fn eval(&self, values: u64, first: u32, visit: &mut dyn FnMut(u32, bool)) -> bool {
        match self {
            Self::Condition => {
                let value = values >> first & 1 == 1;
                visit(first, value);
                value
            }
            Self::Not(e) => !e.eval(values, first, visit),
            Self::And(a, b) => {
                a.eval(values, first, visit) && b.eval(values, first + a.conditions(), visit)
            }
            Self::Or(a, b) => {
                a.eval(values, first, visit) || b.eval(values, first + a.conditions(), visit)
            }
        }
    }

    fn outcome(&self, values: u64) -> bool {
        self.eval(values, 0, &mut |_, _| {})
    }

    fn vector(&self, values: u64) -> Vector {
        let mut evaluated = 0;
        let outcome = self.eval(values, 0, &mut |c, _| evaluated |= 1 << c);
        Vector { evaluated, values: values & evaluated, outcome, in_order: true }
    }
}

fn expressions() -> impl Strategy<Value = Expr> {
    Just(Expr::Condition).prop_recursive(4, 7, 2, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|e| Expr::Not(Box::new(e))),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| Expr::And(a.into(), b.into())),
            3 => (inner.clone(), inner).prop_map(|(a, b)| Expr::Or(a.into(), b.into())),
        ]
    })
}

/// All complete assignments that agree with what the vector evaluated.
fn completions(vector: Vector, conditions: u32) -> impl Iterator<Item = u64> {
    (0..1_u64 << conditions).filter(move |values| values & vector.evaluated == vector.values)
}

/// By the definitions, with the expression at hand and every completion of the don't-cares.
fn brute_force(expr: &Expr, vectors: &[Vector]) -> (u64, u64) {
    let n = expr.conditions();
    let unmasked = |v: Vector, c: u32| {
        completions(v, n).any(|values| expr.outcome(values) != expr.outcome(values ^ 1 << c))
    };
    let (mut unique_cause, mut masking) = (0, 0);
    for a in vectors {
        for b in vectors.iter().filter(|b| b.outcome != a.outcome) {
            let differing = a.evaluated & b.evaluated & (a.values ^ b.values);
            for c in (0..n).filter(|c| differing >> c & 1 == 1) {
                if completions(*a, n).any(|values| {
                    let flipped = values ^ 1 << c;
                    flipped & b.evaluated == b.values && expr.outcome(flipped) == b.outcome
                }) {
                    unique_cause |= 1 << c;
                }
                if unmasked(*a, c) && unmasked(*b, c) {
                    masking |= 1 << c;
                }
            }
        }
    }
    (unique_cause, masking)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_expressions_agree_with_brute_force(
        expr in expressions().prop_filter("few enough to enumerate", |e| e.conditions() <= 7),
        picked in prop::collection::vec(any::<u64>(), 0..12),
    ) {
        let n = expr.conditions();
        let vectors: BTreeSet<Vector> =
            picked.iter().map(|values| expr.vector(values & ((1 << n) - 1))).collect();
        let vectors: Vec<Vector> = vectors.into_iter().collect();
        let found = covered(&vectors);
        prop_assert_eq!((found.unique_cause, found.masking), brute_force(&expr, &vectors));
        prop_assert_eq!(found.unique_cause & !found.masking, 0);
        prop_assert_eq!(found.masking & !found.conditions, 0);
    }

    /// With every assignment tried, each condition of a read-once expression is covered.
    #[test]
    fn exhaustive_tests_cover_everything(
        expr in expressions().prop_filter("few enough to enumerate", |e| e.conditions() <= 7),
    ) {
        let n = expr.conditions();
        let vectors: BTreeSet<Vector> = (0..1 << n).map(|values| expr.vector(values)).collect();
        let found = covered(&vectors.into_iter().collect::<Vec<_>>());
        let all = (1 << n) - 1;
        prop_assert_eq!(found, Covered { conditions: all, unique_cause: all, masking: all });
    }
}
