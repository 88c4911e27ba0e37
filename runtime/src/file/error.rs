//! The errors of a file, with messages for the caller.

use crate::sys::Errno;
use std::fmt;
use std::io;
use std::path::{self, Path, PathBuf};
use thiserror::Error;

/// The reason why a call on a file failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The path cannot be passed to the system.
    #[error("path {0:?} contains a NUL byte")]
    NulInPath(PathBuf),
    /// No strategy has this number.
    #[error("unknown prefault strategy {0}")]
    UnknownPrefault(i32),
    /// These open(2) flags would create, truncate or append: loading never changes a file.
    #[error("open flags {0:#o} would create or change the file")]
    RefusedFlags(i32),
    /// No handle, or no memory for one or for the path, is left.
    #[error("too many files, or no memory for another")]
    TooManyFiles,
    /// The handle names no file: stale, forged, of something else, zero or negative.
    #[error("no such file handle")]
    BadHandle,
    /// The file was closed while the call was waiting for it.
    #[error("the file was closed")]
    Closed,
    /// The load failed.
    #[error("{}: {reason}", shown(.path))]
    Load {
        /// The path as it was given; empty without memory for it.
        path: PathBuf,
        /// The reason.
        reason: LoadError,
    },
}

fn shown(path: &Path) -> path::Display<'_> {
    if path.as_os_str().is_empty() { Path::new("the file").display() } else { path.display() }
}

/// The reason why the bytes of a file are not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The system returned an error.
    #[error("cannot {step}: {}", Errno(*.errno))]
    System {
        /// The step that failed.
        step: Step,
        /// The system's error number.
        errno: i32,
    },
    /// The open flags do not include reading.
    #[error("opened without read access (write-only)")]
    NotReadable,
    /// It has no content that can be loaded.
    #[error("is a {0}, not a regular file")]
    NotRegular(FileKind),
    /// The file has more bytes than one allocation may have.
    #[error("too large to be loaded")]
    TooLarge,
    /// No memory for the bytes.
    #[error("not enough memory")]
    OutOfMemory,
    /// Nobody wants the bytes any more: the file was closed during the load.
    #[error("closed while it was being loaded")]
    Abandoned,
    /// The loading code itself panicked.
    #[error("the loader panicked")]
    Panicked,
}

impl LoadError {
    /// Converts the calling thread's `errno` to the error of `step`.
    pub(super) fn last_os_error(step: Step) -> Self {
        Self::system(step, &io::Error::last_os_error())
    }

    pub(super) fn system(step: Step, error: &io::Error) -> Self {
        Self::System { step, errno: error.raw_os_error().unwrap_or(libc::EIO) }
    }
}

/// A step of loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// open(2)
    Open,
    /// fstat(2) of the open file
    Inspect,
    /// mmap(2)
    Map,
    /// read(2)
    Read,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Inspect => "inspect",
            Self::Map => "map",
            Self::Read => "read",
        })
    }
}

/// The kinds of files other than regular ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A Unix-domain socket.
    Socket,
    /// A character or block device.
    Device,
    /// Something else.
    Unknown,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "directory",
            Self::Fifo => "FIFO",
            Self::Socket => "socket",
            Self::Device => "device",
            Self::Unknown => "special file",
        })
    }
}
