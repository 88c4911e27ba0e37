//! Tests with files that callgrind wrote of `tests/data/small.c`, with `--separate-callers` of 200
//! (`small.out`), 4 (`small-cut.out`) and none (`small-flat.out`). Paths are shortened, and
//! neighbouring costs in the C library put together.

use super::*;
use crate::Cost;

const STACKS: &str = include_str!("../../tests/data/small.out");
const CUT: &str = include_str!("../../tests/data/small-cut.out");
const FLAT: &str = include_str!("../../tests/data/small-flat.out");
const COUNTED: &str = "simple_bench_counted";

#[test]
fn below_a_function_stacks_begin_with_it() {
    let stacks = parse_below(STACKS, COUNTED).unwrap().stacks;
    assert!(stacks.iter().all(|(stack, _)| stack[0] == COUNTED));
    assert_eq!(stacks.count(&[COUNTED, "self", "leaf"]), 264);
    assert_eq!(stacks.count(&[COUNTED, "even", "odd", "even", "odd", "leaf"]), 36);
    assert_eq!(stacks.total(), 1375);
}

#[test]
fn everything_has_its_stack_up_to_the_entry_of_the_process() {
    let Profile { costs, stacks } = parse(STACKS).unwrap();
    assert_eq!((costs.instructions, stacks.total()), (1375, 1375));
    assert!(stacks.iter().all(|(stack, _)| stack[0] == "0x000000000001ab70"));
    assert_eq!(stacks.below(COUNTED), parse_below(STACKS, COUNTED).unwrap().stacks);
}

#[test]
fn costs_are_by_function_with_recursion() {
    let costs = parse_below(STACKS, COUNTED).unwrap().costs;
    let cost = |own, inclusive, calls| Cost { own, inclusive: Some(inclusive), calls };
    assert_eq!(costs.functions["self"], cost(68, 332, 4));
    assert_eq!(costs.functions["even"], cost(36, 236, 2));
    assert_eq!(costs.functions["odd"], cost(32, 170, 2));
    assert_eq!(costs.functions["leaf"], cost(432, 432, 8));
    assert_eq!(costs.functions[COUNTED], cost(15, 1375, 1));
    assert!(!costs.functions.contains_key("main"));
}

#[test]
fn without_stacks_only_a_ring_has_no_inclusive_costs() {
    let exact = parse_below(STACKS, COUNTED).unwrap().costs;
    let flat = parse(FLAT).unwrap();
    assert_eq!(flat.costs.self_costs(), exact.self_costs());
    assert_eq!(flat.stacks.self_counts(), exact.self_costs());
    for (name, cost) in &exact.functions {
        let is_in_ring = ["even", "odd"].contains(&name.as_str());
        let expected = if is_in_ring { None } else { cost.inclusive };
        assert_eq!(flat.costs.functions[name].inclusive, expected, "{name}");
    }
    assert_eq!(parse(STACKS).unwrap().costs.functions["even"].inclusive, None);
}

/// The function also allocates before the counted one is called.
#[test]
fn allocations_are_those_below_the_function_if_there_are_stacks() {
    assert_eq!(parse_below(STACKS, COUNTED).unwrap().costs.allocations(), 3);
    assert_eq!(parse(FLAT).unwrap().costs.allocations(), 6);
}

#[test]
fn an_allocation_made_for_another_one_does_not_count() {
    let text = "events: Ir\nfn=f\n1 1\ncfn=realloc@@V_2\ncalls=2 1\n1 6\ncfn=free\ncalls=9 1\n1 0\n\
        fn=realloc@@V_2\n1 2\ncfn=malloc\ncalls=2 1\n1 4\nfn=malloc\n1 4\ntotals: 7\n";
    assert_eq!(parse(text).unwrap().costs.allocations(), 2);
}

#[test]
fn stacks_that_are_cut_off_stay_below_the_function() {
    let Profile { costs, stacks } = parse_below(CUT, COUNTED).unwrap();
    let exact = parse_below(STACKS, COUNTED).unwrap().costs;
    assert_eq!(stacks.total(), 1375);
    assert_eq!(stacks.count(&[COUNTED, UNKNOWN, "even", "odd", "even", "odd", "leaf"]), 36);
    assert_eq!(costs.self_costs(), exact.self_costs());
    assert_eq!(costs.allocations(), exact.allocations());
    assert!(costs.functions.values().all(|cost| cost.inclusive.is_none()));
}

#[test]
fn a_function_that_is_in_no_stack_is_an_error() {
    let error = parse_below(STACKS, "nothing").unwrap_err();
    assert_eq!(error, Error::NotCalled("nothing".to_owned()));
    assert_eq!(parse_below("", COUNTED), Err(Error::NotCallgrind));
}

#[test]
fn names_that_differ_in_their_hash_are_one_function() {
    let text = "events: Ir\nfn=a::f::h0123456789abcdef\n1 1\nfn=a::f::hfedcba9876543210\n1 2\n\
        totals: 3\n";
    let costs = parse(text).unwrap().costs;
    assert_eq!(costs.functions["a::f"], Cost { own: 3, inclusive: Some(3), calls: 0 });
}

/// The example of the manual.
#[test]
fn inclusive_costs_are_own_ones_and_those_of_calls() {
    let text = "# callgrind format\nevents: Ir\n\nfl=file1.c\nfn=main\n16 20\ncfn=func1\n\
        calls=1 50\n16 400\ncfi=file2.c\ncfn=func2\ncalls=3 20\n16 400\n\nfn=func1\n51 100\n\
        cfi=file2.c\ncfn=func2\ncalls=2 20\n51 300\n\nfl=file2.c\nfn=func2\n20 700\n\
        totals: 820\n";
    let costs = parse(text).unwrap().costs;
    let cost = |own, inclusive, calls| Cost { own, inclusive: Some(inclusive), calls };
    assert_eq!(costs.functions["main"], cost(20, 820, 0));
    assert_eq!(costs.functions["func1"], cost(100, 400, 1));
    assert_eq!(costs.functions["func2"], cost(700, 700, 5));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(
        body in "((fn=|cfn=|calls=|events: Ir|totals: |[0-9]{1,3}|[fg'(<>) +*:]|\n){0,60})"
    ) {
        for text in [body.clone(), format!("events: Ir\n{body}\ntotals: 0\n")] {
            let _ = (parse(&text), parse_below(&text, "f"));
        }
    }

    #[test]
    fn with_a_byte_changed_stacks_and_costs_still_agree(
        at in 0..STACKS.len(), byte in "[ -~]"
    ) {
        let mut text = STACKS.to_owned();
        text.replace_range(at..=at, &byte);
        if let Ok(profile) = parse_below(&text, COUNTED) {
            proptest::prop_assert_eq!(profile.stacks.total(), profile.costs.instructions);
        }
    }
}
