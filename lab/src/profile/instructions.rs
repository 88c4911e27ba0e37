//! The view of instructions: by callgrind, exact where an iteration runs on one thread.

use crate::harness::valgrind::Scope;
use crate::profile::harness::Harness;
use crate::profile::stacks::CollectedStacks;
use anyhow::Result;
use simple_profiles::Folded;
use simple_profiles::normalize::StackCounts;
use simple_profiles::sample::Cut;
use simple_records::harness::{Listed, MEASURED};
use simple_records::{Instrument, Unit, View};

/// Number of additional iterations in the longer of two runs that are subtracted.
pub const BETWEEN: u64 = 4;

/// Counts a workload's instructions.
pub fn view(harness: &Harness, listed: &Listed) -> Result<CollectedStacks> {
    let is_counted = listed.instruments.contains(&Instrument::Instructions);
    let (stacks, iterations, notes) = if is_counted {
        let profile = harness.subject(&listed.workload).instructions(Scope::Iteration)?;
        (profile.stacks, 1, Vec::new())
    } else {
        let note = format!(
            "It is not one of the workloads whose iterations are counted alone: what is shown is a \
             process with {BETWEEN} iterations more minus one without, all threads together. Where \
             there are several, this is not exact: under callgrind one runs at a time, and waits \
             are short or long by chance."
        );
        let (stacks, by_chance) = between_runs(harness, listed)?;
        (stacks, BETWEEN, vec![note, by_chance])
    };
    Ok(CollectedStacks {
        view: View::Instructions,
        sampler: "callgrind".to_owned(),
        unit: Unit::Instructions,
        counts: StackCounts { stacks, iterations, period_ns: None },
        table: None,
        measured_ns: None,
        notes,
    })
}

/// Subtracts two runs: set-up is in both, so it is not in their difference.
fn between_runs(harness: &Harness, listed: &Listed) -> Result<(Folded, String)> {
    let run = |iterations| -> Result<Folded> {
        let subject = harness.subject(&listed.workload);
        Ok(subject.instructions(Scope::Process(iterations))?.stacks)
    };
    let (with, without) = (run(BETWEEN)?, run(0)?);
    let difference = with.minus(&without);
    // Counts that are smaller with more iterations are cut off at zero, so that chance only adds.
    let net = with.total().saturating_sub(without.total()).max(1);
    let excess = difference.total().saturating_sub(net);
    let note = format!(
        "By chance {:.1}% too much is counted.",
        100.0 * excess as f64 / difference.total().max(1) as f64
    );
    Ok((Cut::at(MEASURED).measured_stacks(&difference), note))
}
