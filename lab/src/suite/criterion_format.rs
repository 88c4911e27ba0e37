//! Criterion's private formats: the list, and the files that it leaves behind.
//!
//! Versions 0.3 to 0.8 leave, for each benchmark, `<home>/<folders>/new/benchmark.json` with its whole name and
//! `sample.json` beside it. Names of folders are cut and cleaned, so the file is what tells a benchmark.

use super::samples::Reported;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes after which criterion cuts the names that it lists.
const LONGEST_TITLE: usize = 100;
/// Written behind a name that was cut.
const CUT: &str = "...";
/// Ends of the lines of the list: since 0.5, and before.
const ENDS: [&str; 2] = [": benchmark", ": bench"];

/// A name as criterion lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Title<'a> {
    /// The whole name.
    Whole,
    /// The beginning of a longer name.
    Cut { start: &'a str },
}

/// A benchmark that has run.
#[derive(Debug)]
pub(super) struct Left {
    /// Its whole name.
    pub(super) id: String,
    /// The folder of its files.
    pub(super) folder: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Debug, Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl<'a> Title<'a> {
    pub(super) fn of(listed: &'a str) -> Self {
        // A character is not cut into pieces, so there may be up to three bytes less.
        match listed.strip_suffix(CUT) {
            Some(start) if (LONGEST_TITLE - 3..=LONGEST_TITLE).contains(&start.len()) => {
                Self::Cut { start }
            }
            _ => Self::Whole,
        }
    }
}

/// The names in a list. Other lines are what the benchmarks themselves print.
pub(super) fn listed(text: &str) -> Vec<String> {
    let name = |line: &str| ENDS.iter().find_map(|end| line.strip_suffix(end)).map(str::to_owned);
    text.lines().filter_map(name).collect()
}

/// The name without the number that criterion writes behind one that is there already; `None` without one.
pub(super) fn numbered(title: &str) -> Option<&str> {
    let (name, number) = title.rsplit_once(" #")?;
    number.parse::<u32>().ok().filter(|number| *number >= 2).map(|_| name)
}

/// Returns whether criterion complained that a sample took no time, after which it leaves no files.
pub(super) fn is_zero_time(printed: &str) -> bool {
    printed.contains("took zero time per")
}

/// The benchmarks that have left files in a home.
///
/// # Errors
/// If the files cannot be read.
pub(super) fn left_in(home: &Path) -> Result<Vec<Left>> {
    let mut left = Vec::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("criterion left nothing in {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            let path = entry.path();
            let about = path.join("benchmark.json");
            match entry.file_name() == "new" && about.is_file() {
                true => left.push(Left { id: read::<Benchmark>(&about)?.full_id, folder: path }),
                false => folders.push(path),
            }
        }
    }
    Ok(left)
}

/// The samples in the folder of a benchmark.
///
/// # Errors
/// If the file is missing, or is no such file.
pub(super) fn samples(folder: &Path) -> Result<Vec<Reported>> {
    let path = folder.join("sample.json");
    let Sample { iters, times } = read(&path)?;
    ensure!(
        iters.len() == times.len(),
        "{} has {} numbers of iterations for {} times: this version of criterion is not known",
        path.display(),
        iters.len(),
        times.len()
    );
    let one = |(iterations, total_ns): (f64, f64)| Reported { iterations, total_ns };
    Ok(iters.into_iter().zip(times).map(one).collect())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is not what criterion 0.3 to 0.8 writes: is it another version?",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_versions_are_read_and_other_lines_are_not() {
        let text = "preparing: 3 files\nsum/10: benchmark\na b: bench\nx: test\n\n2 benchmarks\n";
        assert_eq!(listed(text), ["sum/10", "a b"]);
    }

    #[test]
    fn a_name_that_was_cut_is_known_by_its_length() {
        let start = "a".repeat(100);
        assert_eq!(Title::of(&format!("{start}...")), Title::Cut { start: &start });
        assert_eq!(Title::of("short..."), Title::Whole);
        assert_eq!(Title::of(&start), Title::Whole);
    }

    #[test]
    fn a_second_one_has_a_number() {
        assert_eq!(numbered("sum #2"), Some("sum"));
        for other in ["sum", "sum #1", "sum #x", "#2"] {
            assert_eq!(numbered(other), None, "{other}");
        }
    }

    #[test]
    fn files_are_found_by_the_name_within_them() {
        let home = tempfile::tempdir().unwrap();
        for (folder, id) in [("a_b/1/new", "a/b/1"), ("a_b/1/base", "a/b/1"), ("new/new", "new")] {
            let folder = home.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            let about = format!(r#"{{"group_id":"a","full_id":"{id}","title":"t"}}"#);
            fs::write(folder.join("benchmark.json"), about).unwrap();
            let sample = r#"{"sampling_mode":"Linear","iters":[2.0,4.0],"times":[10.0,21.5]}"#;
            fs::write(folder.join("sample.json"), sample).unwrap();
        }
        let mut left = left_in(home.path()).unwrap();
        left.sort_by(|one, two| one.id.cmp(&two.id));
        assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a/b/1", "new"]);
        let samples = samples(&left[0].folder).unwrap();
        assert_eq!(samples[1], Reported { iterations: 4.0, total_ns: 21.5 });
        fs::write(left[0].folder.join("sample.json"), r#"{"iters":[1.0],"times":[]}"#).unwrap();
        let error = super::samples(&left[0].folder).unwrap_err().to_string();
        assert!(error.contains("1 numbers of iterations for 0 times"), "{error}");
    }
}
