//! iai-callgrind's private formats: the version of its runner, and its summaries. 0.16 is
//! the last version under that name; whatever follows it changes this file.
//!
//! With `--output-format=json` the runner prints one summary a line, in the same form in which
//! `--save-summary` keeps it as `summary.json`; `schemas/summary.v6.schema.json` in the sources
//! of iai-callgrind-runner describes it. Of a summary only the totals of the two tools are used.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::HashMap;

/// The version of the runner, which must be that of the library.
pub(crate) const RUNNER_VERSION: &str = "0.16.1";

/// The version of the form of summaries.
const SUMMARY_VERSION: &str = "6";

/// Options for the runner: summaries on its standard output, nothing else.
pub(crate) const RUNNER_OPTIONS: [&str; 1] = ["--output-format=json"];

/// The environment variable that names the folder where the tools' output goes.
pub(crate) const HOME_VARIABLE: &str = "IAI_CALLGRIND_HOME";

/// Costs of one iteration of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Identifier of the workload in the bench target.
    pub(crate) id: String,
    /// Instructions that were executed.
    pub(crate) instructions: u64,
    /// Bytes that were allocated on the heap.
    pub(crate) heap_bytes: u64,
    /// Blocks in which they were allocated.
    pub(crate) heap_blocks: u64,
}

#[derive(Deserialize)]
struct Summary {
    version: String,
    id: Option<String>,
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    tool: String,
    summaries: Summaries,
}

#[derive(Deserialize)]
struct Summaries {
    total: Total,
}

#[derive(Deserialize)]
struct Total {
    /// Metrics by name, by the kind of tool: `{"Callgrind": {"Ir": ...}}`.
    summary: HashMap<String, HashMap<String, Difference>>,
}

#[derive(Deserialize)]
struct Difference {
    metrics: NewAndOld,
}

/// `Left` is new, `Right` is of an earlier run.
#[derive(Deserialize)]
enum NewAndOld {
    Left(Number),
    Both(Number, #[allow(dead_code)] Number),
    Right(#[allow(dead_code)] Number),
}

#[derive(Deserialize)]
enum Number {
    Int(u64),
    Float(#[allow(dead_code)] f64),
}

/// Reads a summary. No instructions at all is an error: the tool did not find the function
/// that it was to count in.
pub(crate) fn parse_summary(text: &str) -> Result<Counted> {
    let summary: Summary = serde_json::from_str(text).context("not iai-callgrind's summary")?;
    ensure!(
        summary.version == SUMMARY_VERSION,
        "iai-callgrind's summary has the form {}, this program knows {SUMMARY_VERSION}",
        summary.version
    );
    let id = summary.id.as_deref().context("iai-callgrind's summary has no id")?;
    let total = |tool: &str, kind: &str, metric: &str| {
        total(&summary, tool, kind, metric).with_context(|| format!("the summary of {id}"))
    };
    let instructions = total("Callgrind", "Callgrind", "Ir")?;
    ensure!(instructions > 0, "callgrind counted no instruction of {id}");
    Ok(Counted {
        id: id.to_owned(),
        instructions,
        heap_bytes: total("DHAT", "Dhat", "TotalBytes")?,
        heap_blocks: total("DHAT", "Dhat", "TotalBlocks")?,
    })
}

fn total(summary: &Summary, tool: &str, kind: &str, metric: &str) -> Result<u64> {
    let mut profiles = summary.profiles.iter().filter(|profile| profile.tool == tool);
    let profile = profiles.next().with_context(|| format!("{tool} is missing"))?;
    ensure!(profiles.next().is_none(), "{tool} is there twice");
    let metrics = &profile.summaries.total.summary;
    let found = metrics.get(kind).and_then(|metrics| metrics.get(metric));
    let found = found.with_context(|| format!("{tool} has no {metric}"))?;
    match &found.metrics {
        NewAndOld::Left(Number::Int(new)) | NewAndOld::Both(Number::Int(new), _) => Ok(*new),
        NewAndOld::Left(Number::Float(_)) | NewAndOld::Both(Number::Float(_), _) => {
            bail!("{tool}'s {metric} is no whole number")
        }
        NewAndOld::Right(_) => bail!("{tool}'s {metric} is of an earlier run"),
    }
}

/// The version that a runner names when it is started without anything to do: it complains,
/// "... Detected version of iai-callgrind-runner is 0.16.1. This error ...".
pub(crate) fn runner_version(complaint: &str) -> Option<&str> {
    let (_, rest) = complaint.split_once("version of iai-callgrind-runner is ")?;
    Some(rest.split_whitespace().next()?.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Output of the runner for a workload, with paths and unused metrics cut out.
    const SUMMARY: &str = include_str!("../../tests/data/iai-summary.json");

    #[test]
    fn the_totals_of_both_tools_are_read() {
        let counted = parse_summary(SUMMARY).unwrap();
        let right = Counted {
            id: "abi_calls_floor_malloc_and_free".to_owned(),
            instructions: 13_632,
            heap_bytes: 6400,
            heap_blocks: 100,
        };
        assert_eq!(counted, right);
    }

    #[test]
    fn beside_an_earlier_run_the_new_one_counts() {
        let both =
            SUMMARY.replace(r#"{"Left":{"Int":13632}}"#, r#"{"Both":[{"Int":7},{"Int":9}]}"#);
        assert_eq!(parse_summary(&both).unwrap().instructions, 7);
        let old = SUMMARY.replace(r#"{"Left":{"Int":13632}}"#, r#"{"Right":{"Int":9}}"#);
        assert!(parse_summary(&old).unwrap_err().root_cause().to_string().contains("earlier"));
    }

    #[test]
    fn no_instructions_are_an_error() {
        let error = parse_summary(&SUMMARY.replace("13632", "0")).unwrap_err();
        assert!(error.to_string().contains("no instruction"), "{error}");
    }

    #[test]
    fn what_is_cut_off_missing_or_of_another_form_is_an_error() {
        for end in [0, 1, SUMMARY.len() / 2, SUMMARY.trim_end().len() - 1] {
            assert!(parse_summary(&SUMMARY[..end]).is_err(), "cut off after {end} bytes");
        }
        let told = |from: &str, to: &str| {
            assert!(SUMMARY.contains(from), "{from}");
            format!("{:#}", parse_summary(&SUMMARY.replace(from, to)).unwrap_err())
        };
        assert!(told(r#""version":"6""#, r#""version":"7""#).contains("form 7"));
        assert!(told(r#""tool":"DHAT""#, r#""tool":"Memcheck""#).contains("DHAT is missing"));
        assert!(told("TotalBytes", "Total").contains("DHAT has no TotalBytes"));
        assert!(told(r#""Ir""#, r#""Instr""#).contains("no Ir"));
        assert!(told(r#"{"Int":6400}"#, r#"{"Float":6400.5}"#).contains("whole number"));
    }

    #[test]
    fn a_runner_names_its_version() {
        let complaint = "iai_callgrind_runner: Error: Failed to initialize \
            iai-callgrind-runner: Unexpected number of arguments\n\nDetected version of \
            iai-callgrind-runner is 0.16.1. This error can be caused by a version mismatch";
        assert_eq!(runner_version(complaint), Some("0.16.1"));
        assert_eq!(runner_version("command not found"), None);
    }
}
