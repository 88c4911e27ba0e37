//! Writing records, line by line.

use crate::RecordError;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Appends records to a run's file. Every record is handed to the system before the call
/// returns, so a crash or an interrupt loses at most the line being written.
#[derive(Debug)]
pub struct RecordWriter {
    file: File,
    path: PathBuf,
}

impl RecordWriter {
    /// Makes `<directory>/<run>.jsonl`, and the directory if need be. An existing run is
    /// never overwritten.
    pub fn create(directory: &Path, run: &str) -> Result<Self, RecordError> {
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| RecordError::Io { doing, path, source }
        };
        fs::create_dir_all(directory).map_err(failed("create the folder", directory))?;
        let path = directory.join(format!("{run}.jsonl"));
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(failed("create", &path))?;
        Ok(Self { file, path })
    }

    /// Goes on with an interrupted run's file. A last line that was cut off is removed.
    pub fn resume(path: &Path) -> Result<Self, RecordError> {
        let failed = |doing| {
            let path = path.to_owned();
            move |source| RecordError::Io { doing, path, source }
        };
        let text = fs::read(path).map_err(failed("read"))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let file = OpenOptions::new().append(true).open(path).map_err(failed("open"))?;
        file.set_len(whole as u64).map_err(failed("shorten"))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Where the records go.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one record: a [`Record`](crate::Record) of a run, a
    /// [`GateRecord`](crate::GateRecord) of a comparison of two builds, or a
    /// [`CalibrationRecord`](crate::CalibrationRecord).
    pub fn write(&mut self, record: &impl Serialize) -> Result<(), RecordError> {
        let mut line = serde_json::to_vec(record).map_err(std::io::Error::from);
        if let Ok(line) = &mut line {
            line.push(b'\n');
        }
        // One write a line: readers and a kill see whole lines.
        line.and_then(|line| self.file.write_all(&line)).map_err(|source| RecordError::Io {
            doing: "write to",
            path: self.path.clone(),
            source,
        })
    }
}
