//! The standard input of a program that is started once a view.

use crate::programs::scratch;
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{self, IsTerminal, Seek, SeekFrom};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A standard input that each process reads from its beginning.
#[derive(Debug)]
pub(super) enum Input {
    /// Nothing.
    Empty,
    /// That of this program, for one process alone.
    Inherited,
    /// A file, from its beginning.
    Named(PathBuf),
    /// An open file, from this offset.
    Open(File, u64),
}

impl Input {
    /// A file that the user named.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn named(path: &Path) -> Result<Self> {
        let context = || format!("--input {}: cannot be read", path.display());
        let about = fs::metadata(path).with_context(context)?;
        ensure!(!about.is_dir(), "--input {}: it is a folder; name a file", path.display());
        File::open(path).with_context(context)?;
        Ok(Self::Named(path.to_owned()))
    }

    /// The standard input of this program, for this number of processes. A pipe is read to its end
    /// first if there are several. `tell` gets a line if nothing of a terminal is passed on.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn inherited(processes: usize, tell: impl FnOnce(&str)) -> Result<Self> {
        let own = io::stdin();
        if own.is_terminal() {
            tell(
                "the program gets an empty standard input, not the terminal: --input FILE names one",
            );
            return Ok(Self::Empty);
        }
        // A descriptor that is closed, or that cannot be copied, is no input.
        let Ok(descriptor) = own.as_fd().try_clone_to_owned() else { return Ok(Self::Empty) };
        let mut file = File::from(descriptor);
        let kind = file.metadata().context("the standard input cannot be looked at")?.file_type();
        if kind.is_file() {
            let at = file.stream_position().context("the standard input has no position")?;
            return Ok(Self::Open(file, at));
        }
        if kind.is_char_device() || processes <= 1 {
            return Ok(Self::Inherited);
        }
        let mut kept = scratch()?;
        io::copy(&mut file, &mut kept).context("the standard input cannot be kept")?;
        Ok(Self::Open(kept, 0))
    }

    /// The standard input of the next process.
    ///
    /// # Errors
    /// If it can no longer be read.
    pub(super) fn stdin(&self) -> Result<Stdio> {
        Ok(match self {
            Self::Empty => Stdio::null(),
            Self::Inherited => Stdio::inherit(),
            Self::Named(path) => File::open(path)
                .with_context(|| format!("--input {}: cannot be read", path.display()))?
                .into(),
            Self::Open(file, at) => {
                // A position of its own: what is left of the process before may still read.
                let path = format!("/proc/self/fd/{}", file.as_raw_fd());
                let mut file =
                    File::open(path).context("the standard input cannot be read again")?;
                file.seek(SeekFrom::Start(*at))?;
                file.into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs;
    use std::io::Write;
    use std::time::Duration;

    #[test]
    fn each_process_reads_it_from_the_beginning() {
        let mut file = scratch().unwrap();
        file.write_all(b"skipped kept").unwrap();
        let input = Input::Open(file, 8);
        for _ in 0..2 {
            let mut command = programs::sh("cat");
            command.stdin(input.stdin().unwrap());
            assert_eq!(programs::output(command, Duration::from_secs(60)).unwrap(), "kept");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused() {
        for (path, expected) in [("/no/such", "cannot be read"), ("/", "is a folder")] {
            let said = format!("{:#}", Input::named(Path::new(path)).unwrap_err());
            assert!(said.contains("--input") && said.contains(expected), "{said}");
        }
    }
}
