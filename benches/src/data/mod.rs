//! The files that workloads read: generated ones, and a tree of sources.
//!
//! Figures of a warm file depend on how its pages lie in the page cache, and that on who wrote or
//! read it before. So no comparison reads the files of another, warm and cold files are others, and
//! a warm file is looked at before it is used ([`Data::warm`]).

pub(crate) mod pages;
mod warm;

pub use warm::{Pages, Warm};

use anyhow::{Context, Result, bail, ensure};
use simple_records::harness::SOURCES_LIST;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Start of the names of folders that are of use only while a process is at work; its number
/// follows.
const HIDDEN: &str = ".unfinished-";

/// The files that workloads read; they are made when they are first asked for, and stay.
#[derive(Debug, Clone)]
pub struct Data {
    folder: PathBuf,
}

impl Data {
    /// Files below `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Their folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of pseudo-random bytes of this length, in whatever state.
    pub fn generated(&self, len_bytes: u64) -> Result<PathBuf> {
        self.written_once(self.folder.join(format!("random-{len_bytes}")), len_bytes)
    }

    fn written_once(&self, path: PathBuf, len_bytes: u64) -> Result<PathBuf> {
        if fs::metadata(&path).is_ok_and(|file| file.len() == len_bytes) {
            return Ok(path);
        }
        self.write(&path, &random_bytes(len_bytes), usize::MAX)?;
        Ok(path)
    }

    /// Sources to read, from the list [`SOURCES_LIST`] in the folder. Both builds of a
    /// comparison read the same files.
    ///
    /// # Errors
    /// If there is no list, it is empty, or a file on it is gone.
    pub fn sources(&self) -> Result<Vec<PathBuf>> {
        let list = self.folder.join(SOURCES_LIST);
        let shown = list.display();
        let text = fs::read_to_string(&list).with_context(|| {
            format!("the list of sources {shown} is missing: `just bench` makes it")
        })?;
        let paths: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
        ensure!(
            !paths.is_empty(),
            "the list of sources {shown} is empty: `just bench` makes another"
        );
        if let Some(gone) = paths.iter().find(|path| !path.is_file()) {
            let gone = gone.display();
            bail!(
                "{gone}, on the list of sources {shown}, is gone: `just bench` makes another list"
            );
        }
        Ok(paths)
    }

    /// A hidden folder that goes when it is dropped, on the disk of the others, so that what is in
    /// it can be renamed. Those of processes that were killed go now.
    pub(crate) fn scratch(&self) -> Result<TempDir> {
        let shown = self.folder.display();
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create the folder {shown}"))?;
        remove_leftovers(&self.folder);
        tempfile::Builder::new()
            .prefix(&format!("{HIDDEN}{}-", std::process::id()))
            .tempdir_in(&self.folder)
            .with_context(|| format!("cannot create a folder in {shown}"))
    }

    /// Writes a file as a whole or not at all, down to the disk: a page that has yet to be
    /// written cannot leave the page cache.
    fn write(&self, path: &Path, bytes: &[u8], piece_bytes: usize) -> Result<()> {
        // An unfinished file goes with its folder, even after a failure.
        let scratch = self.scratch()?;
        let write = |unfinished: &Path| -> io::Result<()> {
            let mut file = File::create(unfinished)?;
            for piece in bytes.chunks(piece_bytes.max(1)) {
                file.write_all(piece)?;
            }
            file.sync_all()
        };
        let unfinished = scratch.path().join("unfinished");
        write(&unfinished)
            .and_then(|()| fs::rename(&unfinished, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Removes the hidden folders of processes that are gone.
fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(HIDDEN)) else { continue };
        let owner = rest.split('-').next().unwrap_or_default();
        if !Path::new("/proc").join(owner).is_dir() {
            // A leftover that cannot be removed does no harm: it is hidden.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The same for the same length, and of no use to a disk that would compress it.
fn random_bytes(len_bytes: u64) -> Vec<u8> {
    let mut bytes = vec![0; len_bytes as usize];
    fastrand::Rng::with_seed(len_bytes).fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn sources_are_those_of_the_list_and_all_of_them_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::new(folder.path().to_owned());
        let why = || data.sources().unwrap_err().to_string();
        assert!(why().contains("is missing: `just bench` makes it"), "{}", why());
        let list = folder.path().join(SOURCES_LIST);
        fs::write(&list, "").unwrap();
        assert!(why().contains("is empty"), "{}", why());
        let source = data.generated(3).unwrap();
        fs::write(&list, format!("{}\n", source.display())).unwrap();
        assert_eq!(data.sources().unwrap(), std::slice::from_ref(&source));
        fs::remove_file(source).unwrap();
        assert!(why().contains("random-3") && why().contains("is gone"), "{}", why());
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::new(folder.path().to_owned());
        // A folder is where the file should be.
        fs::create_dir(folder.path().join("random-8")).unwrap();
        assert!(data.generated(8).is_err());
        assert_eq!(names(folder.path()), ["random-8"]);
    }

    #[test]
    fn what_a_killed_process_left_unfinished_goes() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::new(folder.path().to_owned());
        // No process has this number: they end at 4194304.
        let left = folder.path().join(".unfinished-4294967295-x");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("unfinished"), "half").unwrap();
        let path = data.generated(16).unwrap();
        assert_eq!(fs::metadata(path).unwrap().len(), 16);
        assert_eq!(names(folder.path()), ["random-16"]);
    }
}
