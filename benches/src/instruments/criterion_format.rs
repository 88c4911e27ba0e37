//! Criterion's private format: the raw samples, and nothing else of it.
//!
//! Criterion 0.8 leaves `<home>/<group>/<benchmark>/new/sample.json` behind: how many
//! iterations each sample had, and how many nanoseconds they took together.

use super::wall::BENCHMARK;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use simple_records::Sample;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct RawSamples {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// The samples that criterion left in its home.
pub(super) fn read_samples(home: &Path) -> Result<Vec<Sample>> {
    let path = home.join(BENCHMARK).join(BENCHMARK).join("new/sample.json");
    let bytes = fs::read(&path)
        .with_context(|| format!("criterion left no samples in {}", path.display()))?;
    parse_samples(&bytes)
}

/// The samples in the text of a `sample.json`.
pub fn parse_samples(text: &[u8]) -> Result<Vec<Sample>> {
    let raw: RawSamples = serde_json::from_slice(text).context("not criterion's sample.json")?;
    ensure!(
        raw.iters.len() == raw.times.len() && !raw.iters.is_empty(),
        "criterion's samples are incomplete: {} counts, {} times",
        raw.iters.len(),
        raw.times.len()
    );
    let sample = |(iterations, total_ns): (&f64, &f64)| {
        ensure!(
            *iterations >= 1.0 && total_ns.is_finite() && *total_ns > 0.0,
            "no sample: {iterations} iterations in {total_ns} ns"
        );
        Ok(Sample { iterations: *iterations as u64, total_ns: *total_ns })
    };
    raw.iters.iter().zip(&raw.times).map(sample).collect()
}
