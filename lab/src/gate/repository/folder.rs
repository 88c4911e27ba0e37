//! The sources of a side in a folder, which stays between runs.

use super::large;
use super::sources::{Attributes, Part, Sources};
use crate::files;
use crate::harness::block::seed;
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

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
            part.git.materialize_by(&index, &part.tree, &folder)?;
            if part.attributes == Attributes::Some {
                notes.extend(large::fill(part, &index, &folder, side)?);
            }
        }
        Ok(notes)
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
            let folder = self.path.join(path);
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error)
                        .with_context(|| format!("cannot remove {}", folder.display()));
                }
                _ => {}
            }
        }
        let text: Vec<u8> =
            now.iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect();
        if text == former { Ok(()) } else { files::write(&list, text) }
    }
}
