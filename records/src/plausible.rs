//! Values that no measurement gives: a line with one is left out, and named, before a figure is made
//! of it.

use crate::{Counts, Latency, Noise, Record, RunLimits, Samples, Work};

/// Most iterations, items, bytes or events: more than any machine makes in a lifetime, and few enough
/// to be exact as a floating-point number.
const MOST: u64 = 1 << 53;
/// Longest duration in nanoseconds, of more than thirty years.
const LONGEST_NS: f64 = 1e18;
/// The same in seconds.
const LONGEST_S: f64 = LONGEST_NS / 1e9;
/// Highest load average.
const HIGHEST_LOAD: f64 = 1e6;

/// A value that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implausible {
    /// Its field, such as `samples.total_ns`.
    pub field: &'static str,
    /// The value, as text.
    pub value: String,
}

/// Returns the first value of a record that cannot be; `None` if all can.
pub(crate) fn implausible(record: &Record) -> Option<Implausible> {
    match record {
        Record::Run(start) => start.limits.as_ref().and_then(of_limits),
        Record::Samples(samples) => of_samples(samples),
        Record::Counts(counts) => of_counts(counts),
        Record::Latency(latency) => of_latency(latency),
        Record::Noise(noise) => of_noise(noise),
        Record::Comparison(_) | Record::Skipped(_) | Record::End(_) | Record::Unknown => None,
    }
}

fn of_limits(limits: &RunLimits) -> Option<Implausible> {
    // A probability of 0 is never reached, one of 1 decides nothing.
    let share = |field, share: f64| outside(field, share, f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
    share("limits.error", limits.error)
        .or_else(|| share("limits.same", limits.same))
        .or_else(|| share("limits.same_threaded", limits.same_threaded))
        .or_else(|| outside("limits.budget_s", limits.budget_s, 0.0, LONGEST_S))
}

fn of_samples(samples: &Samples) -> Option<Implausible> {
    let of_sample = |sample: &crate::Sample| {
        above("samples.iterations", sample.iterations)
            .or_else(|| outside("samples.total_ns", sample.total_ns, -LONGEST_NS, LONGEST_NS))
    };
    of_work(&samples.work).or_else(|| samples.samples.iter().find_map(of_sample))
}

fn of_work(work: &Work) -> Option<Implausible> {
    above("items", work.items).or_else(|| above("bytes", work.bytes?))
}

fn of_counts(counts: &Counts) -> Option<Implausible> {
    let mut values = counts.counts.values();
    let found = values.find_map(|count| outside("counts", *count, 0.0, MOST as f64));
    of_work(&counts.work).or(found)
}

fn of_latency(latency: &Latency) -> Option<Implausible> {
    let most = MOST as f64;
    let mut percentiles = latency.percentiles_ns.values();
    of_work(&latency.work)
        .or_else(|| outside("offered_per_s", latency.offered_per_s?, 0.0, most))
        .or_else(|| outside("achieved_per_s", latency.achieved_per_s, 0.0, most))
        .or_else(|| outside("duration_s", latency.duration_s, 0.0, LONGEST_S))
        .or_else(|| percentiles.find_map(|ns| above("percentiles_ns", *ns)))
}

fn of_noise(noise: &Noise) -> Option<Implausible> {
    let mut moves_ns = noise.line_move_ns.iter().flatten();
    let mut shared = noise.shared_core.iter().flatten();
    outside("elapsed_s", noise.elapsed_s, 0.0, LONGEST_S)
        .or_else(|| outside("steal_percent", noise.steal_percent?, 0.0, 100.0))
        .or_else(|| outside("load_1min", noise.load_1min?, 0.0, HIGHEST_LOAD))
        .or_else(|| moves_ns.find_map(|ns| outside("line_move_ns", *ns, 0.0, LONGEST_NS)))
        .or_else(|| shared.find_map(|ratio| outside("shared_core", *ratio, 0.0, HIGHEST_LOAD)))
}

fn above(field: &'static str, value: u64) -> Option<Implausible> {
    (value > MOST).then(|| Implausible { field, value: value.to_string() })
}

/// A value below `least` or above `most`.
fn outside(field: &'static str, value: f64, least: f64, most: f64) -> Option<Implausible> {
    let is_inside = (least..=most).contains(&value);
    // The shortest form: no three hundred digits.
    (!is_inside).then(|| Implausible { field, value: format!("{value:?}") })
}
