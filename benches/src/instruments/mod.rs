//! The ways to measure. Each runs in a process of its own, on one workload, and answers what
//! it found; what becomes of it is the run's business.

mod criterion_format;
pub(crate) mod iai_format;
pub mod instructions;
mod latency;
mod os;
pub(crate) mod paired;
pub(crate) mod repeat;
mod wall;

pub use criterion_format::parse_samples;

use crate::{Data, Instrument, Workload, catalogue};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use simple_records::{Residency, Sample};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How long to measure.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) warm_up_ms: u64,
    pub(crate) measurement_ms: u64,
    pub(crate) samples: usize,
    /// How long operations are begun at each rate.
    pub(crate) latency_ms: u64,
}

/// What a measuring process answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) items: u64,
    pub(crate) bytes: Option<u64>,
    pub(crate) outcome: Outcome,
    /// How often the process lost its processor without having asked.
    pub(crate) involuntary_switches: u64,
}

/// What an instrument has found out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Samples { samples: Vec<Sample>, discarded: u64, residency: Option<Residency> },
    Counts(BTreeMap<String, f64>),
    Latencies(Vec<LatencyRun>),
}

/// Latencies at one rate.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LatencyRun {
    /// Absent in a closed loop.
    pub(crate) offered_per_s: Option<f64>,
    pub(crate) achieved_per_s: f64,
    pub(crate) duration_s: f64,
    pub(crate) histogram_ns: String,
    pub(crate) percentiles_ns: BTreeMap<String, u64>,
}

/// The workload of this name.
pub(crate) fn find(name: &str) -> Result<Workload> {
    catalogue::all()
        .into_iter()
        .flat_map(|family| family.workloads)
        .find(|workload| workload.name == name)
        .with_context(|| format!("no workload is called {name}"))
}

/// Measures a workload in this process and writes what it found to `answer`. Its folder is for
/// the files of this measurement alone.
pub(crate) fn measure_here(
    name: &str,
    instrument: Instrument,
    data: &Path,
    settings: Settings,
    answer: &Path,
) -> Result<()> {
    let workload = find(name)?;
    ensure!(
        workload.instruments.contains(&instrument),
        "{name} does not suit the instrument {}",
        instrument.name()
    );
    let prepared = workload.prepare(&Data::new(data.to_owned()));
    let prepared = prepared.context("it cannot be prepared here")?;
    let (items, bytes) = (prepared.items, prepared.bytes);
    let outcome = match instrument {
        Instrument::Wall => {
            wall::measure(prepared, settings, answer.parent().unwrap_or(Path::new(".")))?
        }
        Instrument::Os => os::measure(prepared)?,
        Instrument::Latency => latency::measure(prepared, settings)?,
        Instrument::Instructions => instructions::rehearse(prepared)?,
    };
    let involuntary_switches = os::involuntary_switches();
    let measured = Measured { items, bytes, outcome, involuntary_switches };
    fs::write(answer, serde_json::to_vec(&measured)?)
        .with_context(|| format!("cannot write {}", answer.display()))
}
