//! Folders of record files: which of them is the newest.

use crate::RecordError;
use serde::Deserialize;
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// No first line of a record file is as long.
const LONGEST_FIRST_LINE: u64 = 1 << 20;

/// Fields that the first lines of all kinds of record files share.
#[derive(Deserialize)]
struct Start {
    started_unix_s: u64,
}

/// A file in a folder of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    /// When it says that it began, in seconds since 1970 in UTC; absent if it does not, so that it
    /// is damaged or something else.
    pub started_unix_s: Option<u64>,
    /// Where it is.
    pub path: PathBuf,
}

/// Lists the record files in a folder, the oldest first, by when each says that it began. Names
/// may be anything; they decide between files that began in the same second. A file that does
/// not say when it began comes before all others.
///
/// # Errors
/// If the folder cannot be read.
pub fn record_files(folder: &Path) -> io::Result<Vec<RecordFile>> {
    let files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|file| {
        file.extension().is_some_and(|extension| extension == "jsonl") && file.is_file()
    });
    let dated = |path: PathBuf| RecordFile { started_unix_s: started_unix_s(&path), path };
    let mut files: Vec<_> = files.map(dated).collect();
    files.sort_by(|a, b| {
        a.started_unix_s.cmp(&b.started_unix_s).then_with(|| by_name(&a.path, &b.path))
    });
    Ok(files)
}

/// Returns the newest record in a folder, of those that are not empty; a file is its own newest.
///
/// # Errors
/// If there is no record, or none in which something is written.
pub fn newest_run(path: &Path) -> Result<PathBuf, RecordError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    if !path.exists() {
        return Err(RecordError::NoPlace(path.to_owned()));
    }
    let files = record_files(path).map_err(|why| RecordError::Io {
        doing: "read",
        path: path.to_owned(),
        why,
    })?;
    let (empty, begun): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_empty(&file.path));
    match (begun.into_iter().next_back(), empty.into_iter().next_back()) {
        (Some(newest), _) => Ok(newest.path),
        (None, Some(empty)) => Err(RecordError::Empty(empty.path)),
        (None, None) => Err(RecordError::NoRecords(path.to_owned())),
    }
}

/// Lists the empty files beside a record that are named as newer ones: of runs that were ended before
/// they wrote anything. A folder that cannot be read has none.
pub fn empty_after(record: &Path) -> Vec<PathBuf> {
    let files = record.parent().map(record_files).and_then(io::Result::ok).unwrap_or_default();
    let paths = files.into_iter().map(|file| file.path);
    // Names begin with the time.
    paths.filter(|path| is_empty(path) && path.file_stem() > record.file_stem()).collect()
}

fn is_empty(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.len() == 0)
}

fn started_unix_s(file: &Path) -> Option<u64> {
    let file = BufReader::new(File::open(file).ok()?.take(LONGEST_FIRST_LINE));
    let line = file.split(b'\n').map_while(Result::ok).find(|line| !line.is_empty())?;
    Some(serde_json::from_slice::<Start>(&line).ok()?.started_unix_s)
}

/// Orders names so that the number behind a name that was taken (`run`, `run-2`, `run-10`)
/// counts as a number.
fn by_name(a: &Path, b: &Path) -> Ordering {
    let key = |path: &Path| path.file_stem().map(|stem| (stem.len(), stem.to_owned()));
    key(a).cmp(&key(b))
}
