//! Options that `compare` and `tune` share.

use super::fault::Asked;
use super::process::{Failures, Printed, Treatment};
use crate::console::interrupt::interrupted;
use crate::target::Target;
use crate::words::some_time;
use crate::{files, programs, say};
use anyhow::{Context, Result, bail};
use clap::Args;
use simple_reports::export::Format;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Time that a comparison gets if nobody says otherwise.
const USUAL_BUDGET: Duration = Duration::from_secs(60);

/// Options of the measurement.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Differences up to this many percent are too small to be told.
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = percent)]
    pub(crate) same: f64,
    /// Time for all of it, such as 5m; by default a minute, or as long as the ten blocks take that
    /// a verdict needs.
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    budget: Option<Duration>,
    /// A script for the shell, before anything is run; it is not timed.
    #[arg(long, value_name = "SCRIPT")]
    setup: Option<String>,
    /// A script for the shell, when all has been run; it is not timed.
    #[arg(long, value_name = "SCRIPT")]
    cleanup: Option<String>,
    /// A file that each process reads as its standard input. Without it, there is none.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Processes of each alternative before the first that counts; at least one, by which mistakes
    /// are found.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) warmup: u32,
    /// Measure processes that fail, too.
    #[arg(long)]
    ignore_failure: bool,
    /// Throw the output away (/dev/null), instead of comparing its length and hash.
    #[arg(long)]
    ignore_output: bool,
    /// Time after which a process is killed, with all that it started.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    #[arg(value_parser = some_time)]
    timeout: Duration,
    /// Also write all figures to this file: as CSV if it ends in .csv, else as JSON (Bencher Metric
    /// Format).
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
    /// Seed of the random order; the default differs from run to run.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Reads a percentage from 0.1 to 99, with or without its sign, as a share.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (0.1..=99.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err("not a percentage from 0.1 to 99, such as 2%".to_owned()),
    }
}

impl Options {
    /// The rules for all processes.
    pub(crate) fn treatment(&self) -> Treatment {
        Treatment {
            printed: if self.ignore_output { Printed::Ignored } else { Printed::Compared },
            failures: if self.ignore_failure { Failures::Measured } else { Failures::End },
            timeout: self.timeout,
            asked: Asked::Options,
        }
    }

    /// Refuses files that could not be read or written after all has been measured.
    ///
    /// # Errors
    /// If the input is no readable file, or the figures could not be written.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(file) = &self.export {
            files::check_writable(file).with_context(|| {
                format!("--export {}: the figures cannot be written there", file.display())
            })?;
        }
        let Some(input) = &self.input else { return Ok(()) };
        let about = std::fs::metadata(input);
        let about =
            about.with_context(|| format!("--input {}: cannot be read", input.display()))?;
        if about.is_dir() {
            bail!("--input {}: it is a folder; name a file", input.display());
        }
        std::fs::File::open(input)
            .with_context(|| format!("--input {}: cannot be read", input.display()))?;
        Ok(())
    }

    /// Runs the setup, has `measure` do its work, and runs the cleanup whatever ended that: a failure or an
    /// interrupt, of the setup too. A failure of the cleanup is said.
    ///
    /// # Errors
    /// If the setup fails, and the errors of `measure`.
    pub(crate) fn surrounded(&self, measure: impl FnOnce() -> Result<()>) -> Result<()> {
        let timeout = self.treatment().timeout;
        let setup = self.setup.as_ref().map_or(Ok(()), |it| script("--setup", it, timeout));
        let done = match (setup, interrupted()) {
            (Ok(()), None) => measure(),
            (setup, _) => setup,
        };
        if let Some(cleanup) = &self.cleanup
            && let Err(error) = script("--cleanup", cleanup, timeout)
        {
            say!("warning: {error:#}");
        }
        done
    }

    /// The time there is.
    pub(crate) fn budget(&self) -> Budget {
        match self.budget {
            Some(all) => Budget { began: Instant::now(), all, kind: Kind::Strict },
            None => Budget { began: Instant::now(), all: USUAL_BUDGET, kind: Kind::Usual },
        }
    }

    /// The format of a file of figures.
    pub(crate) fn format(path: &Path) -> Format {
        match path.extension() {
            Some(extension) if extension == "csv" => Format::Csv,
            _ => Format::Bencher,
        }
    }
}

/// Time for the processes of a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    began: Instant,
    all: Duration,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The user's.
    Strict,
    /// As much as a first look needs, whatever it takes.
    Usual,
}

impl Budget {
    pub(crate) fn all(&self) -> Duration {
        self.all
    }

    pub(crate) fn left(&self) -> Duration {
        self.all.saturating_sub(self.began.elapsed())
    }

    /// Returns whether the blocks of a first look are measured even if there is no time left.
    pub(crate) fn allows_first_look(&self) -> bool {
        self.kind == Kind::Usual
    }

    /// A part of it, from now on: an equal share for each of `parts` that are left.
    pub(crate) fn share(&self, parts: usize) -> Self {
        let parts = u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
        Self { began: Instant::now(), all: self.left() / parts, kind: self.kind }
    }
}

/// Runs a script of the user around measurements. `option` is its name.
///
/// # Errors
/// If it fails or does not end in time.
pub(crate) fn script(option: &str, script: &str, timeout: Duration) -> Result<()> {
    let mut command = programs::sh(script);
    command.stdout(Stdio::null());
    programs::run(command, timeout)
        .with_context(|| format!("{option} '{script}' failed: correct it"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_shares_within_bounds() {
        assert_eq!((percent("2%"), percent("50")), (Ok(0.02), Ok(0.5)));
        for wrong in ["0", "100", "-1%", "x", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_budget_is_shared_by_the_parts_that_are_left() {
        let all =
            Budget { began: Instant::now(), all: Duration::from_secs(4000), kind: Kind::Usual };
        let [half, whole] = [2, 1].map(|parts| all.share(parts).all().as_secs());
        assert!((1900..=2000).contains(&half) && (3900..=4000).contains(&whole));
    }
}
