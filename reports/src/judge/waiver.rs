//! The gate's committed file: limits of single workloads, and waivers.

use super::day::Day;
use serde::{Deserialize, Serialize};
use simple_records::{harmless, harmless_copy};
use std::collections::BTreeMap;
use thiserror::Error;
use wildmatch::WildMatch;

/// The gate's file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateFile {
    /// Growth in instructions that is a regression, by workload, as a share: 0.02 is 2%.
    #[serde(default)]
    pub instructions: BTreeMap<String, f64>,
    /// Waivers, in the order of the file.
    #[serde(default, rename = "waiver")]
    pub waivers: Vec<Waiver>,
}

/// A regression that is known and accepted for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Name of the workloads, in which `*` matches any text and `?` any one character.
    pub workload: String,
    /// Reason why it is accepted.
    pub reason: String,
    /// Last day on which it is accepted; `None` for one judgement only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Day>,
}

/// Reason why the file cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WaiverError {
    /// It is not TOML, or a field is unknown or no day.
    #[error("not a gate file: {0}")]
    Malformed(String),
    /// A waiver lacks something.
    #[error("the waiver for {workload} {what}")]
    Incomplete {
        /// Its workloads.
        workload: String,
        /// The fault.
        what: &'static str,
    },
    /// A limit is not a share.
    #[error("the limit of {workload} is not a share between 0 and 1")]
    Limit {
        /// Its workload.
        workload: String,
    },
}

impl GateFile {
    /// Parses the text of the file. Waivers must have a reason and a last day.
    ///
    /// # Errors
    /// If the text is malformed or incomplete.
    pub fn parse(text: &str) -> Result<Self, WaiverError> {
        let file: Self = toml::from_str(text)
            .map_err(|error| WaiverError::Malformed(lines(&error.to_string())))?;
        for waiver in &file.waivers {
            let incomplete = |what| {
                let workload = waiver.workload.clone();
                Err(WaiverError::Incomplete { workload, what })
            };
            if waiver.reason.trim().is_empty() {
                return incomplete("has no reason");
            }
            if waiver.expires.is_none() {
                return incomplete("has no day on which it expires");
            }
        }
        match file.instructions.iter().find(|(_, limit)| !(0.0..1.0).contains(*limit)) {
            Some((workload, _)) => Err(WaiverError::Limit { workload: workload.clone() }),
            None => harmless_copy(&file).map_err(|error| WaiverError::Malformed(error.to_string())),
        }
    }

    /// The waiver for a workload that is valid on a day.
    pub fn waiver(&self, workload: &str, today: &Day) -> Option<&Waiver> {
        self.waivers.iter().find(|waiver| !waiver.has_expired(today) && waiver.is_for(workload))
    }

    /// Waivers that have expired before a day, and should be removed.
    pub fn expired(&self, today: &Day) -> impl Iterator<Item = &Waiver> {
        self.waivers.iter().filter(move |waiver| waiver.has_expired(today))
    }
}

impl Waiver {
    /// Returns whether it applies to this workload.
    pub fn is_for(&self, workload: &str) -> bool {
        WildMatch::new(&self.workload).matches(workload)
    }

    fn has_expired(&self, today: &Day) -> bool {
        self.expires.as_ref().is_some_and(|last| last < today)
    }
}

/// The lines of a message that quotes the file, harmless.
fn lines(message: &str) -> String {
    message.lines().map(harmless).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [instructions]
        "abi/calls/a" = 0.02

        [[waiver]]
        workload = "file/load/*"
        reason = "checks for devices now"
        expires = "2027-01-31"
    "#;

    #[test]
    fn a_waiver_holds_until_its_day_and_for_its_workloads() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let file = GateFile::parse(TEXT).unwrap();
        assert_eq!(file.instructions["abi/calls/a"], 0.02);
        assert!(file.waiver("file/load/auto/4KiB", &day("2027-01-31")).is_some());
        assert!(file.waiver("file/load/auto/4KiB", &day("2027-02-01")).is_none());
        assert!(file.waiver("file/ready/auto", &day("2027-01-01")).is_none());
        assert_eq!(file.expired(&day("2027-02-01")).count(), 1);
    }

    #[test]
    fn a_waiver_says_why_and_until_when() {
        let error = |from: &str, to: &str| {
            GateFile::parse(&TEXT.replace(from, to)).unwrap_err().to_string()
        };
        assert!(error("checks for devices now", " ").contains("no reason"));
        assert!(error("expires = \"2027-01-31\"", "").contains("no day"));
        assert!(error("2027-01-31", "2027-13-31").contains("no day"));
        assert!(error("reason", "raeson").contains("raeson"));
        assert!(error("0.02", "2.0").contains("between 0 and 1"));
        assert_eq!(GateFile::parse("").unwrap(), GateFile::default());
    }

    #[test]
    fn what_a_file_says_is_harmless() {
        let evil = TEXT.replace("devices", "devices\\u001b[2J").replace("load/", "load\\u202e/");
        let file = GateFile::parse(&evil).unwrap();
        assert_eq!(file.waivers[0].reason, "checks for devices[U+001B][2J now");
        assert_eq!(file.waivers[0].workload, "file/load[U+202E]/*");
        let said = GateFile::parse("a = \"\u{202e}\"\nb = 1").unwrap_err().to_string();
        assert!(said.contains("[U+202E]") && said.contains('\n'), "{said}");
    }
}
