//! Files of records: a new one, the newest, and whether one can be resumed here.

use anyhow::{Result, anyhow, bail};
use simple_records::{Difference, Fingerprint, Log, LogFile, RecordError, newest_run};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names that are tried.
const ATTEMPTS: u32 = 1000;

/// Begins a record in `folder`, named by the time, with a number if another program began one
/// within the same millisecond. Returns the name with it.
///
/// # Errors
/// If the file cannot be made.
pub fn begin_record<F: LogFile>(
    folder: &Path,
    now: SystemTime,
) -> Result<(String, Log<F>), RecordError> {
    let name = humantime::format_rfc3339_millis(now).to_string().replace([':', '.'], "-");
    let mut attempt = 1;
    loop {
        let run = if attempt == 1 { name.clone() } else { format!("{name}-{attempt}") };
        match Log::<F>::create(folder, &run) {
            Err(RecordError::Io { why, .. })
                if why.kind() == ErrorKind::AlreadyExists && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            done => return done.map(|writer| (run, writer)),
        }
    }
}

/// Seconds since 1970 in UTC.
pub fn unix_s(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The newest record in a folder; a file is its own. An error names `command`, which makes one.
///
/// # Errors
/// If there is none, or the folder cannot be read.
pub fn newest(place: &Path, command: &str) -> Result<PathBuf> {
    newest_run(place).map_err(|error| match error {
        RecordError::NoRecords(place) => {
            anyhow!("there is no record in {}: `{command}` makes one", place.display())
        }
        RecordError::NoPlace(place) => {
            anyhow!("{} does not exist: `{command}` makes a record", place.display())
        }
        other => other.into(),
    })
}

/// Refuses to resume a record of another machine or toolchain. Facts that are unknown in both are no
/// difference.
///
/// # Errors
/// If anything differs, which is named.
pub fn can_resume(recorded: &Fingerprint, here: &Fingerprint) -> Result<()> {
    let differences = recorded.differences(here);
    if let Some(Difference { field, left, right }) =
        differences.iter().find(|one| one.left != one.right)
    {
        bail!("it cannot be resumed here: its {field} was {left}, here it is {right}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_records::Run;

    #[test]
    fn two_records_of_one_moment_have_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let names: Vec<String> =
            (0..3).map(|_| begin_record::<Run>(folder.path(), now).unwrap().0).collect();
        let first = "1970-01-01T00-00-00-000Z";
        assert_eq!(names, [first.to_owned(), format!("{first}-2"), format!("{first}-3")]);
    }
}
