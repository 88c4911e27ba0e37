//! Wall time: criterion samples a workload, and its raw samples are kept.

use super::criterion_format::read_samples;
use crate::{Prepared, Timing};
use anyhow::Result;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
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

/// Measures `prepared` in this process; criterion keeps its files in `home`.
pub(super) fn measure(mut prepared: Prepared, settings: Settings, home: &Path) -> Result<Outcome> {
    let mut criterion = Criterion::default().output_directory(home);
    let mut group = criterion.benchmark_group(BENCHMARK);
    group
        .warm_up_time(Duration::from_millis(settings.warm_up_ms))
        .measurement_time(Duration::from_millis(settings.measurement_ms))
        .sample_size(settings.samples)
        // Its analysis is not used, the raw samples are: the least it accepts.
        .nresamples(2);
    let layout = prepared.layout;
    let timing = sample(&mut group, BENCHMARK, &mut prepared)?;
    group.finish();
    Ok(Outcome::Samples {
        samples: read_samples(home)?,
        discarded: timing.discarded,
        residency: timing.residency,
        layout,
    })
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
