//! Files that git keeps elsewhere, or changed by a filter.
//!
//! Filters are commands of the user, and one of them fetches files over the network: none is run here.
//! Files of git-lfs are taken from the repository's own store; others are named.

use super::sources::Part;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The filter of git-lfs.
const LFS: &str = "lfs";
/// First line of a file in the place of one that git-lfs keeps.
const POINTER: &str = "version https://git-lfs.github.com/spec/";
/// Most bytes of such a file, by the specification of git-lfs.
const MOST_POINTER_BYTES: u64 = 1024;

/// Fills in the files of a part that git-lfs keeps, and returns notes on other filters. `index` is the
/// index that `folder` was written by; `side` names the side.
///
/// # Errors
/// If a file is not in the repository's store.
pub(super) fn fill(part: &Part, index: &str, folder: &Path, side: &str) -> Result<Vec<String>> {
    let mut filters: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, filter) in part.git.filtered(index, folder)? {
        filters.entry(filter).or_default().push(path);
    }
    let mut notes = Vec::new();
    if let Some(files) = filters.remove(LFS) {
        notes.extend(fill_large(part, folder, &files, side)?);
    }
    for (filter, files) in filters {
        notes.push(format!(
            "{} of {side}: the filter `{filter}` of git is not run, so the build sees what git keeps",
            several(&files)
        ));
    }
    Ok(notes)
}

/// `a/b`, or `a/b and 2 more files`.
fn several(files: &[PathBuf]) -> String {
    let first = files.first().map(|path| path.display().to_string()).unwrap_or_default();
    match files.len() {
        0 | 1 => first,
        2 => format!("{first} and 1 more file"),
        all => format!("{first} and {} more files", all - 1),
    }
}

fn fill_large(part: &Part, folder: &Path, files: &[PathBuf], side: &str) -> Result<Option<String>> {
    let store = part.git.common_folder()?.join("lfs/objects");
    let root = part.git.root();
    let (mut left, mut missing) = (Vec::new(), Vec::new());
    for path in files {
        let Some(name) = pointer(&folder.join(path)) else { continue };
        let kept = store.join(&name[..2]).join(&name[2..4]).join(&name);
        if kept.is_file() {
            put(&kept, &folder.join(path))?;
        } else if pointer(&root.join(path)).is_some() {
            left.push(path.clone());
        } else {
            missing.push(path.clone());
        }
    }
    if !missing.is_empty() {
        bail!(
            "{} of {side}: git-lfs keeps the contents elsewhere, and they are not here: `git -C '{}' lfs \
             fetch origin {side}` brings them",
            several(&missing),
            root.display()
        );
    }
    Ok((!left.is_empty()).then(|| {
        format!(
            "{} of {side}: git-lfs keeps the contents elsewhere, and they were never fetched: the build \
             sees pointers (`git lfs pull` brings the contents)",
            several(&left)
        )
    }))
}

/// The name of the contents that a pointer leads to; `None` if the file is no pointer.
fn pointer(path: &Path) -> Option<String> {
    let about = fs::symlink_metadata(path).ok()?;
    if !about.is_file() || about.len() > MOST_POINTER_BYTES {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MOST_POINTER_BYTES).read_to_string(&mut text).ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("oid sha256:"))?;
    let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (text.starts_with(POINTER) && is_name).then(|| name.to_owned())
}

/// Puts contents in the place of a pointer. The time of the file is that of the contents: a build sees
/// no change where there is none.
fn put(kept: &Path, path: &Path) -> Result<()> {
    let copy = || {
        let mode = fs::metadata(path)?.permissions();
        fs::copy(kept, path)?;
        fs::set_permissions(path, mode)?;
        File::options().write(true).open(path)?.set_modified(fs::metadata(kept)?.modified()?)
    };
    copy().with_context(|| format!("cannot copy {} to {}", kept.display(), path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_names_its_contents_and_nothing_else_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let of = |text: &str| {
            fs::write(&path, text).unwrap();
            pointer(&path)
        };
        let name = "0123456789abcdef".repeat(4);
        let text = format!("{POINTER}v1\noid sha256:{name}\nsize 12345\n");
        assert_eq!(of(&text), Some(name.clone()));
        assert_eq!(of(&text.replace(&name, "../../../etc")), None);
        assert_eq!(of(&text.replace("version", "Version")), None);
        assert_eq!(of(&(text + &" ".repeat(2000))), None);
    }
}
