//! Printing profiles: the hottest functions, and the paths of the pictures.

use crate::console::print::number_of;
use crate::out;
use crate::profile::diff::Difference;
use anyhow::Result;
use simple_records::{LogFile, PROFILE_FILE, Profile, StackProfile};
use std::path::Path;

/// Maximum number of functions that are shown of each view.
const SHOWN: usize = 8;

/// Prints a workload's profile.
pub fn profile(place: &Path) -> Result<()> {
    let profile = Profile::read(&place.join(PROFILE_FILE))?;
    out!("{}", profile.start.workload);
    for stacks in &profile.stacks {
        print_stacks(stacks, place);
    }
    print_rest(&profile, place);
    Ok(())
}

fn print_stacks(stacks: &StackProfile, place: &Path) {
    out!(
        "\n{}: {} {} in {}, by {}",
        stacks.view.name(),
        stacks.total,
        stacks.unit,
        number_of(stacks.iterations as usize, "iteration"),
        stacks.sampler
    );
    out!("  {:>6} {:>6}  function", "self", "all");
    let share = |count: u64| 100.0 * count as f64 / stacks.total.max(1) as f64;
    for function in stacks.functions.iter().take(SHOWN) {
        let (own, inclusive) = (share(function.own), share(function.inclusive));
        out!("  {own:>5.1}% {inclusive:>5.1}%  {}", function.function);
    }
    stacks.notes.iter().for_each(|note| out!("  note: {note}"));
    out!("  {}", place.join(&stacks.picture).display());
}

fn print_rest(profile: &Profile, place: &Path) {
    if let Some(sites) = &profile.allocations {
        out!(
            "\nmemory: {} and {} in {}",
            number_of(sites.blocks as usize, "block"),
            number_of(sites.bytes as usize, "byte"),
            number_of(sites.iterations as usize, "iteration")
        );
    }
    if let Some(waits) = &profile.waits {
        out!("\nwaits, by {}", waits.sampler);
        for wait in &waits.kinds {
            let ms = |ns: u64| format!("{:.3} ms", ns as f64 / 1e6);
            let total = wait.total_ns.map_or(String::new(), ms);
            out!("  {:>14} {:>8} times  {}", total, wait.count, wait.kind);
        }
    }
    if let Some(timeline) = &profile.timeline {
        out!(
            "\ntimeline of {}: open it in Perfetto or chrome://tracing\n  {}",
            number_of(timeline.threads.len(), "thread"),
            place.join(&timeline.trace).display()
        );
        if let Some(picture) = &timeline.picture {
            out!("  {}", place.join(picture).display());
        }
    }
    for missing in &profile.missing {
        out!("\n{}: {}", missing.view.name(), missing.why);
    }
    out!("");
}

/// Prints the changes since a revision.
pub fn differences(revision: &str, workload: &str, differences: &[Difference]) {
    out!("{workload}: from {revision} to this checkout");
    for difference in differences {
        let growth = &difference.growth;
        let percent = 100.0 * growth.delta() as f64 / growth.total_before.max(1) as f64;
        out!(
            "\n{}: {} -> {} {} ({percent:+.1}%), by {}",
            difference.view.name(),
            growth.total_before,
            growth.total_after,
            difference.unit,
            difference.sampler
        );
        let share = |delta: i128| 100.0 * delta as f64 / growth.total_before.max(1) as f64;
        let grew = growth.changes.iter().filter(|change| change.delta() > 0).take(SHOWN);
        let shrank = growth.changes.iter().rev().filter(|change| change.delta() < 0).take(SHOWN);
        for change in grew.chain(shrank) {
            let mark = match (change.is_new(), change.is_vanished()) {
                (true, _) => " (new)",
                (_, true) => " (gone)",
                _ => "",
            };
            out!("  {:>+6.1}%  {}{mark}", share(change.delta()), change.function);
        }
        difference.notes.iter().for_each(|note| out!("  note: {note}"));
        out!("  {}", difference.picture.display());
    }
    out!("");
}
