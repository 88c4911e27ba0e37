//! The judge's error rates over many simulated comparisons.

mod common;

use common::gate::{At, begun, judged, run_to_end};
use simple_records::{Gate, Side};
use simple_reports::judge::{GateReport, Reason, Status, Verdict};
use simple_reports::stats::proportion_interval;

const WORKLOADS: usize = 50;

/// A whole comparison. Every workload has a record of its own: the plan treats each alone anyway, and
/// searching one large record would be slow.
fn simulated(seed: u64, model: &impl Fn(At) -> f64) -> GateReport {
    let names: Vec<String> = (0..WORKLOADS).map(|n| format!("w/{n}")).collect();
    let mut gate: Gate = begun(&names);
    for name in &names {
        let mut alone = begun(&[name]);
        run_to_end(&mut alone, seed, model);
        gate.blocks.append(&mut alone.blocks);
        gate.end = alone.end;
    }
    judged(&gate)
}

/// Noise of Student's t with two degrees of freedom: a tenth of it lies three times as far out as
/// normal noise would, and its variance is infinite.
fn heavy(at: At) -> f64 {
    let u = at.uniform(2);
    0.015 * (2.0 * u - 1.0) / (2.0 * u * (1.0 - u)).sqrt()
}

/// A third of all processes come to lie so in memory that they are 6% faster: differences
/// between a head and the mean of two bases are not symmetric.
fn two_layouts(at: At) -> f64 {
    at.normal(0.004) - if at.uniform(3) < 0.33 { 0.06 } else { 0.0 }
}

/// Few processes are a lot slower, because something else ran.
fn bursts(at: At) -> f64 {
    at.normal(0.01) + if at.uniform(4) < 0.08 { 0.5 * at.uniform(5) } else { 0.0 }
}

/// Counts regressions, and verdicts left undecided by a null control, among comparisons of a build with
/// itself.
fn alarms(comparisons: u64, model: impl Fn(At) -> f64) -> (u64, u64) {
    let mut alarms = (0, 0);
    for seed in 0..comparisons {
        let report = simulated(seed, &model);
        alarms.0 += u64::from(report.verdict == Verdict::Regression);
        let differs = |reason: &Reason| matches!(reason, Reason::NullDiffers(_));
        alarms.1 += u64::from(report.reasons.iter().any(differs));
    }
    alarms
}

/// The rate that is controlled over a comparison's workloads is, if nothing differs, the
/// probability of any false alarm; the interval of what was seen must reach down to it.
#[test]
fn a_build_against_itself_alarms_no_more_often_than_the_rate_allows() {
    const COMPARISONS: u64 = 150;
    for (name, (regressions, nulls)) in [
        ("heavy tails", alarms(COMPARISONS, heavy)),
        ("two layouts", alarms(COMPARISONS, two_layouts)),
        ("bursts", alarms(COMPARISONS, bursts)),
    ] {
        println!("{name}: {regressions} regressions, {nulls} differing null controls");
        for count in [regressions, nulls] {
            let interval = proportion_interval(count, COMPARISONS).unwrap();
            assert!(interval.low <= 0.01, "{name}: {count} of {COMPARISONS}");
        }
    }
}

/// A slow-down of the size that is looked for, in one workload of ten.
#[test]
fn five_percent_are_found_under_noise_of_one_and_a_half() {
    let (mut found, mut all, mut wrong) = (0, 0, 0);
    let is_slow = |name: &str| name.ends_with('7');
    let model = |at: At| {
        let slow = is_slow(at.workload) && at.side == Side::Head;
        at.normal(0.015) + if slow { 0.05_f64.ln_1p() } else { 0.0 }
    };
    for seed in 0..100 {
        let report = simulated(seed, &model);
        for row in &report.rows {
            let slower = row.status == Status::Slower;
            all += u32::from(is_slow(&row.workload));
            found += u32::from(slower && is_slow(&row.workload));
            wrong += u32::from(slower && !is_slow(&row.workload));
        }
    }
    println!("found {found} of {all}, {wrong} wrongly");
    assert!(f64::from(found) >= 0.95 * f64::from(all), "{found} of {all}");
    assert!(f64::from(wrong) <= 0.02 * f64::from(found), "{wrong} wrongly");
}
