//! A temporary folder that vanishes with its owner.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// All folders that have an owner.
static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Prefix of folders that are only used while a program runs; its process number follows.
const HIDDEN: &str = ".unfinished-";

/// Attempts to remove a folder that is still written to.
const ATTEMPTS: u32 = 10;

/// A temporary folder, removed when this is dropped.
#[derive(Debug)]
pub struct Scratch(Option<TempDir>);

/// A private folder among the temporary ones of the system.
///
/// # Errors
/// If it cannot be made.
pub fn scratch() -> Result<Scratch> {
    let place = std::env::temp_dir();
    own(tempfile::Builder::new().prefix("simple-lab-"), &place)
}

/// A hidden folder in `place`, on the same disk, so that its contents can be renamed. It has the
/// permissions of any new folder there.
///
/// # Errors
/// If it cannot be made.
pub fn scratch_in(place: &Path) -> Result<Scratch> {
    let prefix = format!("{HIDDEN}{}-", std::process::id());
    // The user's mask is taken off these by the system.
    let permissions = Permissions::from_mode(0o777);
    own(tempfile::Builder::new().prefix(&prefix).permissions(permissions), place)
}

fn own(builder: &tempfile::Builder<'_, '_>, place: &Path) -> Result<Scratch> {
    // Under the lock, no folder can exist without being listed.
    let mut folders = folders();
    let folder = builder
        .tempdir_in(place)
        .with_context(|| format!("cannot create a folder in {}", place.display()))?;
    folders.insert(folder.path().to_owned());
    Ok(Scratch(Some(folder)))
}

fn folders() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // The set is consistent even if a thread panicked while holding it.
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scratch {
    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.as_ref().expect("it is there until it is dropped").path()
    }

    /// Gives it up: it stays, or was renamed.
    pub fn keep(mut self) -> PathBuf {
        let folder = self.0.take().expect("it is there until it is dropped").keep();
        folders().remove(&folder);
        folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(folder) = self.0.take() {
            folders().remove(folder.path());
        }
    }
}

/// Removes all folders that have an owner. Nobody makes another one while the guard is held.
pub(super) fn remove_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let folders = folders();
    for folder in folders.iter() {
        // A child may still write its last files. A folder that stays does no harm.
        let _ = (0..ATTEMPTS).find(|_| is_gone(fs::remove_dir_all(folder)));
    }
    folders
}

fn is_gone(removed: io::Result<()>) -> bool {
    removed.map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |()| true)
}

/// Removes the leftovers of killed programs in `place`: hidden folders of processes that are gone.
pub fn remove_leftovers(place: &Path) {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(HIDDEN)) else { continue };
        let owner = rest.split('-').next().and_then(|number| number.parse().ok());
        if owner.is_none_or(|owner| !is_alive(owner)) {
            // A folder that cannot be removed does no harm: it is hidden.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Returns whether there is a process of this number.
pub(crate) fn is_alive(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_vanishes_with_its_owner_unless_it_is_kept() {
        let (one, other) = (scratch().unwrap(), scratch().unwrap());
        let path = one.path().to_owned();
        fs::write(path.join("a"), "").unwrap();
        drop(one);
        assert!(!path.exists());
        let kept = other.keep();
        assert!(kept.exists());
        fs::remove_dir(&kept).unwrap();
    }

    #[test]
    fn only_leftovers_of_killed_programs_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let mine = scratch_in(place.path()).unwrap();
        // No process has this number: they end at 4194304.
        for left in [".unfinished-4294967295-x/in", ".unfinished-x"] {
            fs::create_dir_all(place.path().join(left)).unwrap();
        }
        fs::create_dir(place.path().join("kept")).unwrap();
        remove_leftovers(place.path());
        let mut left: Vec<_> =
            fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        left.sort();
        assert_eq!(left, [mine.path().to_owned(), place.path().join("kept")]);
    }

    #[test]
    fn a_hidden_folder_is_as_open_as_any_new_one() {
        let place = tempfile::tempdir().unwrap();
        let usual = place.path().join("usual");
        fs::create_dir(&usual).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(scratch_in(place.path()).unwrap().path()), mode(&usual));
    }
}
