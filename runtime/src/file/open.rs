//! Opening a file for loading. It never blocks and never changes the file. It does not open
//! anything that would notice: a FIFO with a writer, or a device.

use super::error::{FileError, FileKind, LoadError, Step};
use crate::sys;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Flags that create or change a file. `O_TMPFILE` contains the bit of `O_DIRECTORY`, which is
/// harmless on its own.
const CHANGING: i32 = libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;
const TMPFILE: i32 = libc::O_TMPFILE & !libc::O_DIRECTORY;
/// Flags with a meaning for a load. The others (caching, synchronisation, blocking) do not change a
/// file's bytes and are left out.
const HONOURED: i32 = libc::O_ACCMODE | libc::O_NOFOLLOW | libc::O_NOATIME | libc::O_DIRECTORY;

/// open(2) flags that were checked to be harmless.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenFlags(i32);

impl OpenFlags {
    pub(super) fn new(mode: i32) -> Result<Self, FileError> {
        if mode & (CHANGING | TMPFILE) != 0 {
            return Err(FileError::RefusedFlags(mode));
        }
        Ok(Self(mode & HONOURED))
    }

    fn access(self) -> i32 {
        self.0 & libc::O_ACCMODE
    }

    /// True if the bytes must be writable in memory.
    pub(super) fn is_writable(self) -> bool {
        self.access() == libc::O_RDWR
    }
}

/// An open regular file.
#[derive(Debug)]
pub(super) struct RegularFile {
    pub(super) descriptor: OwnedFd,
    /// The size that the file system reported; also 0 for files whose content is generated when
    /// they are read.
    pub(super) size_bytes: u64,
}

impl RegularFile {
    pub(super) fn open(path: &CStr, flags: OpenFlags) -> Result<Self, LoadError> {
        if !matches!(flags.access(), libc::O_RDONLY | libc::O_RDWR) {
            return Err(LoadError::NotReadable);
        }
        if let Some(kind @ (FileKind::Fifo | FileKind::Socket | FileKind::Device)) =
            look(path, flags)
        {
            return Err(LoadError::NotRegular(kind));
        }
        // The path may name something else by now. Without O_NONBLOCK the open of a FIFO would wait
        // for a writer. The kind is checked again on the descriptor.
        let descriptor = match open(path, flags.0 | libc::O_NONBLOCK) {
            Err(libc::EWOULDBLOCK) => wait_for_lease(path, flags),
            opened => opened,
        };
        let descriptor =
            descriptor.map_err(|errno| LoadError::System { step: Step::Open, errno })?;
        let status = status(&descriptor)?;
        match kind(status.st_mode) {
            None => Ok(Self { descriptor, size_bytes: status.st_size as u64 }),
            Some(kind) => Err(LoadError::NotRegular(kind)),
        }
    }

    /// Returns the current size.
    pub(super) fn current_size_bytes(&self) -> Result<u64, LoadError> {
        Ok(status(&self.descriptor)?.st_size as u64)
    }
}

fn open(path: &CStr, flags: i32) -> Result<OwnedFd, i32> {
    loop {
        let fd = sys::open(path, flags | libc::O_CLOEXEC | libc::O_NOCTTY);
        if fd >= 0 {
            // SAFETY: a new descriptor, which nobody else knows.
            return Ok(unsafe { OwnedFd::from_raw_fd(fd) });
        }
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
        if errno != libc::EINTR {
            return Err(errno);
        }
    }
}

/// Waits until another process gives up its lease on the file.
#[cold]
fn wait_for_lease(path: &CStr, flags: OpenFlags) -> Result<OwnedFd, i32> {
    match look(path, flags) {
        None => open(path, flags.0),
        Some(_) => Err(libc::EWOULDBLOCK),
    }
}

/// Returns the kind of the file without opening it. `None` for a regular file, and if the kind
/// cannot be determined: then opening it fails, with the reason.
fn look(path: &CStr, flags: OpenFlags) -> Option<FileKind> {
    let follow = flags.0 & libc::O_NOFOLLOW == 0;
    // SAFETY: `stat` is plain data.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    let looked = if follow { sys::stat(path, &mut status) } else { sys::lstat(path, &mut status) };
    if looked == 0 { kind(status.st_mode) } else { None }
}

fn status(descriptor: &OwnedFd) -> Result<libc::stat, LoadError> {
    // SAFETY: `stat` is plain data.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: an open descriptor, and a place to write to that outlives the call.
    if unsafe { sys::fstat(descriptor.as_raw_fd(), &mut status) } != 0 {
        return Err(LoadError::last_os_error(Step::Inspect));
    }
    Ok(status)
}

/// Returns the kind; `None` for a regular file.
fn kind(mode: libc::mode_t) -> Option<FileKind> {
    Some(match mode & libc::S_IFMT {
        libc::S_IFREG => return None,
        libc::S_IFDIR => FileKind::Directory,
        libc::S_IFIFO => FileKind::Fifo,
        libc::S_IFSOCK => FileKind::Socket,
        libc::S_IFCHR | libc::S_IFBLK => FileKind::Device,
        _ => FileKind::Unknown,
    })
}
