//! A repository as a whole: its checkout as it is, and the entries of its trees.

use super::{Git, PATIENCE, say};
use crate::programs;
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Most bytes of new files that are taken for sources. Each of them is stored and written out again.
const MOST_NEW_BYTES: u64 = 1 << 30;
/// Most new files that are taken for sources.
const MOST_NEW_FILES: usize = 100_000;

/// Something in a tree that is no ordinary file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the tree.
    pub path: PathBuf,
    /// Its kind.
    pub kind: Kind,
}

/// The kind of an [`Entry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A submodule, at this commit.
    Submodule(String),
    /// A file with attributes of files.
    Attributes,
}

impl Git {
    /// This checkout as it is, with all new files that are not ignored, as a tree. `index` names an
    /// index of ours. A submodule is in it by the commit that is checked out there.
    ///
    /// # Errors
    /// If there are too many new files, or git fails.
    pub fn everything(&self, index: &str) -> Result<String> {
        self.copy_index(index)?;
        let index = self.index(index, self.root())?;
        let list = |arguments: &[&str]| {
            let mut command = self.git_on(index);
            command.args(["ls-files", "-z"]).args(arguments);
            programs::output_bytes(command, PATIENCE).context("git ls-files failed")
        };
        let new = list(&["--others", "--exclude-standard"])?;
        let new: Vec<&[u8]> =
            new.split(|byte| *byte == 0).filter(|path| self.is_source(path)).collect();
        check_size(self.root(), &new)?;
        let mut listed = list(&["--cached"])?;
        check_types(self.root(), &listed)?;
        new.iter().for_each(|path| listed.extend_from_slice(&[*path, b"\0"].concat()));
        self.staged(index, &listed)
    }

    /// Files that are here and that git was told to take for unchanged, by `--assume-unchanged` or
    /// `--skip-worktree`: their changes are in no state of this checkout.
    ///
    /// # Errors
    /// If git fails.
    pub fn unwatched(&self) -> Result<Vec<PathBuf>> {
        let mut list = programs::git(self.root());
        list.args(["ls-files", "-z", "-v", "--cached"]);
        let printed = programs::output_bytes(list, PATIENCE).context("git ls-files failed")?;
        let marked = printed.split(|byte| *byte == 0).filter_map(|line| match line {
            [mark, b' ', name @ ..] if *mark == b'S' || mark.is_ascii_lowercase() => {
                Some(path(name))
            }
            _ => None,
        });
        Ok(marked.filter(|path| fs::symlink_metadata(self.root().join(path)).is_ok()).collect())
    }

