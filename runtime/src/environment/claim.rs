//! A file that a process writes when it ends, protected from other processes.
//!
//! # Protocol
//!
//! A process that is to write FILE has an exclusive lock on `FILE.part` from the beginning. At the
//! end it writes there, and renames it to FILE: readers see a complete file or
//! none. The lock is on the file and not on its name, and is kept until the process ends. So
//!
//! 1. a process that cannot lock `FILE.part` finds another that is going to write FILE;
//! 2. a process that has locked it, but now finds another file under that name, came while another
//!    process renamed it, and tries again;
//! 3. a process that has locked it, but finds FILE locked, finds a file written by a process that
//!    still runs.
//!
//! An existing FILE is replaced: the new one has its mode, and its owner and group where the
//! process may give files away, but not its other names (hard links), attributes or access lists. A
//! link is followed, even to a file that does not exist yet, or refused ([`Links`]).
//!
//! A process that is killed leaves an empty `FILE.part`, without a lock, for the next one.
//!
//! The lock is on an open file description (`F_OFD_SETLK`), so files that the program itself opens
//! and closes do not matter. A forked child shares it, and must close its copy.
//!
//! A program may close every descriptor, as daemons do, and open files of its own, which may get
//! the number of the claim's descriptor. So the descriptor is used and closed only while it refers
//! to the claimed file.

use crate::sys::{self, Call, Written};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Number of times that other processes may rename the file while this one tries.
const ATTEMPTS: u32 = 16;

/// Links are followed to this depth, as the system does.
const LINKS: u32 = 40;

/// The treatment of a FILE that is a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// The file that it leads to is written.
    Followed,
    /// Nothing is written.
    Refused,
}

/// The reason why a file cannot be written.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// Another process is going to write there, or has written there and still runs.
    #[error("another process records there (%p in the name stands for the process)")]
    Taken,
    /// The last part of the name is a symbolic link, and links are refused.
    #[error("a symbolic link: name the file itself")]
    Link,
    /// A pipe or a device could block, and a folder cannot be written to.
    #[error("not a regular file")]
    NotRegular,
    /// The system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A file that only this process writes, until it ends.
pub(crate) struct Claim {
    file: PathBuf,
    part: PathBuf,
    /// Open and locked, unless the program has closed it.
    content: ManuallyDrop<File>,
    identity: Identity,
    is_written: bool,
}

/// Device and number of a file.
pub(crate) type Identity = (u64, u64);

/// Returns the identity of the file that a descriptor refers to, if it is open. Makes exactly one
/// system call.
pub(crate) fn identity(descriptor: i32) -> Option<Identity> {
    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: a place to write to; a descriptor that is not open gives an error.
    let found =
        unsafe { (sys::fstat(descriptor, found.as_mut_ptr()) == 0).then(|| found.assume_init()) }?;
    Some((found.st_dev, found.st_ino))
}

impl Claim {
    /// Claims `file`, an absolute path. Nothing blocks.
    pub(crate) fn new(file: &Path, links: Links) -> Result<Self, Refusal> {
        if links == Links::Refused && file.is_symlink() {
            return Err(Refusal::Link);
        }
        let file = target(file)?;
        let mut part = OsString::from(&file);
        part.push(".part");
        let part = PathBuf::from(part);
        for _ in 0..ATTEMPTS {
            let content = open_regular(OpenOptions::new().write(true).create(true), &part)?;
            if !lock(&content)? {
                return Err(Refusal::Taken);
            }
            let id = |found: fs::Metadata| (found.dev(), found.ino());
            sys::check(Call::Inspect)?;
            let ours = id(content.metadata()?);
            if fs::symlink_metadata(&part).map(id).ok() != Some(ours) {
                continue;
            }
            // Dropped if the file is taken.
            let content = ManuallyDrop::new(content);
            let claim = Self { file, part, content, identity: ours, is_written: false };
            return if is_locked(&claim.file) { Err(Refusal::Taken) } else { Ok(claim) };
        }
        Err(Refusal::Taken)
    }

