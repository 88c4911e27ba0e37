//! The sources that workloads read: a generated tree, or one of the user's own.
//!
//! The generated tree is the same on every machine, so figures of two machines, or of two states
//! of `Cargo.lock`, are about the same files. The workloads that read it share it: readers of files
//! that are in the page cache leave them there as they are.

mod quantile;
mod text;
mod tree;

use crate::{files, say};
use anyhow::{Context, Result, ensure};
use simple_records::harness::SOURCES_LIST;
use std::fs;
use std::path::{Path, PathBuf};
use text::text;
use tree::tree;

/// The folder of the generated tree, in that of the data. The number is another one for another
/// tree.
const GENERATED: &str = "sources-1";

/// Most bytes of all sources of a user's tree together: an iteration must stay short.
const MOST_BYTES: u64 = 12 << 20;

/// Makes the list of sources in the folder `data`, where workloads look for it: those of `corpus`,
/// or without one those of the generated tree, which is made as well.
///
/// # Errors
/// If it cannot be written, or `corpus` has no files.
pub fn make_list(data: &Path, corpus: Option<&Path>) -> Result<()> {
    let paths = match corpus {
        Some(folder) => of_user(folder)?,
        None => generated(data)?,
    };
    let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let list = data.join(SOURCES_LIST);
    // Another process may be reading it.
    if fs::read(&list).is_ok_and(|is| is == lines.as_bytes()) {
        return Ok(());
    }
    files::write(&list, lines)
}

/// The absolute path of a user's tree, which has files.
///
/// # Errors
/// If it has none.
pub fn corpus(folder: &Path) -> Result<PathBuf> {
    let folder = std::path::absolute(folder)
        .with_context(|| format!("--corpus {}: there is no such folder", folder.display()))?;
    of_user(&folder)?;
    Ok(folder)
}

/// Makes the files of the generated tree that are not there, and names all of them.
fn generated(data: &Path) -> Result<Vec<PathBuf>> {
    let root = std::path::absolute(data)
        .with_context(|| format!("cannot find {}", data.display()))?
        .join(GENERATED);
    let make = |(seed, source): (u64, tree::Source)| {
        let path = root.join(source.path);
        let is_there = fs::metadata(&path).is_ok_and(|it| it.len() == source.len_bytes as u64);
        if !is_there {
            files::write(&path, text(source.len_bytes, seed))?;
        }
        Ok(path)
    };
    (0..).zip(tree()).map(make).collect()
}

/// Names the files of a user's tree, in the order of their paths.
fn of_user(folder: &Path) -> Result<Vec<PathBuf>> {
    let shown = folder.display();
    ensure!(folder.is_dir(), "--corpus {shown}: there is no such folder");
    let mut found = Found { left: MOST_BYTES, paths: Vec::new(), has_more: false };
    found.collect(folder).with_context(|| format!("--corpus {shown}"))?;
    ensure!(
        !found.paths.is_empty(),
        "--corpus {shown}: there is no file that workloads could read"
    );
    if found.has_more {
        let (count, most) = (found.paths.len(), MOST_BYTES >> 20);
        say!("note: of {shown}, {count} files are read: those that fit into {most} MiB");
    }
    Ok(found.paths)
}

struct Found {
    left: u64,
    paths: Vec<PathBuf>,
    has_more: bool,
}

impl Found {
    /// Adds the files below `folder`, but not hidden ones, such as those of git, and not what links
    /// lead to. An empty file says nothing, and a path that is not one line of text has no place in
    /// a list.
    fn collect(&mut self, folder: &Path) -> Result<()> {
        let entries =
            fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let Some(text) = path.to_str().filter(|text| !text.contains('\n')) else { continue };
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let about = entry.metadata().with_context(|| format!("cannot read {text}"))?;
            if about.is_dir() {
                self.collect(&path)?;
            } else if about.is_file() && about.len() > 0 {
                match self.left.checked_sub(about.len()) {
                    Some(rest) => {
                        self.left = rest;
                        self.paths.push(path);
                    }
                    None => self.has_more = true,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn listed(data: &Path) -> Vec<PathBuf> {
        let list = fs::read_to_string(data.join(SOURCES_LIST)).unwrap();
        list.lines().map(PathBuf::from).collect()
    }

    #[test]
    fn another_tree_has_another_name() {
        let mut digest = Sha256::new();
        for (seed, source) in (0..).zip(tree()) {
            digest.update(source.path.as_os_str().as_encoded_bytes());
            digest.update(text(source.len_bytes, seed));
        }
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((GENERATED, &digest[..16]), ("sources-1", "9def13d2c53cebce"));
    }

    #[test]
    fn what_is_missing_or_cut_off_is_made_again() {
        let data = tempfile::tempdir().unwrap();
        make_list(data.path(), None).unwrap();
        let paths = listed(data.path());
        let read = |path: &PathBuf| fs::read(path).unwrap();
        let (one, other) = (read(&paths[3]), read(&paths[4]));
        fs::remove_file(&paths[3]).unwrap();
        fs::write(&paths[4], "cut").unwrap();
        make_list(data.path(), None).unwrap();
        assert_eq!((read(&paths[3]), read(&paths[4])), (one, other));
        assert_eq!(listed(data.path()), paths);
    }

    #[test]
    fn a_tree_of_the_users_takes_the_place_of_the_generated_one() {
        let (data, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        make_list(data.path(), None).unwrap();
        let generated = listed(data.path());
        fs::create_dir_all(own.path().join("b/.git")).unwrap();
        for (name, text) in [("b/z.c", "z"), ("a.txt", "a"), ("b/.git/x", "x"), ("empty", "")] {
            fs::write(own.path().join(name), text).unwrap();
        }
        make_list(data.path(), Some(own.path())).unwrap();
        assert_eq!(listed(data.path()), ["a.txt", "b/z.c"].map(|name| own.path().join(name)));
        make_list(data.path(), None).unwrap();
        assert_eq!(listed(data.path()), generated);
    }

    #[test]
    fn a_tree_without_files_is_refused() {
        let own = tempfile::tempdir().unwrap();
        fs::create_dir(own.path().join("folder")).unwrap();
        fs::write(own.path().join(".hidden"), "text").unwrap();
        let why = corpus(own.path()).unwrap_err().to_string();
        assert!(why.starts_with("--corpus ") && why.contains("no file"), "{why}");
        let why = corpus(&own.path().join("nowhere")).unwrap_err().to_string();
        assert!(why.contains("no such folder"), "{why}");
    }
}
