//! Programs that speak the language of `harness/README.md`: a process for each block, which is blocked in a
//! read while others have their turn.

use super::config::Benchmarks;
use super::program::Bench;
use super::samples::{Reported, iteration_ns, timed};
use super::{Adapter, Iteration, Place, Timed, Worker};
use crate::harness::Client;
use crate::owned::Usage;
use anyhow::{Context, Result, bail};
use simple_records::Instrument;
use simple_records::harness::{Outcome, Settings};
use std::fs;
use std::path::PathBuf;

/// Time of a sample, as far as an iteration is not longer and there is time for all of them.
const SAMPLE_NS: f64 = 500_000.0;
/// Most samples of a turn.
const MOST_SAMPLES: f64 = 1000.0;
const NS_IN_MS: u64 = 1_000_000;

/// The workloads of a program.
#[derive(Debug)]
struct Harness {
    bench: Bench,
}

/// A workload in a block.
#[derive(Debug)]
struct Prepared {
    name: String,
    client: Client,
    speech: Speech,
}

/// The requests by which a program times samples.
#[derive(Debug, Clone, Copy)]
enum Speech {
    /// `warm_up` and `time`: the iterations of a sample are ours to choose.
    Times {
        /// Rough time of an iteration.
        iteration_ns: f64,
    },
    /// `measure`, which every program knows.
    Measures,
}

/// An adapter for a program with these settings.
pub(super) fn adapter(settings: Benchmarks) -> Box<dyn Adapter> {
    Box::new(Harness { bench: Bench::new(settings) })
}

/// The folder of the files that workloads read.
fn data(place: &Place) -> Result<PathBuf> {
    let data = place.scratch.join("data");
    fs::create_dir_all(&data)
        .with_context(|| format!("cannot create the folder {}", data.display()))?;
    Ok(data)
}

impl Adapter for Harness {
    fn list(&self, place: &Place) -> Result<Vec<String>> {
        let ask = || Client::start(self.bench.command(place)?, None)?.catalogue();
        let catalogue = ask().with_context(|| {
            format!(
                "{} lists no workloads: does it speak the language of harness/README.md?",
                self.bench.name()
            )
        })?;
        let families = catalogue.families.into_iter();
        let names = families.flat_map(|family| family.workloads).map(|listed| listed.workload);
        self.bench.chosen(names.collect())
    }

    fn start(&self, place: &Place, benchmark: &str) -> Result<Box<dyn Worker>> {
        let name = self.bench.name_of(benchmark);
        let start = || {
            let mut client = Client::start(self.bench.command(place)?, None)?;
            client.prepare(benchmark, &data(place)?)?;
            Ok(client)
        };
        let client: Result<Client> = start();
        let client = client.with_context(|| name.clone())?;
        Ok(Box::new(Prepared { name, client, speech: Speech::Measures }))
    }

    /// The program says that it can by counting without a tool.
    fn counted_iteration(&self, place: &Place, benchmark: &str) -> Result<Option<Iteration>> {
        let iteration = Iteration {
            command: self.bench.command(place)?,
            workload: benchmark.to_owned(),
            data: data(place)?,
        };
        let can = iteration.serve(self.bench.command(place)?).is_ok();
        Ok(can.then_some(iteration))
    }
}

impl Prepared {
    fn measure(&mut self, warm_up_ns: u64, about_ns: u64, least_samples: u32) -> Result<Timed> {
        let settings = Settings {
            warm_up_ms: warm_up_ns.div_ceil(NS_IN_MS),
            measurement_ms: about_ns.div_ceil(NS_IN_MS).max(1),
            samples: least_samples.max(1) as usize,
            latency_ms: 1,
        };
        let measured = self.client.measure(Instrument::Wall, settings)?;
        let Outcome::Samples { samples, .. } = measured.outcome else {
            bail!("it returned no samples for the instrument wall")
        };
        let reported = samples.iter().map(|sample| Reported {
            iterations: sample.iterations as f64,
            total_ns: sample.total_ns,
        });
        // It says nothing about page faults.
        let usage =
            Usage { switches_involuntary: measured.involuntary_switches, ..Usage::default() };
        timed(&reported.collect::<Vec<_>>(), usage)
    }

    fn warmed_up(&mut self, at_least_ns: u64) -> Result<f64> {
        match self.client.warm_up(at_least_ns) {
            Ok(iteration_ns) if iteration_ns.is_finite() && iteration_ns > 0.0 => {
                self.speech = Speech::Times { iteration_ns };
                Ok(iteration_ns)
            }
            Ok(other) => bail!("it reports {other} ns for an iteration"),
            // A program may know no more than `measure`. If the process is gone, this fails as well, and
            // says why.
            Err(_) => {
                self.speech = Speech::Measures;
                let timed = self.measure(at_least_ns, NS_IN_MS, 1)?;
                iteration_ns(&timed).context("no samples")
            }
        }
    }

    fn times(&mut self, iteration_ns: f64, about_ns: u64, least_samples: u32) -> Result<Timed> {
        let least = f64::from(least_samples.max(1));
        let sample_ns = (about_ns as f64 / least).min(SAMPLE_NS);
        let iterations = (sample_ns / iteration_ns).ceil().max(1.0);
        let samples =
            (about_ns as f64 / (iterations * iteration_ns)).clamp(least, MOST_SAMPLES.max(least));
        let told = self.client.time(iterations as u64, samples as u32)?;
        let reported: Vec<Reported> =
            told.totals_ns.iter().map(|&total_ns| Reported { iterations, total_ns }).collect();
        let usage = Usage {
            page_faults_minor: told.page_faults_minor,
            switches_involuntary: told.involuntary_switches,
            ..Usage::default()
        };
        timed(&reported, usage)
    }
}

impl Worker for Prepared {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        self.warmed_up(at_least_ns).with_context(|| self.name.clone())
    }

    fn turn(&mut self, about_ns: u64, least_samples: u32) -> Result<Timed> {
        let timed = match self.speech {
            Speech::Times { iteration_ns } => self.times(iteration_ns, about_ns, least_samples),
            Speech::Measures => self.measure(0, about_ns, least_samples),
        };
        timed.with_context(|| self.name.clone())
    }
}
