//! Remarks on a comparison's figures, in sentences.

use super::number::{exactly, time_ns};
use super::question::states;
use crate::analysis::Repeats;
use crate::analysis::{ComparisonReport, LeftOut, Timed, WhyLeftOut};
use simple_records::{AxisValue, Folios, GUEST_COLD, Layout};

/// Remarks on how a comparison's figures came about: rounds that are left out, workloads with
/// several states, iterations that were discarded, files whose state changed, and the meaning of
/// cold in a virtual machine.
pub fn notes(compared: &ComparisonReport) -> Vec<String> {
    let left_out = compared.left_out.iter().map(left_out);
    let layouts = compared.workloads.iter();
    let layouts = layouts.filter_map(|one| several_layouts(one, compared.rules.rounds.into()));
    left_out
        .chain(states(compared))
        .chain(discarded(compared))
        .chain(layouts)
        .chain(guest_cold(compared))
        .collect()
}

/// A workload's checked condition, and how often it did not hold; `None` if no condition was
/// checked and none failed.
pub fn conditions(workload: &Timed, repeats: Repeats) -> Option<String> {
    let checked = workload.residency.map(|seen| {
        let (resident, pages) = (exactly(seen.resident_pages_max), exactly(seen.pages));
        let at_most = if seen.resident_pages_max == 0 { "" } else { "at most " };
        let iterations = exactly(seen.iterations);
        format!(
            "Cold was checked: {at_most}{resident} of {pages} pages resident before each of \
             {iterations} iterations"
        )
    });
    let checked = checked.or_else(|| warm(&workload.layouts, repeats));
    let iterations = match workload.discarded {
        0 => None,
        1 => Some("1 iteration".to_owned()),
        many => Some(format!("{} iterations", exactly(many))),
    };
    match (checked, iterations) {
        (None, None) => None,
        (Some(checked), None) => Some(format!("{checked}.")),
        (Some(checked), Some(iterations)) => Some(format!("{checked}; {iterations} discarded.")),
        (None, Some(iterations)) => {
            Some(format!("{iterations} discarded, because a condition did not hold."))
        }
    }
}

/// The state of a warm file in the page cache, where it was looked at.
fn warm(layouts: &[Layout], repeats: Repeats) -> Option<String> {
    let (first, rest) = layouts.split_first()?;
    let folios = match first.folios {
        Folios::Unknown => "folios of a size that page faults do not show".to_owned(),
        folios => format!("{} folios", folios.name()),
    };
    let faults = first.faults_per_mib;
    let rounds = if rest.iter().all(|other| other.folios == first.folios) {
        format!("before each {}", repeats.one())
    } else {
        let (one, many) = (repeats.one(), repeats.many());
        format!("before the first {one}, and in others before other {many}")
    };
    Some(format!(
        "The page cache had the file in {folios} {rounds} ({faults:.1} page faults for each MiB)"
    ))
}

/// A warm file that lay differently in different rounds, whose figures are of two states.
fn several_layouts(workload: &Timed, repeats: Repeats) -> Option<String> {
    let of = |folios: Folios| {
        let count = workload.layouts.iter().filter(|layout| layout.folios == folios).count();
        (count > 0).then(|| format!("{} in {count}", folios.name()))
    };
    let all = [Folios::Large, Folios::Small, Folios::Mixed, Folios::Unknown];
    let found: Vec<_> = all.into_iter().filter_map(of).collect();
    (found.len() > 1).then(|| {
        format!(
            "{}: its file did not lie alike in the page cache in all {} {}: folios were {}.",
            workload.subject.workload,
            workload.layouts.len(),
            repeats.many(),
            found.join(", ")
        )
    })
}

fn left_out(round: &LeftOut) -> String {
    let [before, after] = round.line_move_ns.map(time_ns);
    let number = u64::from(round.round) + 1;
    match round.why {
        WhyLeftOut::Changed => format!(
            "Round {number} is left out: the machine changed while it was measured; moving a \
             cache line between its processors took {before} before and {after} after."
        ),
        WhyLeftOut::Another { usual_ns } => format!(
            "Round {number} is left out: another regime of the machine; moving a cache line \
             between its processors took {before} before and {after} after, {} in the rounds \
             that count.",
            time_ns(usual_ns)
        ),
    }
}

fn discarded(compared: &ComparisonReport) -> Option<String> {
    let workloads = compared.workloads.iter().filter(|workload| workload.discarded > 0);
    let (count, iterations) = workloads.fold((0_u64, 0_u64), |(count, iterations), workload| {
        (count + 1, iterations.saturating_add(workload.discarded))
    });
    (count > 0).then(|| {
        let were = if iterations == 1 { "iteration was" } else { "iterations were" };
        let (workloads, their) =
            if count == 1 { ("workload", "its") } else { ("workloads", "their") };
        format!(
            "{} {were} discarded and tried again, of {} {workloads}, because {their} condition \
             did not hold.",
            exactly(iterations),
            exactly(count)
        )
    })
}

fn guest_cold(compared: &ComparisonReport) -> Option<String> {
    let is_cold = |value: &AxisValue| *value == AxisValue::from(GUEST_COLD);
    let mut axes = compared.workloads.iter().flat_map(|workload| workload.subject.axes.iter());
    axes.any(|(_, value)| is_cold(value)).then(|| {
        format!(
            "{GUEST_COLD}: the file was not in the memory of this virtual machine; its host may \
             still have held it, so a disk may be slower than this."
        )
    })
}
