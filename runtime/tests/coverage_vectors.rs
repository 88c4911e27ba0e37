//! From probes to MC/DC: what makes a test vector, and which decision it belongs to.

use simple_runtime::coverage::{self, McdcRow, Site};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn from_nothing() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    coverage::clear();
    guard
}

fn site(line: u32) -> Site<'static> {
    Site::new(c"mcdc.spl", line, 5)
}

/// The probes of one evaluation: the values of conditions 0, 1, ... and the outcome.
fn run(id: u32, line: u32, values: &[bool], outcome: bool) {
    for (c, value) in (0..).zip(values) {
        coverage::condition(id, c, *value, site(line));
    }
    coverage::decision(id, outcome, site(line));
}

fn mcdc_row(
    id: u32,
    line: u32,
    [conditions, unique, masking]: [u64; 3],
    vectors: usize,
) -> McdcRow {
    McdcRow {
        decision_id: id,
        file: "mcdc.spl".into(),
        line,
        column: 5,
        conditions,
        unique_cause_covered: unique,
        masking_covered: masking,
        vectors,
    }
}

/// `(a && b) || (c && d)`: the numbers of the conditions that are evaluated, and their values.
fn two_pairs(id: u32, line: u32, [a, b, c, d]: [bool; 4]) {
    let probe = |condition, value| {
        coverage::condition(id, condition, value, site(line));
        value
    };
    let outcome = (probe(0, a) && probe(1, b)) || (probe(2, c) && probe(3, d));
    coverage::decision(id, outcome, site(line));
}

#[test]
fn probes_of_many_threads_make_one_set_of_vectors() {
    let _one = from_nothing();
    std::thread::scope(|scope| {
        for t in 0..4 {
            scope.spawn(move || {
                for values in (0..16).filter(|v| v % 4 == t) {
                    for _ in 0..100 {
                        two_pairs(1, 10, [0, 1, 2, 3].map(|c| values >> c & 1 == 1));
                    }
                }
            });
        }
        // Different decisions may be in progress at the same time.
        coverage::condition(2, 0, true, site(20));
        run(3, 30, &[true], true);
        coverage::condition(2, 1, false, site(20));
        coverage::decision(2, false, site(20));
    });
    let expected = [
        mcdc_row(1, 10, [0b1111; 3], 7),
        mcdc_row(2, 20, [0b11, 0, 0], 1),
        mcdc_row(3, 30, [0b1, 0, 0], 1),
    ];
    assert_eq!(coverage::report().mcdc, expected);
}

/// `f(n) = n > 0 && f(n - 1)`: the evaluations of one decision lie inside of each other.
#[test]
fn recursion_inside_of_a_condition() {
    fn f(n: u32) -> bool {
        let a = n > 0;
        coverage::condition(1, 0, a, site(1));
        let outcome = a && {
            let b = f(n - 1);
            coverage::condition(1, 1, b, site(1));
            b
        };
        coverage::decision(1, outcome, site(1));
        outcome
    }
    let _one = from_nothing();
    assert!(!f(100));
    // F- -> F innermost, TF -> F in all others: no pair.
    assert_eq!(coverage::report().mcdc, [mcdc_row(1, 1, [0b11, 0, 0], 2)]);
}

#[test]
fn conditions_beyond_the_limit_count_but_give_no_vector() {
    let _one = from_nothing();
    for (first, beyond) in [(true, Some(true)), (true, Some(false)), (false, None)] {
        coverage::condition(1, 0, first, site(1));
        if let Some(value) = beyond {
            coverage::condition(1, 64, value, site(1));
            coverage::condition(1, u32::MAX, value, site(1));
        }
        coverage::decision(1, first && beyond == Some(true), site(1));
    }
    let report = coverage::report();
    let counts: Vec<_> =
        report.conditions.iter().map(|r| (r.condition_id, r.true_count, r.false_count)).collect();
    assert_eq!(counts, [(0, 2, 1), (64, 1, 1), (u32::MAX, 1, 1)]);
    assert_eq!(report.mcdc, [mcdc_row(1, 1, [0b1, 0, 0], 1)]);
}

#[test]
fn the_highest_condition_number() {
    let _one = from_nothing();
    for value in [true, false] {
        coverage::condition(1, 63, value, site(1));
        coverage::decision(1, value, site(1));
    }
    assert_eq!(coverage::report().mcdc, [mcdc_row(1, 1, [1 << 63; 3], 2)]);
}

