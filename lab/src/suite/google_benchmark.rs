//! Programs linked with Google Benchmark, from version 1.5 on: a process for each turn.
//!
//! Its output may be mixed with what its benchmarks print, so it writes its figures into a file.

use super::config::Benchmarks;
use super::google_benchmark_format as format;
use super::program::Bench;
use super::samples::{iteration_ns, long_enough, timed};
use super::{Adapter, Place, Timed, Worker};
use crate::owned;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Characters that an extended regular expression of POSIX gives a meaning. No other may be escaped.
const SPECIAL: &str = ".[\\()*+?{|^$";

/// The benchmarks of a program.
#[derive(Debug)]
struct GoogleBenchmark {
    bench: Arc<Bench>,
}

/// A benchmark in a block.
#[derive(Debug)]
struct InTurns {
    bench: Arc<Bench>,
    place: Place,
    benchmark: String,
}

/// An adapter for a program with these settings.
pub(super) fn adapter(settings: Benchmarks) -> Box<dyn Adapter> {
    Box::new(GoogleBenchmark { bench: Arc::new(Bench::new(settings)) })
}

/// The pattern that finds one benchmark.
fn pattern(benchmark: &str) -> String {
    let mut pattern = String::from("^");
    for character in benchmark.chars() {
        if SPECIAL.contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern + "$"
}

/// The options by which a program runs one benchmark: `repetitions` times, each at least `each_ns` ns.
fn options(command: &mut Command, benchmark: &str, each_ns: u64, repetitions: u32) {
    // Versions before 1.8 know no suffix for seconds; all others take the number alone, too.
    let seconds = Duration::from_nanos(each_ns.max(1)).as_secs_f64();
    command.arg(format!("--benchmark_filter={}", pattern(benchmark)));
    command.arg(format!("--benchmark_min_time={seconds:.9}"));
    command.arg(format!("--benchmark_repetitions={repetitions}"));
    command.args(["--benchmark_report_aggregates_only=false", "--benchmark_format=console"]);
}

impl Adapter for GoogleBenchmark {
    fn list(&self, place: &Place) -> Result<Vec<String>> {
        let mut command = self.bench.command(place)?;
        command.args(["--benchmark_list_tests=true", "--benchmark_filter=all"]);
        command.arg("--benchmark_format=console");
        let said = self.bench.output(command, place);
        let said = said.with_context(|| format!("{} lists no benchmarks", self.bench.name()))?;
        let names = said.lines().filter(|line| !line.is_empty()).map(str::to_owned);
        let names: Vec<String> = names.collect();
        ensure!(
            !names.is_empty(),
            "{}: it lists no benchmarks: is it linked with Google Benchmark, and does its main call \
             benchmark::Initialize and benchmark::RunSpecifiedBenchmarks?",
            self.bench.name()
        );
        self.bench.chosen(names)
    }

    fn start(&self, place: &Place, benchmark: &str) -> Result<Box<dyn Worker>> {
        Ok(Box::new(InTurns {
            bench: Arc::clone(&self.bench),
            place: place.clone(),
            benchmark: benchmark.to_owned(),
        }))
    }
}

impl InTurns {
    fn measure(&self, each_ns: u64, repetitions: u32) -> Result<Timed> {
        let folder = owned::scratch_in(&self.place.scratch)?;
        let out = folder.path().join("out.json");
        let mut command = self.bench.command(&self.place)?;
        options(&mut command, &self.benchmark, each_ns, repetitions);
        let mut option = std::ffi::OsString::from("--benchmark_out=");
        option.push(&out);
        command.arg(option).arg("--benchmark_out_format=json");
        let measure = || {
            let (said, usage) = self.bench.run(command, &self.place)?;
            let text = fs::read(&out).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            timed(&format::samples(&text, &self.benchmark, &said)?, usage)
        };
        measure().with_context(|| self.bench.name_of(&self.benchmark))
    }
}

impl Worker for InTurns {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        let timed = self.measure(at_least_ns, 1)?;
        iteration_ns(&timed).context("no samples")
    }

    fn turn(&mut self, about_ns: u64, least_samples: u32) -> Result<Timed> {
        let samples = least_samples.max(1);
        long_enough(about_ns, || self.measure(about_ns / u64::from(samples), samples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_patterns_and_nothing_else_is_escaped() {
        assert_eq!(pattern("typed<std::vector<int>>/8"), "^typed<std::vector<int>>/8$");
        assert_eq!(pattern("f(a.b)*{1}[2]^$|\\+?"), r"^f\(a\.b\)\*\{1}\[2]\^\$\|\\\+\?$");
    }

    #[test]
    fn times_are_plain_numbers_that_every_version_reads() {
        let mut command = Command::new("x");
        options(&mut command, "a", 4_000_000, 3);
        let arguments: Vec<_> = command.get_args().map(|one| one.to_string_lossy()).collect();
        assert_eq!(
            arguments[..3],
            [
                "--benchmark_filter=^a$",
                "--benchmark_min_time=0.004000000",
                "--benchmark_repetitions=3"
            ]
        );
    }
}
