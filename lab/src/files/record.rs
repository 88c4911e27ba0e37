//! The file of a new record.

use simple_records::{RecordError, RecordWriter};
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

/// Names that are tried.
const ATTEMPTS: u32 = 1000;

/// Begins a record in `folder`, named by the time; with a number behind it if another program has
/// begun one within the same millisecond. Returns the name with it.
///
/// # Errors
/// If the file cannot be made.
pub fn begin_record(folder: &Path, now: SystemTime) -> Result<(String, RecordWriter), RecordError> {
    let name = humantime::format_rfc3339_millis(now).to_string().replace([':', '.'], "-");
    let mut attempt = 1;
    loop {
        let run = if attempt == 1 { name.clone() } else { format!("{name}-{attempt}") };
        match RecordWriter::create(folder, &run) {
            Err(RecordError::Io { source, .. })
                if source.kind() == ErrorKind::AlreadyExists && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            done => return done.map(|writer| (run, writer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_records_of_one_moment_have_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let names: Vec<String> =
            (0..3).map(|_| begin_record(folder.path(), now).unwrap().0).collect();
        let first = "1970-01-01T00-00-00-000Z";
        assert_eq!(names, [first.to_owned(), format!("{first}-2"), format!("{first}-3")]);
    }
}