    /// Makes an index of ours like that of the checkout, which knows what is unchanged and what a
    /// sparse checkout lacks.
    fn copy_index(&self, name: &str) -> Result<()> {
        let (from, to) = (self.repository.join("index"), self.folder.join(name));
        let copied = fs::copy(&from, &to).and_then(|_| {
            // Git looks again at files that are as new as their index.
            let modified = fs::metadata(&from)?.modified()?;
            File::options().write(true).open(&to)?.set_modified(modified)
        });
        match copied {
            // A checkout in which everything was removed has none.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut read = self.git_on(self.index(name, self.root())?);
                read.args(["read-tree", "HEAD"]);
                say(read, &["read-tree", "HEAD"]).map(drop)
            }
            other => other.with_context(|| format!("cannot copy {}", from.display())),
        }
    }

    /// Submodules, and files with attributes, in `tree` as a whole.
    ///
    /// # Errors
    /// If git fails.
    pub fn entries(&self, tree: &str) -> Result<Vec<Entry>> {
        let mut list = self.git();
        list.args(["ls-tree", "-r", "-z", "--full-tree", tree]);
        let printed = programs::output_bytes(list, PATIENCE).context("git ls-tree failed")?;
        Ok(printed.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// The files of a working tree that pass through a filter of git, with its name: those of
    /// `git lfs` pass through `lfs`. `index` is the one that the tree was written by.
    ///
    /// # Errors
    /// If git fails.
    pub fn filtered(&self, index: &str, work_tree: &Path) -> Result<Vec<(PathBuf, String)>> {
        let index = self.index(index, work_tree)?;
        let mut list = self.git_on(index);
        list.args(["ls-files", "-z", "--cached"]);
        let files = programs::output_bytes(list, PATIENCE).context("git ls-files failed")?;
        let mut ask = self.git_on(index);
        ask.args(["check-attr", "-z", "--cached", "--stdin", "filter"]);
        programs::feed(&mut ask, &files)?;
        let printed = programs::output_bytes(ask, PATIENCE).context("git check-attr failed")?;
        let fields: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
        // Path, attribute, value.
        let found = fields.chunks_exact(3).filter_map(|field| {
            let value = String::from_utf8_lossy(field[2]).into_owned();
            let is_set = !matches!(value.as_str(), "unspecified" | "unset" | "set");
            is_set.then(|| (path(field[0]), value))
        });
        Ok(found.collect())
    }

    /// The folder that all working trees of the repository share.
    ///
    /// # Errors
    /// If git fails.
    pub fn common_folder(&self) -> Result<PathBuf> {
        let printed = self.ask(&["rev-parse", "--git-common-dir"])?;
        Ok(self.root().join(printed))
    }

    /// Returns whether it has a commit, so that its files can be written.
    pub fn has_commit(&self, commit: &str) -> bool {
        self.ask(&["rev-parse", "--verify", "--quiet", &format!("{commit}^{{tree}}")]).is_ok()
    }
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// Reads a line of `git ls-tree`: `160000 commit 0123…<tab>path`.
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let about = std::str::from_utf8(&line[..tab]).ok()?;
    let path = path(&line[tab + 1..]);
    let mut words = about.split(' ');
    let kind = match (words.next()?, words.next()?, words.next()?) {
        ("160000", _, commit) => Kind::Submodule(commit.to_owned()),
        _ if path.file_name()? == ".gitattributes" => Kind::Attributes,
        _ => return None,
    };
    Some(Entry { path, kind })
}

/// Refuses what git cannot hold in the place of a file that it tracks.
fn check_types(root: &Path, tracked: &[u8]) -> Result<()> {
    for name in tracked.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let path = root.join(path(name));
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        let kind = about.file_type();
        ensure!(
            kind.is_file() || kind.is_dir() || kind.is_symlink(),
            "{} is neither a file nor a link, but a pipe, socket or device, which git cannot hold: \
             remove it, and `git checkout -- '{}'` brings the file back",
            path.display(),
            String::from_utf8_lossy(name)
        );
    }
    Ok(())
}

/// Refuses new files that are too many or too large to be sources.
fn check_size(root: &Path, new: &[&[u8]]) -> Result<()> {
    let size = |path: &&[u8]| -> io::Result<u64> {
        Ok(fs::symlink_metadata(root.join(OsStr::from_bytes(path)))?.len())
    };
    // A file that is gone meanwhile has no size.
    let sizes: Vec<u64> = new.iter().map(|path| size(path).unwrap_or(0)).collect();
    let bytes: u64 = sizes.iter().sum();
    if bytes <= MOST_NEW_BYTES && new.len() <= MOST_NEW_FILES {
        return Ok(());
    }
    let largest = new.iter().zip(&sizes).max_by_key(|(_, size)| **size);
    let largest =
        largest.map(|(name, size)| format!("{} with {} MiB", path(name).display(), size >> 20));
    bail!(
        "{} has {} files ({} MiB) that git neither tracks nor ignores, the largest is {}: they would \
         be taken for sources. Name what is not one in .gitignore, or in .git/info/exclude; at most \
         {MOST_NEW_FILES} files and {} MiB are taken",
        root.display(),
        new.len(),
        bytes >> 20,
        largest.unwrap_or_default(),
        MOST_NEW_BYTES >> 20
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_and_attributes_are_found_by_any_name() {
        let found = entry(b"160000 commit 0123abc\tin/a b\tc").unwrap();
        assert_eq!(found.path, Path::new("in/a b\tc"));
        assert_eq!(found.kind, Kind::Submodule("0123abc".to_owned()));
        let found = entry(b"100644 blob 0123abc\tin/.gitattributes").unwrap();
        assert_eq!(found.kind, Kind::Attributes);
        assert_eq!(entry(b"100644 blob 0123abc\tin/file"), None);
        assert_eq!(entry(b""), None);
    }

    #[test]
    fn a_huge_file_that_nobody_ignores_is_named() {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join("small")).unwrap();
        check_size(folder.path(), &[b"small", b"gone"]).unwrap();
        // It has holes, and takes no room.
        File::create(folder.path().join("huge")).unwrap().set_len(MOST_NEW_BYTES + 1).unwrap();
        let said = check_size(folder.path(), &[b"small", b"huge"]).unwrap_err().to_string();
        assert!(said.contains("huge with 1024 MiB") && said.contains(".gitignore"), "{said}");
        let many = vec![b"small".as_slice(); MOST_NEW_FILES + 1];
        assert!(check_size(folder.path(), &many).is_err());
    }
}
