//! Allocations that fail.

use crate::allocator::{refuse, relent};
use crate::attempt::{Scenario, each};
use crate::files::{self, STRATEGIES};
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
            files::prepare();
            every_allocation($scenario);
        })*
    };
}
every_allocation! {
    futures s::FUTURES;
    deep_awaits s::DEEP_AWAITS;
    executor s::EXECUTOR;
    manual_mode s::MANUAL;
    channels s::CHANNELS;
    threads s::THREADS;
    deep_copies s::COPIES;
    containers s::CONTAINERS;
    advices s::AOP;
    files_none STRATEGIES[0];
    files_progressive STRATEGIES[1];
    files_populate STRATEGIES[2];
    files_populate_read STRATEGIES[3];
    files_touch STRATEGIES[4];
    files_copy STRATEGIES[6];
    files_huge STRATEGIES[7];
    files_auto STRATEGIES[8];
}
