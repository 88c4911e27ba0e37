//! The reason why perf recorded nothing, from what perf and the program printed into one file.

use super::process::{End, Ran};
use super::session::how_ended;
use crate::harness::perf::{self, Event};
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Bytes at the end of what was printed that are looked at.
const END_BYTES: u64 = 1 << 16;
/// Bytes below which all that was printed is taken for perf's: where it refuses, no program runs.
const SHORT_BYTES: usize = 4096;
/// Lines and characters of each that are quoted.
const SHOWN_LINES: usize = 6;
const SHOWN_CHARACTERS: usize = 200;
/// A disk with less than this is full.
const FULL_BYTES: u64 = 1 << 20;

/// The message of the kernel for a full disk.
const NO_SPACE: &str = "No space left on device";

/// A disk without space, on which another tool would not record either.
#[derive(Debug, thiserror::Error)]
#[error(
    "no space is left on the disk of {0} ({NO_SPACE}): free some, name a folder on another disk with \
     --target, or record less with --for or --hz"
)]
pub(super) struct NoSpace(String);

/// Checks that a disk on which a tool left nothing has space.
///
/// # Errors
/// If it has none.
pub(super) fn ensure_space(place: &Path) -> Result<(), NoSpace> {
    match free_bytes(place) {
        Some(free) if free < FULL_BYTES => Err(no_space(place)),
        _ => Ok(()),
    }
}

fn no_space(place: &Path) -> NoSpace {
    NoSpace(place.parent().unwrap_or(place).display().to_string())
}

/// The reason in a sentence, and what to do. Both wrote to `output`; the recording was to be in `place`.
pub(super) fn reason(ran: &Ran, (output, place): (&Path, &Path), event: Event) -> anyhow::Error {
    let said = end_of(output);
    if said.contains(NO_SPACE) {
        return no_space(place).into();
    }
    if let Err(full) = ensure_space(place) {
        return full.into();
    }
    match (own_lines(&said), &ran.end) {
        (own, _) if !own.is_empty() => anyhow::anyhow!("{}", perf::refusal(&own, event)),
        (_, End::Itself(status)) => {
            anyhow::anyhow!("perf recorded nothing and did not say why; it {}", how_ended(*status))
        }
        (_, End::Stopped(_)) => anyhow::anyhow!("perf recorded nothing until it was stopped"),
    }
}

/// The end of a text file, as far as it can be read.
pub(super) fn end_of(path: &Path) -> String {
    let mut end = Vec::new();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map_or(0, |about| about.len());
        let _ = file.seek(SeekFrom::Start(length.saturating_sub(END_BYTES)));
        let _ = file.take(END_BYTES).read_to_end(&mut end);
    }
    String::from_utf8_lossy(&end).into_owned()
}

/// The lines that are perf's own, in one line; those of a program that printed much are left out.
fn own_lines(said: &str) -> String {
    let is_perfs = |line: &&str| said.len() <= SHORT_BYTES || line.to_lowercase().contains("perf");
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty()).filter(is_perfs);
    let lines = lines.map(|line| line.chars().take(SHOWN_CHARACTERS).collect::<String>());
    simple_records::harmless(&lines.take(SHOWN_LINES).collect::<Vec<_>>().join("; "))
}

/// The bytes that are free on the disk of a folder; `None` if that is not known.
fn free_bytes(folder: &Path) -> Option<u64> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: all zeros are a value of this type, which consists of numbers.
    let mut about: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a zero, and `about` is there to be written to.
    let done = unsafe { libc::statvfs(path.as_ptr(), &mut about) };
    (done == 0).then(|| about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;
    use std::time::Duration;

    fn reason_of(printed: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        fs::write(&output, printed).unwrap();
        let ran = Ran {
            end: End::Itself(ExitStatus::from_raw(255 << 8)),
            lasted: Duration::from_secs(1),
            recorded: None,
            usage: crate::owned::Usage::default(),
            notes: Vec::new(),
        };
        reason(&ran, (&output, folder.path()), Event::Time).to_string()
    }

    #[test]
    fn a_full_disk_is_named_however_much_the_program_printed() {
        let much = "x".repeat(900_000);
        let said = reason_of(&format!(
            "{much}\nfailed to write perf data, error: No space left on device\n"
        ));
        assert!(said.contains("no space is left") && said.contains("--target"), "{said}");
        assert!(said.len() < 1000, "{}", said.len());
    }

    #[test]
    fn a_reason_is_perfs_own_and_never_empty() {
        let much = "out of the program\n".repeat(50_000);
        let said = reason_of(&format!("{much}perf: Segmentation fault\n"));
        assert_eq!(said, "perf failed: perf: Segmentation fault");
        assert_eq!(reason_of("Error:\n broken\n"), "perf failed: Error:; broken");
        let long = reason_of(&"y".repeat(4000));
        assert!(long.len() < 300, "{long}");
        let silent = "perf recorded nothing and did not say why; it ended with exit code 255";
        assert_eq!(reason_of(""), silent);
        assert_eq!(reason_of(&much), silent);
    }
}
