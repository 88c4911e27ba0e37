//! What can go wrong with records, in words for whoever asked for them.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why records could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The system refused.
    #[error("cannot {doing} {path}: {source}", path = .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is nothing to read.
    #[error("no records in {path}: measure first (`just bench`)", path = .0.display())]
    NoRecords(PathBuf),
    /// A line that is no record, and not merely cut off.
    #[error("{path}, line {line}: not a record: {reason}", path = .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The file does not begin with a `run` record.
    #[error("{path}: does not begin with a run record: not a record file", path = .0.display())]
    NoRun(PathBuf),
    /// Written by a newer program.
    #[error(
        "{path}: schema {found} is newer than {known}: read it with the program that wrote it",
        path = .path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
}
