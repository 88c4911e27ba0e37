//! Allocations that fail.

use crate::allocator::{refuse, relent};
use crate::attempt::{Scenario, each};
use crate::scenarios as s;

/// Fails each allocation, and says how many were.
fn every_allocation(scenario: Scenario) {
    let mut failed = 0;
    for is_lasting in [false, true] {
        let what = if is_lasting { "all allocations from" } else { "allocation" };
        failed += each(scenario, what, &|nth| {
            refuse(nth, is_lasting);
            Box::new(relent)
        });
    }
    eprintln!("{}: failed allocations {failed}", scenario.name);
}

macro_rules! every_allocation {
    ($($test:ident $scenario:expr;)*) => {
        $(#[test]
        fn $test() {
            every_allocation($scenario);
        })*
    };
}
every_allocation! {
    channels s::CHANNELS;
    deep_copies s::COPIES;
    containers s::CONTAINERS;
}