    /// Calls `write` to write the file, which appears as a whole. It stays claimed.
    pub(crate) fn write(
        &mut self,
        write: impl FnOnce(&mut Written<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if !self.is_open() {
            return Err(io::Error::other("the program has closed its descriptor"));
        }
        sys::check(Call::SetLength)?;
        self.content.set_len(0)?;
        self.resemble_former()?;
        write(&mut Written(&mut self.content))?;
        sys::check(Call::Rename)?;
        fs::rename(&self.part, &self.file)?;
        self.is_written = true;
        Ok(())
    }

    /// Replaces the content of the file that [`write`](Self::write) has written. The file is the
    /// same one, so it stays locked. A reader at this very moment may see both contents mixed.
    pub(crate) fn rewrite(&mut self, content: &[u8]) -> io::Result<()> {
        if !self.is_open() {
            return Err(io::Error::other("the program has closed its descriptor"));
        }
        sys::check(Call::Look)?;
        let found = fs::symlink_metadata(&self.file)?;
        if (found.dev(), found.ino()) != self.identity {
            return Err(io::Error::other("another file has taken its place"));
        }
        sys::check(Call::Write)?;
        self.content.write_all_at(content, 0)?;
        sys::check(Call::SetLength)?;
        self.content.set_len(content.len() as u64)
    }

    /// Copies the owner and the mode of the file to be replaced, before anybody could read content
    /// that the old file would not let them read.
    fn resemble_former(&self) -> io::Result<()> {
        let Ok(former) = fs::metadata(&self.file) else { return Ok(()) };
        // Only for processes that may give files away.
        let _ = fchown(&*self.content, Some(former.uid()), Some(former.gid()));
        self.content.set_permissions(former.permissions())
    }

    /// Returns its final path.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Returns the descriptor, which a forked child must close, and the file that it refers to.
    pub(crate) fn descriptor(&self) -> (i32, Identity) {
        (self.content.as_raw_fd(), self.identity)
    }

    fn is_open(&self) -> bool {
        identity(self.content.as_raw_fd()) == Some(self.identity)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_open() {
            return;
        }
        if !self.is_written {
            // Still locked: nobody else has begun to write to it.
            let _ = fs::remove_file(&self.part);
        }
        // SAFETY: dropped once, here.
        unsafe { ManuallyDrop::drop(&mut self.content) };
    }
}

/// True if another process has claimed `file`, or has written it and still runs.
pub(crate) fn is_taken(file: &Path) -> bool {
    let Ok(file) = target(file) else { return false };
    let mut part = OsString::from(&file);
    part.push(".part");
    is_locked(&file) || is_locked(Path::new(&part))
}

/// Returns the destination of a path. Otherwise a rename would replace the link. Also works if
/// there is no file yet.
fn target(file: &Path) -> Result<PathBuf, Refusal> {
    let mut file = file.to_owned();
    for _ in 0..LINKS {
        match sys::check(Call::Look).and_then(|()| fs::metadata(&file)) {
            Ok(found) if !found.is_file() => return Err(Refusal::NotRegular),
            Ok(_) => return Ok(fs::canonicalize(file)?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
            return Err(Refusal::NotRegular);
        };
        sys::check(Call::Look)?;
        let folder = fs::canonicalize(folder)?;
        match fs::read_link(folder.join(name)) {
            Ok(leads_to) => file = folder.join(leads_to),
            Err(_) => return Ok(folder.join(name)),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP).into())
}

/// Opens a file without waiting, if it is a regular one.
fn open_regular(options: &mut OpenOptions, path: &Path) -> Result<File, Refusal> {
    sys::check(Call::Open)?;
    let file = options
        .custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_NOCTTY | libc::O_CLOEXEC)
        .open(path)?;
    sys::check(Call::Inspect)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Refusal::NotRegular) }
}

fn whole(kind: i32) -> libc::flock {
    // SAFETY: it consists of numbers; zeros are a lock from the beginning to the end of a file.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock
}

/// Locks a file that is open for writing; false if another process has locked it.
fn lock(file: &File) -> io::Result<bool> {
    sys::check(Call::LockFile)?;
    let whole = whole(libc::F_WRLCK);
    // SAFETY: an open file, and a lock that the call reads.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const whole) } == 0 {
        return Ok(true);
    }
    match io::Error::last_os_error() {
        error if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        error => Err(error),
    }
}

/// True if a regular file is locked; false if that cannot be determined.
fn is_locked(file: &Path) -> bool {
    if !fs::symlink_metadata(file).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let Ok(file) = open_regular(OpenOptions::new().read(true), file) else { return false };
    let mut whole = whole(libc::F_WRLCK);
    // SAFETY: an open file, and a lock that the call may write to.
    let asked = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_GETLK, &raw mut whole) };
    asked == 0 && i32::from(whole.l_type) != libc::F_UNLCK
}

#[cfg(test)]
mod tests;
