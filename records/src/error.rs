//! What can go wrong with records, in words for whoever asked for them.

use crate::harmless::harmless;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why records could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The system refused.
    #[error("cannot {doing} {path}: {why}", path = shown(.path))]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not. It is part of the message, and so no source: that would be said twice.
        why: io::Error,
    },
    /// There is nothing to read.
    #[error("no records in {path}: measure first", path = shown(.0))]
    NoRecords(PathBuf),
    /// A file in which nothing was written.
    #[error(
        "{path} is empty: its run was ended before it wrote anything; delete it, and measure again",
        path = shown(.0)
    )]
    Empty(PathBuf),
    /// There is no such file or folder.
    #[error(
        "no records in {path}, which does not exist: check the path, or measure first",
        path = shown(.0)
    )]
    NoPlace(PathBuf),
    /// A line that is no record, and not merely cut off.
    #[error("{path}, line {line}: not a record: {reason}", path = shown(.path))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The first line is that of no such file.
    #[error(
        "{path}: not a record of a {expected}: its first line is missing or of another kind",
        path = shown(.path)
    )]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// The kind of file that was asked for.
        expected: &'static str,
    },
    /// Written by a newer program.
    #[error(
        "{path}: schema {found} is newer than {known}: read it with the program that wrote it",
        path = shown(.path)
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u64,
        /// The newest that this program knows.
        known: u32,
    },
}

/// A path for people: names of files are text of others too.
fn shown(path: &Path) -> String {
    harmless(&path.display().to_string())
}
