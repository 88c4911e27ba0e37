//! The counters that the runtime writes when a process ends: `SIMPLE_RT_STATS=FILE`.
//!
//! The runtime's header describes them. A member that is not there counts nothing, because members
//! may be added.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The variable that names the file.
pub(crate) const VARIABLE: &str = "SIMPLE_RT_STATS";

/// The counters of a process, and the settings of its last start.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Stats {
    executor: BTreeMap<String, u64>,
    files: Files,
    settings: BTreeMap<String, Setting>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Files {
    loaded: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A setting in force.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Setting {
    value: serde_json::Value,
    from: String,
}

impl Stats {
    /// Reads the file, and removes it: the next process writes its own. `None` if there is none.
    ///
    /// # Errors
    /// If it is there and holds something else.
    pub(crate) fn take(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => bail!("{VARIABLE}: {} cannot be read: {error}", path.display()),
        };
        fs::remove_file(path)?;
        let read = serde_json::from_str(&text);
        read.map(Some).with_context(|| {
            format!("{VARIABLE}: what the program wrote are no counters of the runtime")
        })
    }

    /// Times that the executor was started.
    pub(crate) fn starts(&self) -> u64 {
        self.executor.get("starts").copied().unwrap_or(0)
    }

    /// Files that were loaded, by any strategy.
    pub(crate) fn files_loaded(&self) -> u64 {
        let files = self.files.loaded.values().filter_map(|counts| counts.get("files"));
        files.fold(0, |sum, files| sum.saturating_add(*files))
    }

    /// A setting that is a number, of the last start; `None` if it is not known.
    pub(crate) fn number(&self, setting: &str) -> Option<u64> {
        self.settings.get(setting)?.value.as_u64()
    }

    /// Returns whether the program determined this setting itself, so that no variable can.
    pub(crate) fn is_the_programs(&self, setting: &str) -> bool {
        self.settings.get(setting).is_some_and(|setting| setting.from == "program")
    }

    /// Counts to be kept beside times, by their names in records.
    pub(crate) fn counts(&self) -> BTreeMap<String, f64> {
        let kept = ["wakes", "parks", "stolen"];
        let kept = kept.into_iter().filter_map(|name| Some((name, self.executor.get(name)?)));
        kept.map(|(name, count)| (name.to_owned(), *count as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"{
        "format": "simple-runtime-stats", "version": 1, "written_at": "exit",
        "executor": {"starts": 1, "wakes": 7, "new": 1},
        "files": {"loader_starts": 1, "loaded": {"copy": {"files": 2, "loaded_bytes": 9}}},
        "settings": {"workers": {"value": 4, "from": "program", "ignored": null}}
    }"#;

    #[test]
    fn counters_are_read_once_and_what_is_missing_counts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stats");
        fs::write(&file, WRITTEN).unwrap();
        let stats = Stats::take(&file).unwrap().unwrap();
        assert_eq!(
            (stats.starts(), stats.files_loaded(), stats.number("workers")),
            (1, 2, Some(4))
        );
        assert!(stats.is_the_programs("workers") && !stats.is_the_programs("prefault_auto"));
        assert_eq!(stats.counts(), BTreeMap::from([("wakes".to_owned(), 7.0)]));
        assert_eq!(Stats::take(&file).unwrap(), None);
        let nothing: Stats = serde_json::from_str("{}").unwrap();
        assert_eq!(
            (nothing.starts(), nothing.files_loaded(), nothing.number("workers")),
            (0, 0, None)
        );
        fs::write(&file, "something else").unwrap();
        let said = Stats::take(&file).unwrap_err().to_string();
        assert!(said.contains("no counters of the runtime"), "{said}");
    }
}