#[test]
fn a_clear_forgets_vectors_and_they_come_back() {
    let _one = from_nothing();
    for _ in 0..3 {
        for _ in 0..2 {
            run(1, 1, &[true, true], true);
            run(1, 1, &[true, false], false);
            run(1, 1, &[false], false);
        }
        assert_eq!(coverage::report().mcdc, [mcdc_row(1, 1, [0b11; 3], 3)]);
        coverage::clear();
        assert_eq!(coverage::report().mcdc, []);
    }
}

/// One number at two places: the vector belongs to the place of the decision probe.
#[test]
fn the_same_number_elsewhere_is_another_decision() {
    let _one = from_nothing();
    run(1, 1, &[true], true);
    run(1, 2, &[false], false);
    run(1, 2, &[true], true);
    let expected = [mcdc_row(1, 1, [1, 0, 0], 1), mcdc_row(1, 2, [1, 1, 1], 2)];
    assert_eq!(coverage::report().mcdc, expected);
}

#[test]
fn a_decision_without_condition_probes_has_no_mcdc() {
    let _one = from_nothing();
    coverage::decision(1, true, site(1));
    assert_eq!(coverage::report().mcdc, []);
}

/// A decision probe that came before the first condition probe of its decision.
#[test]
fn a_decision_known_before_its_conditions() {
    let _one = from_nothing();
    coverage::decision(77, true, site(1));
    run(77, 1, &[false], false);
    run(77, 1, &[true], true);
    assert_eq!(coverage::report().mcdc, [mcdc_row(77, 1, [1, 1, 1], 2)]);
}

/// Two files whose compilers number decisions from zero. While `0@a.spl: p && q` evaluates its
/// second operand, that calls a function with a decision of its own: `0@b.spl`, with or without
/// conditions.
#[test]
fn the_same_number_in_another_file_is_another_decision() {
    fn condition(file: &'static std::ffi::CStr, number: u32, value: bool) -> bool {
        coverage::condition(0, number, value, Site::new(file, 1, 5));
        value
    }
    fn decision(file: &'static std::ffi::CStr, outcome: bool) -> bool {
        coverage::decision(0, outcome, Site::new(file, 1, 5));
        outcome
    }
    fn row(file: &str, covered: [u64; 3], vectors: usize) -> McdcRow {
        McdcRow { file: file.into(), ..mcdc_row(0, 1, covered, vectors) }
    }
    let _one = from_nothing();
    for has_conditions in [false, true] {
        coverage::clear();
        let b = |q| {
            if has_conditions {
                condition(c"b.spl", 0, q);
            }
            decision(c"b.spl", q)
        };
        for (p, q) in [(true, true), (true, false), (false, false)] {
            let outcome = condition(c"a.spl", 0, p) && condition(c"a.spl", 1, b(q));
            decision(c"a.spl", outcome);
        }
        let mut expected = vec![row("a.spl", [0b11; 3], 3)];
        if has_conditions {
            expected.push(row("b.spl", [0b1; 3], 2));
        }
        assert_eq!(coverage::report().mcdc, expected);
    }
}

/// The decision's sites are known before its conditions, on several lines and among others.
#[test]
fn all_sites_of_a_decision_end_its_evaluations() {
    const LINES: u32 = 100;
    let _one = from_nothing();
    for line in 1..=LINES {
        for id in [5, 6] {
            coverage::decision(id, true, site(line));
        }
    }
    for line in 1..=LINES {
        run(5, line, &[line % 2 == 0], line % 2 == 0);
        coverage::decision(6, false, site(line));
    }
    let rows = coverage::report().mcdc;
    let expected: Vec<_> = (1..=LINES).map(|line| mcdc_row(5, line, [0b1, 0, 0], 1)).collect();
    assert_eq!(rows, expected);
}

/// Each level calls the next from inside of its first condition; the outermost, which ends
/// last, goes another way than the others.
#[test]
fn recursion_a_million_deep() {
    const DEPTH: u32 = 1 << 20;
    let _one = from_nothing();
    for _ in 0..DEPTH {
        coverage::condition(9, 0, true, site(1));
    }
    for level in (0..DEPTH).rev() {
        coverage::condition(9, 1, level == 0, site(1));
        coverage::decision(9, level == 0, site(1));
    }
    let report = coverage::report();
    assert_eq!(report.mcdc, [mcdc_row(9, 1, [0b11, 0b10, 0b10], 2)]);
    assert_eq!(report.decisions[0].false_count, u64::from(DEPTH) - 1);
}
