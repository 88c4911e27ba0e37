//! Files of JSON lines: what all kinds of record files have in common.

use crate::{RecordError, SCHEMA_VERSION};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io;
use std::path::Path;

/// The records in `path` of the `kinds` that the caller knows; all others are skipped. A last
/// line that was cut off is left out, with a warning in sentences.
pub(crate) fn read_lines<T: DeserializeOwned>(
    path: &Path,
    kinds: &[&str],
) -> Result<(Vec<T>, Vec<String>), RecordError> {
    let text = fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => RecordError::NoRecords(path.to_owned()),
        _ => RecordError::Io { doing: "read", path: path.to_owned(), source },
    })?;
    let is_whole = text.ends_with(b"\n");
    let mut lines = text.split(|byte| *byte == b'\n').enumerate().peekable();
    let (mut records, mut warnings) = (Vec::new(), Vec::new());
    while let Some((index, line)) = lines.next() {
        if line.is_empty() {
            continue;
        }
        match parse(line, kinds) {
            // Also if it can be read: whoever goes on with the file removes it.
            _ if lines.peek().is_none() && !is_whole => {
                warnings.push(format!("line {} was cut off and is left out", index + 1));
            }
            Ok(record) => records.extend(record),
            Err(error) => {
                return Err(RecordError::Malformed {
                    path: path.to_owned(),
                    line: index + 1,
                    reason: error.to_string(),
                });
            }
        }
    }
    Ok((records, warnings))
}

/// Refuses a file of a newer program, which this one would misunderstand.
pub(crate) fn known(path: &Path, schema: u32) -> Result<(), RecordError> {
    if schema <= SCHEMA_VERSION {
        return Ok(());
    }
    let (path, found, known) = (path.to_owned(), schema, SCHEMA_VERSION);
    Err(RecordError::NewerSchema { path, found, known })
}

/// `None` for a kind that this program does not know.
fn parse<T: DeserializeOwned>(line: &[u8], kinds: &[&str]) -> Result<Option<T>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let kind: Kind = serde_json::from_slice(line)?;
    if !kinds.contains(&kind.kind.as_str()) {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some)
}
