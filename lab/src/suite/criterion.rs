//! Benchmarks of the crate criterion, from version 0.3.3 on: a process for each turn, in a home of its own.
//!
//! Its output is for people. The samples are in files that it leaves behind, which
//! `criterion_format` reads.

use super::config::Benchmarks;
use super::criterion_format::{self as format, Title};
use super::program::Bench;
use super::samples::{iteration_ns, long_enough, timed};
use super::{Adapter, Place, Timed, Worker};
use crate::owned;
use crate::programs;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least number of samples that criterion accepts.
const LEAST_SAMPLES: u32 = 10;
/// Resamples of criterion's own statistics, which nobody reads. Some versions refuse or complain about fewer.
const RESAMPLES: &str = "1001";
/// Time that a process runs before it is measured, if it was not warmed up.
const WARM_UP_NS: u64 = 3_000_000;
/// An option that all versions have.
const OPTION: &str = "--nresamples";
/// An option by which a benchmark ends as soon as two samples agree, after a tenth of a second. It wins over
/// a group's own settings, as no option for times does. All versions from 0.4 on have it.
const QUICK: &str = "--quick";
/// A process that was to take a moment, and took longer than this, goes by settings of its own, or its
/// iterations are long.
const SLOW: Duration = Duration::from_secs(2);
/// An option that all versions from 0.4 on have.
const OPTION_SINCE_0_4: &str = "--discard-baseline";

/// The benchmarks of a program that uses criterion.
#[derive(Debug)]
pub(super) struct Criterion {
    bench: Arc<Bench>,
    slow: Slow,
}

/// The benchmarks that were found slow on any side. All sides are timed alike from then on.
#[derive(Debug, Clone, Default)]
struct Slow(Arc<Mutex<BTreeSet<String>>>);

impl Slow {
    fn contains(&self, benchmark: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(benchmark)
    }

    fn add(&self, benchmark: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(benchmark.to_owned());
    }
}

/// A benchmark in a block.
#[derive(Debug)]
struct InTurns {
    bench: Arc<Bench>,
    place: Place,
    benchmark: String,
    times: Times,
    slow: Slow,
    warm_up_ns: u64,
}

/// The times that a version of criterion understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    /// Parts of a second: 0.4 and later.
    Fractions,
    /// Whole seconds: 0.3.
    Seconds,
}

impl Times {
    /// The times that a program with this help understands. It may have none.
    fn of(help: Option<&str>) -> Self {
        let is_old = |help: &str| help.contains(OPTION) && !help.contains(OPTION_SINCE_0_4);
        if help.is_some_and(is_old) { Self::Seconds } else { Self::Fractions }
    }

    /// The value of an option for a duration in ns.
    fn option(self, ns: u64) -> String {
        let seconds = Duration::from_nanos(ns.max(1)).as_secs_f64();
        match self {
            Self::Fractions => format!("{seconds:.9}"),
            Self::Seconds => format!("{}", seconds.ceil()),
        }
    }
}

/// An adapter for a program with these settings.
pub(super) fn adapter(settings: Benchmarks) -> Box<dyn Adapter> {
    Box::new(Criterion { bench: Arc::new(Bench::new(settings)), slow: Slow::default() })
}

/// Gives a process a home, so that it writes nothing into the user's target folder.
fn at_home(mut command: Command, home: &Path) -> Command {
    command.env("CRITERION_HOME", home);
    // It would connect to a cargo-criterion around us, and print what nobody reads.
    command.env_remove("CARGO_CRITERION_PORT").env_remove("CRITERION_DEBUG");
    command
}

/// The pattern that finds one benchmark. Every version since 0.3.1 understands regular expressions, but not
/// every one `--exact`.
fn pattern(benchmark: &str) -> String {
    match Title::of(benchmark) {
        Title::Whole => format!("^{}$", regex::escape(benchmark)),
        Title::Cut { start } => format!("^{}", regex::escape(start)),
    }
}

impl Criterion {
    /// The names that a program lists, with these arguments.
    fn listed(&self, place: &Place, arguments: &[&str]) -> Result<Vec<String>> {
        let home = owned::scratch_in(&place.scratch)?;
        let mut command = at_home(self.bench.command(place)?, home.path());
        command.args(["--bench", "--list"]).args(arguments);
        let said = self.bench.output(command, place);
        Ok(format::listed(
            &said.with_context(|| format!("{} lists no benchmarks", self.bench.name()))?,
        ))
    }
}

impl Adapter for Criterion {
    fn list(&self, place: &Place) -> Result<Vec<String>> {
        let names = self.listed(place, &[])?;
        ensure!(
            !names.is_empty(),
            "{}: criterion lists no benchmarks: has the [[bench]] of Cargo.toml harness = false, and a \
             criterion_main! that names its groups?",
            self.bench.name()
        );
        // A benchmark with the name of an earlier one is listed with a number behind it.
        let is_there = |name: &str| names.iter().any(|other| other == name);
        for name in &names {
            if let Some(first) = format::numbered(name).filter(|first| is_there(first))
                && self.listed(place, &[&pattern(name)])?.is_empty()
            {
                bail!(
                    "{}: two benchmarks have the name '{first}', so nobody can tell them apart: rename \
                     one",
                    self.bench.name()
                );
            }
        }
        self.bench.chosen(names)
    }

