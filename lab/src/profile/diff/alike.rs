//! Two looks made comparable: added, and brought to the same scale.

use crate::profile::stacks::Found;
use anyhow::{Result, ensure};
use simple_profiles::Folded;
use simple_profiles::growth::Change;

/// Counts by different samplers are not compared.
pub(super) fn ensure_alike(one: &Found, other: &Found) -> Result<()> {
    ensure!(
        one.sampler == other.sampler,
        "the sampler changed from {} to {}: name one with --sampler",
        one.sampler,
        other.sampler
    );
    Ok(())
}

/// Threads by their names alone: how many of a name there are, and which of them is the second,
/// differs from look to look.
fn without_numbers(stacks: &Folded) -> Folded {
    let bare = |thread: &str| -> String {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let of_many = thread.strip_suffix(" threads)").and_then(|name| name.rsplit_once(" ("));
        match thread.rsplit_once(" #").or(of_many) {
            Some((name, number)) if is_number(number) => name.to_owned(),
            _ => thread.to_owned(),
        }
    };
    let mut named = Folded::default();
    for (stack, count) in stacks.iter() {
        let thread = stack.iter().take(1).map(|thread| bare(thread));
        named.add(thread.chain(stack.iter().skip(1).cloned()), count);
    }
    named
}

/// Adds another look at the same build.
pub(super) fn add(found: &mut Found, again: Found) -> Result<()> {
    ensure_alike(found, &again)?;
    let (total, total_again) = (found.stacks.total() as f64, again.stacks.total() as f64);
    if let (Some(one), Some(other)) = (found.count_ns, again.count_ns) {
        found.count_ns = Some((one * total + other * total_again) / (total + total_again));
    }
    found.stacks = without_numbers(&found.stacks);
    found.stacks.merge(&without_numbers(&again.stacks));
    let notes = again.notes.iter().filter(|note| !found.notes.contains(note));
    let notes: Vec<String> = notes.cloned().collect();
    found.notes.extend(notes);
    found.iterations += again.iterations;
    let time = |found: &Found| found.measured_ns.unwrap_or(0);
    found.measured_ns = Some(time(found) + time(&again));
    Ok(())
}

/// Samples become nanoseconds of as many iterations on both sides: what did not change has the
/// same width in both, however much else changed.
pub(super) fn per_as_many_iterations(base: &mut Found, head: &mut Found) {
    let iterations = base.iterations.max(head.iterations);
    for found in [base, head] {
        // Under callgrind these are instructions already, of as many iterations.
        if let Some(count_ns) = &mut found.count_ns {
            *count_ns *= iterations as f64 / found.iterations.max(1) as f64;
            found.stacks = scaled(&found.stacks, *count_ns);
            found.unit = "ns";
        }
        found.iterations = iterations;
    }
}

/// Returns whether a change is within two standard deviations of what samples give by chance. Of n of them
/// the standard deviation is the root of n, so in units of w it is that of
/// w times the sum. Counts without samples are no chance.
pub(super) fn is_chance(change: &Change, base: &Found, head: &Found) -> bool {
    let variance = |found: &Found, sum: u64| found.count_ns.unwrap_or(0.0) * sum as f64;
    let variance = variance(base, change.before) + variance(head, change.after);
    (change.delta() as f64).abs() <= 2.0 * variance.sqrt()
}

fn scaled(stacks: &Folded, factor: f64) -> Folded {
    let mut scaled = Folded::default();
    stacks.iter().for_each(|(stack, count)| scaled.add(stack, (count as f64 * factor) as u64));
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_profiles::growth;
    use simple_records::View;

    fn found(stacks: &str, iterations: u64) -> Found {
        Found {
            view: View::Cpu,
            sampler: "test".to_owned(),
            unit: "samples",
            stacks: Folded::parse(stacks).unwrap(),
            count_ns: Some(1000.0),
            table: None,
            iterations,
            measured_ns: None,
            notes: Vec::new(),
        }
    }

    /// The base did twice as many iterations in the same time: `f` did not change.
    #[test]
    fn what_did_not_change_has_the_same_width() {
        let (mut base, mut head) = (found("f 100\n", 20), found("f 50\ng 50\n", 10));
        per_as_many_iterations(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        let changed: Vec<_> = growth.changes.iter().map(|c| c.function.as_str()).collect();
        assert_eq!(changed, ["g"]);
        assert_eq!((base.iterations, head.iterations, head.unit), (20, 20, "ns"));
    }

    #[test]
    fn what_samples_give_by_chance_is_no_change() {
        let (mut base, mut head) = (found("f 100\ng 100\n", 10), found("f 110\ng 200\n", 10));
        per_as_many_iterations(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        let chance = |name: &str| {
            let change = growth.changes.iter().find(|change| change.function == name).unwrap();
            is_chance(change, &base, &head)
        };
        assert!(chance("f") && !chance("g"));
    }

    #[test]
    fn threads_are_compared_by_name() {
        let stacks = "w #2;f 1\nw;f 2\nt (20 threads);f 4\nx (y);f 8\n";
        let named = without_numbers(&Folded::parse(stacks).unwrap());
        assert_eq!(named.to_string(), "t;f 4\nw;f 3\nx (y);f 8\n");
    }

    #[test]
    fn looks_by_different_samplers_are_not_added() {
        let mut one = found("f 1\n", 1);
        let mut other = found("f 2\n", 1);
        add(&mut one, other.clone()).unwrap();
        assert_eq!((one.stacks.total(), one.iterations), (3, 2));
        other.sampler = "another".to_owned();
        assert!(add(&mut one, other).unwrap_err().to_string().contains("--sampler"));
    }
}
