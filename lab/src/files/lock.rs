//! One program at a time in a folder.

use crate::say;
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// A folder that is ours until this is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Locked; absent if the file system knows no locks.
    _file: Option<File>,
}

/// Makes `folder` if need be, and keeps others waiting that want to work in it. A file system
/// without locks keeps nobody waiting, which is said.
///
/// # Errors
/// If the folder or the file of the lock cannot be made.
pub fn lock(folder: &Path) -> Result<Lock> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let path = folder.join("lock");
    let file = open(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let waiting = || {
        say!("another program is at work in {}: waiting for its end", folder.display());
    };
    match take(&file, File::try_lock, File::lock, waiting) {
        Ok(()) => Ok(Lock { _file: Some(file) }),
        Err(error) => {
            say!(
                "{} cannot be locked ({error}): nobody else must be at work there meanwhile",
                folder.display()
            );
            Ok(Lock { _file: None })
        }
    }
}

/// The file of the lock, which may be of another user.
fn open(path: &Path) -> io::Result<File> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.or_else(|error| File::open(path).map_err(|_| error))
}

/// Takes the lock; only if it is somebody else's, after waiting.
fn take(
    file: &File,
    try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    lock: impl Fn(&File) -> io::Result<()>,
    waiting: impl Fn(),
) -> io::Result<()> {
    match try_lock(file) {
        Ok(()) => return Ok(()),
        Err(TryLockError::WouldBlock) => waiting(),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    loop {
        match lock(file) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_folder_is_for_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        let other = open(&folder.path().join("lock")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        other.try_lock().unwrap();
    }

    #[test]
    fn who_cannot_lock_does_not_wait() {
        let file = tempfile::tempfile().unwrap();
        let waited = Cell::new(0);
        let unsupported = || io::Error::from(ErrorKind::Unsupported);
        let no_locks = |_: &File| Err(TryLockError::Error(unsupported()));
        let waiting = || waited.set(waited.get() + 1);
        assert!(take(&file, no_locks, |_| Ok(()), waiting).is_err());
        assert_eq!(waited.get(), 0);
        // Somebody else has it: waited for, also through a signal.
        let calls = Cell::new(0);
        let lock = |_: &File| {
            calls.set(calls.get() + 1);
            if calls.get() == 1 { Err(ErrorKind::Interrupted.into()) } else { Ok(()) }
        };
        take(&file, |_| Err(TryLockError::WouldBlock), lock, waiting).unwrap();
        assert_eq!((waited.get(), calls.get()), (1, 2));
    }
}
