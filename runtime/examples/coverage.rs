//! Coverage of a small function, with the probes that a compiler would put into it.
//!
//! `cargo run -p simple-runtime --example coverage`

use simple_runtime::coverage::{self, Site};

const DECISION: u32 = 1;
const PATH: u32 = 1;

/// Counts a condition and answers it; `number` is its place in the order of evaluation.
fn condition(number: u32, value: bool, column: u32) -> bool {
    coverage::condition(DECISION, number, value, Site::new(c"door.spl", 2, column));
    value
}

/// The function as it was written:
///
/// ```text
/// fn may_enter(is_staff, age, has_ticket):
///     if is_staff or (age >= 18 and has_ticket):
///         return true
///     return false
/// ```
fn may_enter(is_staff: bool, age: u32, has_ticket: bool) -> bool {
    coverage::path_block(PATH, 0);
    let outcome =
        condition(0, is_staff, 8) || (condition(1, age >= 18, 21) && condition(2, has_ticket, 35));
    coverage::decision(DECISION, outcome, Site::new(c"door.spl", 2, 8));
    coverage::path_block(PATH, if outcome { 1 } else { 2 });
    coverage::path_finalize(PATH);
    outcome
}

fn main() {
    // Both outcomes are seen, but none of these tests shows that the ticket matters.
    may_enter(true, 30, false);
    may_enter(false, 30, true);
    may_enter(false, 17, true);
    print!("{}", coverage::report().to_sdn());
}
