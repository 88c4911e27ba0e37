//! A recording of perf that grows, with the pipes by which perf is asked whether it has begun, and is
//! told to pause.

use crate::owned::{self, Scratch};
use anyhow::{Context, Result};
use std::ffi::{CString, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A recording in progress.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) data: PathBuf,
    pub(super) most_bytes: u64,
    control: File,
    replies: File,
    /// The folder of the pipes. Perf separates their names by a comma, which the folders of the user may
    /// have in theirs.
    pipes: Scratch,
}

impl Growing {
    /// A recording that is going to be at `data`.
    ///
    /// # Errors
    /// If the pipes cannot be made.
    pub(super) fn new(data: &Path, most_bytes: u64) -> Result<Self> {
        let pipes = owned::scratch()?;
        let mut control = pipe(&pipes.path().join("control"))?;
        let replies = pipe(&pipes.path().join("replies"))?;
        // Perf reads and replies once it records.
        control.write_all(b"ping\n").context("cannot write to the pipe of perf")?;
        Ok(Self { data: data.to_owned(), most_bytes, control, replies, pipes })
    }

    /// The option by which perf finds the pipes.
    pub(super) fn option(&self) -> OsString {
        let mut option = OsString::from("--control=fifo:");
        option.push(self.pipes.path().join("control"));
        option.push(",");
        option.push(self.pipes.path().join("replies"));
        option
    }

    /// Returns whether perf has begun to record since it was last asked.
    pub(super) fn has_begun(&self) -> bool {
        let mut replies = &self.replies;
        replies.read(&mut [0; 16]).is_ok_and(|bytes| bytes > 0)
    }

    pub(super) fn is_full(&self) -> bool {
        fs::metadata(&self.data).is_ok_and(|about| about.len() > self.most_bytes)
    }

    /// Has perf record no more, while the program goes on.
    pub(super) fn pause(&self) -> io::Result<()> {
        let mut control = &self.control;
        control.write_all(b"disable\n")
    }
}

/// Makes a named pipe, and opens both of its ends: nobody waits for the other then.
fn pipe(path: &Path) -> Result<File> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: it reads a path that ends with a zero.
    if unsafe { libc::mkfifo(name.as_ptr(), 0o600) } != 0 {
        return Err(io::Error::last_os_error()).context("cannot make a pipe for perf");
    }
    let mut options = OpenOptions::new();
    let opened = options.read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path);
    opened.context("cannot open a pipe for perf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perf_is_asked_and_told_by_pipes() {
        let folder = tempfile::tempdir().unwrap();
        let growing = Growing::new(&folder.path().join("data"), 3).unwrap();
        assert!(!growing.is_full() && !growing.has_begun());
        fs::write(&growing.data, "data").unwrap();
        assert!(growing.is_full());
        growing.pause().unwrap();
        let open = |name: &str| {
            OpenOptions::new().read(true).write(true).open(growing.pipes.path().join(name)).unwrap()
        };
        let mut told = [0; 13];
        open("control").read_exact(&mut told).unwrap();
        assert_eq!(&told, b"ping\ndisable\n");
        open("replies").write_all(b"ack\n").unwrap();
        assert!(growing.has_begun() && !growing.has_begun());
        let option = growing.option();
        assert!(option.to_string_lossy().contains("control,"), "{}", option.display());
    }
}
