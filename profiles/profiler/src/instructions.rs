//! The view of instructions: by callgrind, exact where an iteration runs on one thread.

use crate::harness::{Harness, Scope};
use crate::measured;
use crate::stacks::Found;
use anyhow::Result;
use simple_profiles::Folded;
use simple_profiles::callgrind;
use simple_records::View;
use simple_records::repeat::Listed;

/// The function of the harness in which an iteration runs that is counted.
const COUNTED: &str = "simple_bench_counted";

/// Iterations by which two runs differ whose difference is taken.
pub const BETWEEN: u64 = 4;

/// Counts a workload's instructions.
pub fn view(harness: &Harness, listed: &Listed) -> Result<Found> {
    let (stacks, iterations, notes) = if listed.is_counted {
        let text = harness.valgrind("callgrind", &listed.workload, Scope::Iteration)?;
        (callgrind::parse_below(&text, COUNTED)?.stacks, 1, Vec::new())
    } else {
        let note = format!(
            "An iteration runs on several threads or needs its condition made: what is shown is \
             a process with {BETWEEN} iterations more minus one without, all threads together. \
             Under callgrind one thread runs at a time, and waits are short or long by chance, so \
             that this is not exact."
        );
        (between_runs(harness, listed)?, BETWEEN, vec![note])
    };
    Ok(Found {
        view: View::Instructions,
        sampler: "callgrind".to_owned(),
        unit: "instructions",
        stacks,
        table: None,
        iterations,
        count_ns: None,
        measured_ns: None,
        notes,
    })
}

/// Set-up is in both runs, so that it is not in their difference.
fn between_runs(harness: &Harness, listed: &Listed) -> Result<Folded> {
    let run = |iterations| -> Result<Folded> {
        let scope = Scope::Process(iterations);
        let text = harness.valgrind("callgrind", &listed.workload, scope)?;
        Ok(callgrind::parse(&text)?.stacks)
    };
    Ok(measured::stacks(&run(BETWEEN)?.minus(&run(0)?)))
}
