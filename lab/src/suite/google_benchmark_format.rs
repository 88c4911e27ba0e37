//! The file that Google Benchmark writes with `--benchmark_out_format=json`, of versions 1.5 to 1.9.

use super::samples::Reported;
use crate::programs;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use simple_records::harmless;

/// Words that are no JSON, which it writes for numbers that are none.
const NO_NUMBERS: [&str; 4] = ["-NaN", "NaN", "-Infinity", "Infinity"];

#[derive(Debug, Deserialize)]
struct File {
    benchmarks: Vec<Run>,
}

/// A repetition of a benchmark, or a figure about all of them.
#[derive(Debug, Deserialize)]
struct Run {
    run_name: String,
    run_type: String,
    iterations: Option<f64>,
    /// Time of an iteration: by the clock, or as the benchmark says if it measures by hand.
    real_time: Option<f64>,
    time_unit: Option<String>,
    #[serde(default)]
    error_occurred: bool,
    error_message: Option<String>,
    #[serde(default)]
    skipped: bool,
    skip_message: Option<String>,
}

impl Run {
    /// The reason why it has no time; `None` if nothing is said against it.
    fn complaint(&self) -> Option<String> {
        let message = self.error_message.as_deref().or(self.skip_message.as_deref());
        match self.error_occurred || self.skipped {
            true => Some(format!("it was skipped: {}", harmless(message.unwrap_or("no reason")))),
            false => None,
        }
    }

    fn reported(&self) -> Result<Reported> {
        let unit_ns = match self.time_unit.as_deref() {
            Some("ns") => 1.0,
            Some("us") => 1e3,
            Some("ms") => 1e6,
            Some("s") => 1e9,
            other => bail!("it reports times in {other:?}, a unit that is not known"),
        };
        let iterations = self.iterations.context("it reports no number of iterations")?;
        let time = self.real_time.context("it reports a time that is no number")?;
        Ok(Reported { iterations, total_ns: time * unit_ns * iterations })
    }
}

/// The samples of a benchmark: its repetitions, without averages and the like. `said` is what the process
/// printed to its standard error.
///
/// # Errors
/// If it failed, did not run, or has averages alone.
pub(super) fn samples(text: &str, benchmark: &str, said: &str) -> Result<Vec<Reported>> {
    if text.trim().is_empty() {
        return Err(vanished(said));
    }
    let file: File = serde_json::from_str(&without_no_numbers(text))
        .context("its figures are no JSON of Google Benchmark 1.5 to 1.9")?;
    let mut runs = file.benchmarks.iter().filter(|run| run.run_name == benchmark).peekable();
    if runs.peek().is_none() {
        return Err(vanished(said));
    }
    let mut samples = Vec::new();
    for run in runs.filter(|run| run.run_type == "iteration") {
        if let Some(complaint) = run.complaint() {
            bail!(complaint);
        }
        samples.push(run.reported()?);
    }
    if samples.is_empty() {
        bail!("it reports averages alone: remove ReportAggregatesOnly from it");
    }
    Ok(samples)
}

fn vanished(said: &str) -> anyhow::Error {
    let said = harmless(&programs::last_lines(said));
    let said = if said.is_empty() { said } else { format!("; it said: {said}") };
    anyhow::anyhow!(
        "it ran no benchmark of this name: a line that the program itself prints is no benchmark, and a \
         filter in lab.toml leaves it out{said}"
    )
}

/// The text with `null` in place of numbers that are none, outside of strings.
fn without_no_numbers(text: &str) -> String {
    let mut rest = text;
    let mut result = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    while let Some(character) = rest.chars().next() {
        let word = NO_NUMBERS.iter().find(|word| !in_string && rest.starts_with(**word));
        if let Some(word) = word {
            result.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        if character == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && character == '\\' && !escaped;
        result.push(character);
        rest = &rest[character.len_utf8()..];
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by version 1.7.1 with three repetitions of four benchmarks.
    const RECORDED: &str = include_str!("../../tests/data/google-benchmark-1.7.1.json");

    #[test]
    fn repetitions_are_samples_and_averages_are_not() {
        let samples = samples(RECORDED, "ranged/10", "").unwrap();
        assert_eq!(samples.len(), 3);
        assert_eq!(samples[0].iterations, 200_866.0);
        // Microseconds.
        assert!((samples[0].total_ns - 6.240_473_721_9 * 200_866.0).abs() < 1e-3);
    }

    #[test]
    fn real_and_manual_times_are_read_in_their_units() {
        let typed = samples(RECORDED, "typed<std::vector<int>>/real_time", "").unwrap();
        assert!((typed[1].total_ns - 228.382_499_472 * 6400.0).abs() < 1e-3);
        let manual = samples(RECORDED, "manual/manual_time", "").unwrap();
        assert!((manual[2].total_ns / manual[2].iterations - 5000.0).abs() < 1e-6);
    }

    #[test]
    fn what_did_not_run_says_why() {
        let error = samples(RECORDED, "fails", "").unwrap_err().to_string();
        assert_eq!(error, "it was skipped: no data on purpose");
        for text in ["", RECORDED] {
            let error = samples(text, "nonesuch", "Failed to match").unwrap_err().to_string();
            assert!(error.contains("of this name") && error.contains("Failed to match"), "{error}");
        }
        let newer = r#"{"benchmarks":[{"run_name":"a","run_type":"iteration","skipped":true,
            "skip_message":"not here","iterations":0,"real_time":0,"time_unit":"ns"}]}"#;
        let error = samples(newer, "a", "").unwrap_err().to_string();
        assert_eq!(error, "it was skipped: not here");
    }

    #[test]
    fn averages_alone_and_numbers_that_are_none_are_told() {
        let averages = r#"{"benchmarks":[{"run_name":"a","run_type":"aggregate","iterations":3,
            "real_time":NaN,"time_unit":"ns"}]}"#;
        let error = samples(averages, "a", "").unwrap_err().to_string();
        assert!(error.contains("ReportAggregatesOnly"), "{error}");
        let run = r#"{"benchmarks":[{"run_name":"NaN \"NaN","run_type":"iteration","iterations":3,
            "real_time":-NaN,"time_unit":"ns"}]}"#;
        let error = samples(run, "NaN \"NaN", "").unwrap_err().to_string();
        assert!(error.contains("no number"), "{error}");
    }
}
