//! Wall time: criterion samples a workload, and its raw samples are kept.

use super::criterion_format::read_samples;
use super::os;
use crate::{Prepared, Timing};
use anyhow::Result;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use simple_records::Sample;
use simple_records::harness::{Outcome, Settings};
use std::path::Path;
use std::time::Duration;

/// The name of the one benchmark that criterion sees in [`measure`].
pub(super) const BENCHMARK: &str = "workload";

/// Keeps criterion from asking cargo where it builds, which takes longer than to measure: its files
/// go elsewhere anyway.
///
/// # Safety
///
/// No other thread runs.
pub(crate) unsafe fn keep_from_asking_cargo() {
    // SAFETY: nobody reads the environment meanwhile, says the caller.
    unsafe { std::env::set_var("CRITERION_HOME", "/nonexistent") };
}

/// Criterion takes at least ten samples. An iteration that takes longer than this many of the
/// samples that were planned is timed [`SLOW_SAMPLES`] times instead, each a sample: a block needs
/// one figure of a process, and more blocks are worth more than more samples.
const SLOW: u32 = 4;
/// Samples of an iteration that is slow.
const SLOW_SAMPLES: usize = 4;

/// Least times of a workload of several threads. Two that wake on one processor stay there until
/// the scheduler's balancer has looked: a much shorter turn shows where they happened to wake. A
/// longer one hardly says more: the second half of a turn repeats the first, and another turn of the
/// same process does not.
const THREADED_WARM_UP: Duration = Duration::from_millis(10);
const THREADED_MEASUREMENT: Duration = Duration::from_millis(15);

/// Measures `prepared` in this process; criterion keeps its files in `home`.
pub(super) fn measure(prepared: &mut Prepared, settings: Settings, home: &Path) -> Result<Outcome> {
    // This also brings the caches back.
    let first = prepared.time(1)?;
    let mut warm_up = Duration::from_millis(settings.warm_up_ms);
    let mut measurement = Duration::from_millis(settings.measurement_ms);
    if os::threads().is_none_or(|threads| threads > 1) {
        warm_up = warm_up.max(THREADED_WARM_UP);
        measurement = measurement.max(THREADED_MEASUREMENT);
    }
    if is_slow(first.elapsed, measurement, settings.samples) {
        return one_by_one(prepared, first);
    }
    let sampling = Sampling { warm_up, measurement, samples: settings.samples };
    by_criterion(prepared, sampling, home)
}

/// Returns whether `iteration` takes longer than [`SLOW`] of the `samples` that share `measurement`.
fn is_slow(iteration: Duration, measurement: Duration, samples: usize) -> bool {
    iteration > measurement / samples.max(1) as u32 * SLOW
}

/// Times and number of the samples that criterion takes.
#[derive(Clone, Copy)]
struct Sampling {
    warm_up: Duration,
    measurement: Duration,
    samples: usize,
}

/// Has criterion sample `prepared` as `sampling` says; it keeps its files in `home`.
fn by_criterion(prepared: &mut Prepared, sampling: Sampling, home: &Path) -> Result<Outcome> {
    let mut criterion = Criterion::default().output_directory(home);
    let mut group = criterion.benchmark_group(BENCHMARK);
    group
        .warm_up_time(sampling.warm_up)
        .measurement_time(sampling.measurement)
        .sample_size(sampling.samples)
        // Its analysis is not used, the raw samples are: the least it accepts.
        .nresamples(2);
    let layout = prepared.layout;
    let timing = sample(&mut group, BENCHMARK, prepared)?;
    group.finish();
    Ok(Outcome::Samples {
        samples: read_samples(home)?,
        discarded: timing.discarded,
        residency: timing.residency,
        layout,
    })
}

/// Times an iteration [`SLOW_SAMPLES`] times; `timing` is that of what came before.
fn one_by_one(prepared: &mut Prepared, mut timing: Timing) -> Result<Outcome> {
    let mut samples = Vec::with_capacity(SLOW_SAMPLES);
    for _ in 0..SLOW_SAMPLES {
        let one = prepared.time(1)?;
        samples.push(Sample { iterations: 1, total_ns: one.elapsed.as_nanos() as f64 });
        timing.add(one);
    }
    let Timing { discarded, residency, .. } = timing;
    Ok(Outcome::Samples { samples, discarded, residency, layout: prepared.layout })
}

/// Has criterion sample `prepared` as the benchmark `name` of `group`, if its filter wants that.
/// Returns the timing of all iterations, those of the warm-up too.
///
/// # Errors
/// If an iteration fails or its result is wrong. What criterion has shown of it then is worthless.
pub fn sample(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    prepared: &mut Prepared,
) -> Result<Timing> {
    let mut sum = Timing::default();
    let mut failure = None;
    // As many iterations in each sample: slow workloads stay within the time.
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| match prepared.time(iterations) {
            Ok(timing) => {
                sum.add(timing);
                timing.elapsed
            }
            Err(error) => {
                failure.get_or_insert(error);
                // Criterion divides by it; the samples are not used any more.
                Duration::from_secs(1)
            }
        });
    });
    failure.map_or(Ok(sum), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_is_an_iteration_of_more_than_four_samples() {
        let measurement = Duration::from_millis(40);
        assert!(!is_slow(Duration::from_millis(16), measurement, 10));
        assert!(is_slow(Duration::from_millis(17), measurement, 10));
        assert!(is_slow(Duration::from_millis(161), measurement, 0));
    }

    #[test]
    fn a_slow_iteration_is_timed_a_few_times() {
        let mut prepared = Prepared::new(1, 7, || 7);
        let first = prepared.time(1).unwrap();
        let Outcome::Samples { samples, .. } = one_by_one(&mut prepared, first).unwrap() else {
            panic!("samples are taken");
        };
        assert_eq!(samples.len(), SLOW_SAMPLES);
        assert!(samples.iter().all(|sample| sample.iterations == 1));
    }

    #[test]
    fn a_fast_iteration_is_sampled_by_criterion() {
        let mut prepared = Prepared::new(1, 7, || 7);
        let home = tempfile::tempdir().unwrap();
        let sampling = Sampling {
            warm_up: Duration::from_millis(1),
            measurement: Duration::from_millis(2),
            samples: 10,
        };
        let Outcome::Samples { samples, .. } =
            by_criterion(&mut prepared, sampling, home.path()).unwrap()
        else {
            panic!("samples are taken");
        };
        assert_eq!(samples.len(), 10);
        assert!(samples.iter().all(|sample| sample.iterations > 1));
    }
}
