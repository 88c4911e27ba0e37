//! Reasons for no report, with advice.

use crate::console::typed;
use simple_records::RecordError;
use simple_reports::input::InputError;
use std::path::Path;
use thiserror::Error;

/// Reasons for no report.
#[derive(Debug, Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("no folder is named for the report: add --out")]
    NoFolder,
    #[error("cannot write the report: {0}")]
    Write(String),
    #[error("the run {run} has no wall times, and exports hold nothing else: it measured {has}")]
    NothingToExport { run: String, has: String },
    #[error("the run {run} is named twice, and agrees with itself: name each run once")]
    Twice { run: String },
    #[error("cannot make the report: {0}")]
    Render(String),
}

impl CliError {
    /// The verb, in quotes, that makes such a record as could not be read.
    fn measuring(&self) -> String {
        let place = match self {
            Self::Input(InputError::Records(
                RecordError::Io { path, .. }
                | RecordError::NoRecords(path)
                | RecordError::Empty(path)
                | RecordError::NoPlace(path)
                | RecordError::Malformed { path, .. }
                | RecordError::OtherKind { path, .. },
            )) => path.as_path(),
            Self::Input(InputError::NoSuchRun { name, .. }) => Path::new(name),
            _ => Path::new(""),
        };
        match is_of_programs(place) {
            true => "`lab compare` or `lab tune`".to_owned(),
            false => format!("`{}`", typed("bench")),
        }
    }

    /// Advice, if the message gives none.
    pub(super) fn advice(&self) -> Option<String> {
        let advice = match self {
            // The first line says what a file is: another file is no record at all.
            Self::Input(InputError::Records(
                RecordError::OtherKind { .. } | RecordError::Malformed { line: 1, .. },
            )) => {
                format!("name a file that {} wrote under target, or its folder", self.measuring())
            }
            Self::Input(InputError::Records(RecordError::Malformed { .. })) => {
                let measuring = self.measuring();
                format!("the file is damaged: delete that line, or measure again with {measuring}")
            }
            Self::Input(InputError::Records(RecordError::Io { .. })) => {
                "check that the path is right and may be read".to_owned()
            }
            Self::Input(InputError::Records(
                RecordError::NoRecords(_) | RecordError::NoPlace(_) | RecordError::Empty(_),
            )) => format!("{} measures workloads, and makes a record", self.measuring()),
            Self::Input(InputError::NoSuchRun { name, .. }) if is_of_programs(Path::new(name)) => {
                format!("{} makes a record there: check the path", self.measuring())
            }
            Self::Input(InputError::NoSuchRun { .. }) => {
                "a run is named after its file there, without .jsonl".to_owned()
            }
            Self::Input(InputError::NotComparable(_)) => {
                "measure both on one machine, or add --anyway and read the figures with care"
                    .to_owned()
            }
            Self::Write(_) => "name a folder that may be written to with --out".to_owned(),
            Self::NothingToExport { .. } => format!(
                "`{}` shows counts and latencies; `{}` measures wall times",
                typed("summary"),
                typed("bench")
            ),
            Self::Input(InputError::NoPlace { .. }) => {
                "check the path, or leave the option out".to_owned()
            }
            Self::Input(InputError::Records(_))
            | Self::NoFolder
            | Self::Twice { .. }
            | Self::Render(_) => return None,
        };
        Some(advice)
    }
}

/// Returns whether a path leads to records of programs, which are in a folder of their own.
fn is_of_programs(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "compare")
}
