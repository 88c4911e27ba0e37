//! Writing a file as a whole.

use crate::owned::is_alive;
use anyhow::{Context, Result, ensure};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Permissions of a new file, before the user's mask.
const MODE: u32 = 0o666;

/// Infix between the name of a file and the number of the process that writes it.
const UNFINISHED: &str = ".unfinished-";

/// Writes a file and, if need be, its folder. The file is written beside its place and renamed
/// into it, so the previous one stays until then, even if the disk is full. A link is followed; a device or
/// a pipe is written to. Unfinished files of killed processes are removed.
///
/// # Errors
/// If it cannot be written; then the previous file is unchanged, and nothing is left behind.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    make_folder_of(path)?;
    let bytes = bytes.as_ref();
    written(path, MODE, |file| file.write_all(bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Finds out whether [`write()`] could write a file, in a folder that is there. The file stays as it is.
///
/// # Errors
/// If its folder is not there, or it cannot be written.
pub fn check_writable(path: &Path) -> Result<()> {
    let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    ensure!(folder.is_dir(), "there is no folder {}: make it", folder.display());
    ensure!(!path.is_dir(), "it is a folder: name a file");
    match fs::metadata(path) {
        // To open a pipe could block.
        Ok(about) if !about.is_file() => return Ok(()),
        // A file may be writable in a folder that is not.
        Ok(_) if OpenOptions::new().write(true).open(path).is_ok() => return Ok(()),
        _ => {}
    }
    tempfile::tempfile_in(folder)
        .map(drop)
        .with_context(|| format!("no file can be made in {}", folder.display()))
}

/// Adds text to the end of a file and, if need be, makes it and its folder.
///
/// # Errors
/// If it cannot be written.
pub fn append(path: &Path, text: &str) -> Result<()> {
    make_folder_of(path)?;
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

pub(super) fn make_folder_of(path: &Path) -> Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        None => Ok(()),
        Some(folder) => fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display())),
    }
}

/// Has `fill` write the file at `path`. A new file gets `mode`, within the user's mask.
pub(super) fn written(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    // The target of a link, or the new file.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&place).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        return fill(&mut OpenOptions::new().write(true).open(&place)?);
    }
    let Some(name) = place.file_name() else { return Err(ErrorKind::IsADirectory.into()) };
    remove_unfinished(&place, name);
    let half = place.with_file_name(unfinished(name));
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(mode).open(&half) {
        Ok(file) => file,
        // A file may be writable in a folder that is not.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && before.is_some() => {
            return fill(&mut OpenOptions::new().write(true).truncate(true).open(&place)?);
        }
        Err(error) => return Err(error),
    };
    let done = fill(&mut file)
        .and_then(|()| match &before {
            Some(before) => file.set_permissions(before.permissions()),
            None => Ok(()),
        })
        .and_then(|()| fs::rename(&half, &place));
    if done.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_file(&half);
    }
    done
}

/// A name that no other thread or process uses: `.page.html.unfinished-123-0`.
fn unfinished(name: &OsStr) -> OsString {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut half = beginning(name);
    half.push(format!("{}-{number}", std::process::id()));
    half
}

fn beginning(name: &OsStr) -> OsString {
    let mut half = OsString::from(".");
    half.push(name);
    half.push(UNFINISHED);
    half
}

/// Removes unfinished versions of this file whose processes are gone.
fn remove_unfinished(place: &Path, name: &OsStr) {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beginning = beginning(name);
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let left: Vec<PathBuf> = entries
        .filter(|entry| {
            let found = entry.file_name();
            let rest = found.as_encoded_bytes().strip_prefix(beginning.as_encoded_bytes());
            let rest = rest.and_then(|rest| std::str::from_utf8(rest).ok());
            let owner = rest.and_then(|rest| rest.split('-').next()?.parse().ok());
            owner.is_some_and(|owner| !is_alive(owner))
        })
        .map(|entry| entry.path())
        .collect();
    // A file that cannot be removed does no harm: it is hidden.
    left.iter().for_each(|path| drop(fs::remove_file(path)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_place_is_checked_without_leaving_anything_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures.csv");
        check_writable(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        fs::write(&path, "previous").unwrap();
        check_writable(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "previous");
        let refused = |path: &Path| check_writable(path).unwrap_err().to_string();
        assert!(refused(folder.path()).contains("it is a folder"));
        assert!(refused(&folder.path().join("none/a")).contains("there is no folder"));
        assert!(refused(Path::new("/proc/figures")).contains("no file can be made in /proc"));
    }

    #[test]
    fn a_file_that_cannot_be_finished_leaves_the_former_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        write(&path, "previous").unwrap();
        let full = |file: &mut File| {
            file.write_all(b"half")?;
            Err(ErrorKind::StorageFull.into())
        };
        assert!(written(&path, MODE, full).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "previous");
        assert_eq!(names(folder.path()), ["page"]);
    }

    #[test]
    fn unfinished_files_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        // No process has this number: they end at 4194304.
        fs::write(folder.path().join(".page.unfinished-4294967295-0"), "half").unwrap();
        fs::write(folder.path().join(".other.unfinished-4294967295-0"), "half").unwrap();
        write(&folder.path().join("page"), "whole").unwrap();
        assert_eq!(names(folder.path()), [".other.unfinished-4294967295-0", "page"]);
    }

    #[test]
    fn permissions_and_links_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("page"), folder.path().join("link"));
        write(&path, "1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("page", &link).unwrap();
        write(&link, "2").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "2");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        // The permissions of any new file.
        fs::write(folder.path().join("usual"), "").unwrap();
        write(&folder.path().join("new"), "").unwrap();
        let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("new"), mode("usual"));
    }

    #[test]
    fn a_device_is_written_to_and_text_is_added_to_a_file_of_others() {
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(write(Path::new("/dev/full"), "full").is_err());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary/of/a/job.md");
        append(&path, "one\n").unwrap();
        append(&path, "two\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }
}