    fn start(&self, place: &Place, benchmark: &str) -> Result<Box<dyn Worker>> {
        let mut help = at_home(self.bench.command(place)?, &place.scratch);
        help.arg("--help");
        // Version 0.5 may be built without help. A program that fails for another reason fails when it is
        // measured, too, and says why.
        let help = self.bench.output(help, place).ok();
        let times = Times::of(help.as_deref());
        Ok(Box::new(InTurns {
            bench: Arc::clone(&self.bench),
            place: place.clone(),
            benchmark: benchmark.to_owned(),
            times,
            slow: self.slow.clone(),
            warm_up_ns: WARM_UP_NS,
        }))
    }
}

impl InTurns {
    fn command(&self, about_ns: u64, samples: u32, home: &Path) -> Result<Command> {
        let mut command = at_home(self.bench.command(&self.place)?, home);
        command.args(["--bench", "--noplot", "--nresamples", RESAMPLES]);
        command.arg("--warm-up-time").arg(self.times.option(self.warm_up_ns));
        command.arg("--measurement-time").arg(self.times.option(about_ns));
        // Criterion takes one of both.
        match self.is_quick() {
            true => command.arg(QUICK),
            false => command.arg("--sample-size").arg(samples.max(LEAST_SAMPLES).to_string()),
        };
        command.arg(pattern(&self.benchmark));
        Ok(command)
    }

    fn is_quick(&self) -> bool {
        self.times == Times::Fractions && self.slow.contains(&self.benchmark)
    }

    /// Runs a process that leaves its samples behind.
    fn measure(&self, about_ns: u64, samples: u32) -> Result<Timed> {
        let home = owned::scratch_in(&self.place.scratch)?;
        let mut command = self.command(about_ns, samples, home.path())?;
        let measure = || {
            // Criterion's own errors are there, among what the benchmarks print.
            let mut printed = programs::scratch()?;
            command.stdout(printed.try_clone()?);
            let (said, usage) = self.bench.run(command, &self.place)?;
            match self.samples_folder(home.path())? {
                Some(folder) => timed(&format::samples(&folder)?, usage),
                None => Err(vanished(&programs::text_of(&mut printed)?, &said)),
            }
        };
        measure().with_context(|| self.bench.name_of(&self.benchmark))
    }

    /// The folder with the samples of the one benchmark that has run; `None` if none has.
    fn samples_folder(&self, home: &Path) -> Result<Option<PathBuf>> {
        let left = format::left_in(home)?;
        let is_its = |id: &str| match Title::of(&self.benchmark) {
            Title::Whole => id == self.benchmark,
            Title::Cut { start } => id.starts_with(start),
        };
        let mut folders: Vec<PathBuf> =
            left.into_iter().filter(|one| is_its(&one.id)).map(|one| one.folder).collect();
        ensure!(
            folders.len() <= 1,
            "{} benchmarks have this name, or one that begins with these 100 characters, after which \
             criterion cuts it: rename all but one",
            folders.len()
        );
        Ok(folders.pop())
    }
}

/// The error for a benchmark without samples, with what its process printed and complained of.
fn vanished(printed: &str, said: &str) -> anyhow::Error {
    if format::is_zero_time(printed) {
        return anyhow::anyhow!(
            "it takes no time: nothing is left to time, if the compiler removed it; pass its result to \
             black_box"
        );
    }
    let said = simple_records::harmless(&programs::last_lines(said));
    let said = if said.is_empty() { said } else { format!("; it said: {said}") };
    anyhow::anyhow!(
        "criterion ran no benchmark of this name: does it depend on the time or a file?{said}"
    )
}

impl Worker for InTurns {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        self.warm_up_ns = at_least_ns.max(1);
        let began = Instant::now();
        let timed = self.measure(at_least_ns, LEAST_SAMPLES)?;
        if began.elapsed() > SLOW + Duration::from_nanos(at_least_ns) {
            self.slow.add(&self.benchmark);
        }
        iteration_ns(&timed).context("no samples")
    }

    fn turn(&mut self, about_ns: u64, least_samples: u32) -> Result<Timed> {
        match self.is_quick() {
            // Two samples, as long as they have to be.
            true => self.measure(about_ns, least_samples),
            false => long_enough(about_ns, || self.measure(about_ns, least_samples)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_patterns() {
        let name = "a+b (x) [ä]/{1}";
        let found = regex::Regex::new(&pattern(name)).unwrap();
        assert!(found.is_match(name));
        assert!(!found.is_match("aab x [ä]/{1}") && !found.is_match(&format!("{name}0")));
        let cut = format!("{}...", "é".repeat(50));
        assert_eq!(pattern(&cut), format!("^{}", "é".repeat(50)));
    }

    #[test]
    fn old_versions_get_whole_seconds() {
        assert_eq!(Times::of(Some("--nresamples <n>")), Times::Seconds);
        for help in [None, Some("--discard-baseline --nresamples <n>"), Some("anything")] {
            assert_eq!(Times::of(help), Times::Fractions, "{help:?}");
        }
        assert_eq!(Times::Fractions.option(4_000_000), "0.004000000");
        assert_eq!(Times::Fractions.option(0), "0.000000001");
        assert_eq!(
            (Times::Seconds.option(4), Times::Seconds.option(2_000_000_001)),
            ("1".into(), "3".into())
        );
    }

    #[test]
    fn a_benchmark_without_samples_is_explained() {
        let zero = "At least one measurement of benchmark x took zero time per iteration.";
        assert!(vanished(zero, "").to_string().contains("black_box"));
        assert!(vanished("x", "a\nb").to_string().contains("it said: a; b"));
    }
}
