//! One program at a time in a folder.

use crate::console::interrupt::interrupted;
use crate::say;
use anyhow::{Context, Result, bail};
use simple_records::harmless;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;
use std::{env, process, thread};

/// Time between two attempts to take the lock.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// A folder that is ours until this is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Locked; absent if the file system knows no locks.
    _file: Option<File>,
}

/// Makes `folder` if need be, and waits while another program is at work in it, which is said with
/// the process. A file system without locks keeps nobody waiting, which is said too.
///
/// # Errors
/// If the folder or the file of the lock cannot be made, or the wait is interrupted.
pub fn lock(folder: &Path) -> Result<Lock> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let path = folder.join("lock");
    let file = open(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let waiting = || {
        let (holder, folder) = (holder(&path), folder.display());
        say!(
            "{holder} is at work in {folder}: waiting for its end; Ctrl-C gives up, --target \
             FOLDER works elsewhere"
        );
    };
    match take(|| file.try_lock(), waiting, interrupted) {
        Ok(()) => {
            sign(&file);
            Ok(Lock { _file: Some(file) })
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            bail!("interrupted while {} was at work in {}", holder(&path), folder.display())
        }
        Err(error) => {
            say!(
                "{} cannot be locked ({error}): make sure that no other program works there",
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

/// Writes into the file who holds it: `process 123 (lab run)`. Best effort: it is only shown.
fn sign(mut file: &File) {
    let verb = env::args().nth(1).unwrap_or_default();
    let _ = file.set_len(0);
    let _ = writeln!(file, "process {} (lab {verb})", process::id());
}

/// The process that holds the lock, by its own words.
fn holder(path: &Path) -> String {
    let signed = fs::read_to_string(path).unwrap_or_default();
    match signed.trim() {
        "" => "another program".to_owned(),
        signed => harmless(signed),
    }
}

/// Takes the lock; if somebody else has it, after waiting. Asking now and then, instead of sleeping
/// in the system, lets an interrupt end the wait.
fn take(
    try_lock: impl Fn() -> Result<(), TryLockError>,
    waiting: impl Fn(),
    interrupted: impl Fn() -> Option<u8>,
) -> io::Result<()> {
    let mut is_said = false;
    loop {
        match try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if interrupted().is_some() => {
                return Err(ErrorKind::Interrupted.into());
            }
            Err(TryLockError::WouldBlock) => {
                if !is_said {
                    waiting();
                    is_said = true;
                }
                thread::sleep(ASK_EVERY);
            }
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
        let path = folder.path().join("lock");
        let other = open(&path).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        assert!(holder(&path).starts_with(&format!("process {} (lab", process::id())));
        drop(held);
        other.try_lock().unwrap();
    }

    #[test]
    fn without_locks_nobody_waits() {
        let no_locks = || Err(TryLockError::Error(ErrorKind::Unsupported.into()));
        assert!(take(no_locks, || panic!("it waited"), || None).is_err());
    }

    #[test]
    fn a_wait_is_said_once_and_ends_with_the_lock_or_an_interrupt() {
        let (waited, calls) = (Cell::new(0), Cell::new(0));
        let waiting = || waited.set(waited.get() + 1);
        let third_time = || {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Err(TryLockError::WouldBlock) } else { Ok(()) }
        };
        take(third_time, waiting, || None).unwrap();
        assert_eq!((waited.get(), calls.get()), (1, 3));
        let error = take(|| Err(TryLockError::WouldBlock), waiting, || Some(130)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }
}
