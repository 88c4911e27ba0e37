//! The sources of a side in a folder, which stays between runs.

use super::large;
use super::sources::{Attributes, Part, Sources};
use crate::files;
use crate::harness::block::seed;
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// The folder of a side.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    /// Its path.
    pub(super) path: &'a Path,
    /// Beginning of the names of its indexes.
    pub(super) letter: &'a str,
}

impl Folder<'_> {
    /// Makes it hold these sources and nothing of others, and returns notes for readers. Files that
    /// are the same are not written; what a build made beside them stays.
    ///
    /// # Errors
    /// If a file cannot be written, or is kept elsewhere and not here.
    pub(super) fn fill(&self, sources: &Sources, side: &str) -> Result<Vec<String>> {
        self.remove_former_submodules(sources)?;
        let mut notes = Vec::new();
        for part in &sources.parts {
            let folder = self.path.join(&part.path);
            let index = self.index(part);
            self.clear_way(part)?;
            part.git.materialize_by(&index, &part.tree, &folder)?;
            if part.attributes == Attributes::Some {
                notes.extend(large::fill(part, &index, &folder, side)?);
            }
        }
        Ok(notes)
    }

    /// Removes links, and whatever else is no folder, where a part has folders: a build may have put
    /// them there. Behind a link lies something that is not ours.
    fn clear_way(&self, part: &Part) -> Result<()> {
        let mut path = self.path.to_owned();
        clear(&path)?;
        for component in part.path.components() {
            path.push(component);
            clear(&path)?;
        }
        // Each after the one that it lies in.
        for inner in part.git.folders(&part.tree)? {
            clear(&path.join(inner))?;
        }
        Ok(())
    }

    fn index(&self, part: &Part) -> String {
        match part.path.as_os_str().is_empty() {
            true => format!("{}.index", self.letter),
            false => format!("{}-{:016x}.index", self.letter, seed(&part.path.to_string_lossy())),
        }
    }

    /// Removes the folders of submodules that these sources do not have: git leaves them alone. Their
    /// list is beside the folder, each with a null byte behind it.
    fn remove_former_submodules(&self, sources: &Sources) -> Result<()> {
        let list = self.path.with_extension("submodules");
        let former = fs::read(&list).unwrap_or_default();
        let now: Vec<&PathBuf> = sources.parts.iter().skip(1).map(|part| &part.path).collect();
        for path in former.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            let path = Path::new(OsStr::from_bytes(path));
            if now.iter().any(|known| *known == path) {
                continue;
            }
            if let Way::Real(folder) = way(self.path, path) {
                remove(&folder)?;
            }
        }
        let text: Vec<u8> =
            now.iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect();
        if text == former { Ok(()) } else { files::write(&list, text) }
    }
}

/// The way to something below a folder.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Only folders lead to it, which is here.
    Real(PathBuf),
    /// It is not there, or behind a link.
    Blocked,
}

/// The way from `root` to `path`, which is below it.
fn way(root: &Path, path: &Path) -> Way {
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
    let mut reached = root.to_owned();
    for component in path.components() {
        if !is_folder(&reached) || !matches!(component, Component::Normal(_)) {
            return Way::Blocked;
        }
        reached.push(component);
    }
    Way::Real(reached)
}

/// Removes what is at `path`, unless it is a folder or nothing.
fn clear(path: &Path) -> Result<()> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
    if is_folder { Ok(()) } else { removed(fs::remove_file(path), path) }
}

/// Removes what is at `path`: a folder with all that is in it, or a link and nothing behind it.
fn remove(path: &Path) -> Result<()> {
    removed(fs::remove_dir_all(path), path)
}

/// The end of a removal of what need not be there.
fn removed(result: io::Result<()>, path: &Path) -> Result<()> {
    match result {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
