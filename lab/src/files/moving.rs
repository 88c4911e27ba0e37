//! Moving and copying, also from one disk to another.

use super::writing::{make_folder_of, written};
use crate::owned::scratch_in;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Copies a file with its permissions, as a whole or not at all. A file is never copied onto itself,
/// even through links.
///
/// # Errors
/// If one cannot be read or the other not written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy {} to {}", from.display(), to.display());
    if is_same(from, to) {
        return Ok(());
    }
    make_folder_of(to)?;
    let mut source = File::open(from).with_context(context)?;
    let mode = source.metadata().with_context(context)?.permissions().mode() & 0o777;
    written(to, mode, |file| io::copy(&mut source, file).map(drop)).with_context(context)
}

/// Returns whether both paths lead to the same file.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let Some((one, other)) = fs::metadata(one).ok().zip(fs::metadata(other).ok()) else {
        return false;
    };
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Puts the folder or file `from` into the place of `to`, which may be there already and is
/// replaced as a whole. Both should lie in the same folder. Where the system cannot rename (an
/// overlay, another disk) it is copied.
///
/// # Errors
/// If that fails; then `to` is as it was.
pub fn replace(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot write {}", to.display());
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // The previous one vanishes with this folder.
    let hidden = scratch_in(folder)?;
    let previous = hidden.path().join("previous");
    let is_there = fs::symlink_metadata(to).is_ok();
    if is_there {
        rename(to, &previous).with_context(context)?;
    }
    if let Err(error) = rename(from, to) {
        if is_there {
            rename(&previous, to).with_context(|| {
                let kept = hidden.keep();
                format!("{} is now in {}", to.display(), kept.display())
            })?;
        }
        return Err(error).with_context(context);
    }
    Ok(())
}

/// Renames, or copies and removes where that is not possible.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => moved(from, to),
        done => done,
    }
}

fn moved(from: &Path, to: &Path) -> io::Result<()> {
    if let Err(error) = copy_all(from, to) {
        // The error that matters is the one above.
        let _ = remove(to);
        return Err(error);
    }
    remove(from)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

/// Copies a file, a link, or a folder with all that is in it.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(from)?;
    if about.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    if !about.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    fs::set_permissions(to, about.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_not_copied_onto_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("link"));
        fs::write(&path, "precious").unwrap();
        symlink("a", &link).unwrap();
        for other in [&path, &link] {
            copy(&path, other).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        }
        assert!(copy(&folder.path().join("gone"), &path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (new, place) = (folder.path().join("new"), folder.path().join("place"));
        for (one, name) in [(&new, "b"), (&place, "a")] {
            fs::create_dir(one).unwrap();
            fs::write(one.join(name), name).unwrap();
        }
        replace(&new, &place).unwrap();
        assert!(place.join("b").is_file() && !place.join("a").exists() && !new.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        assert!(replace(&folder.path().join("gone"), &place).is_err());
        assert!(place.join("b").is_file());
    }

    /// A rename across disks, also if this machine has only one.
    #[test]
    fn a_folder_on_another_disk_is_copied_with_its_contents() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("in")).unwrap();
        fs::write(from.join("in/file"), "text").unwrap();
        symlink("in/file", from.join("link")).unwrap();
        moved(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("link")).unwrap(), "text");
        assert!(!from.exists());
    }
}
