//! The `lab.toml` that the current folder belongs to.

use crate::harness::build::PACKAGE;
use crate::suite::FILE;
use crate::target::Target;
use crate::{files, say};
use anyhow::{Context, Error, Result, anyhow};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder beside `lab.toml` for everything that is generated.
const GENERATED: &str = ".lab";
/// File of limits and waivers beside `lab.toml`.
const LIMITS: &str = "gate.toml";

/// A `lab.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gate) struct Found {
    /// Its folder.
    pub(in crate::gate) folder: PathBuf,
}

impl Found {
    /// The file itself.
    pub(in crate::gate) fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The file of limits and waivers, which need not be there.
    pub(in crate::gate) fn limits(&self) -> PathBuf {
        self.folder.join(LIMITS)
    }

    /// The folder for everything that is generated: the one that was asked for, or `.lab` beside
    /// `lab.toml`.
    pub(in crate::gate) fn target(&self, asked: &Target) -> Target {
        if asked.is_default() { Target::at(&self.folder.join(GENERATED)) } else { asked.clone() }
    }

    /// Has git ignore the folder for everything that is generated, if it is the usual one. A folder
    /// that the user chose is the user's.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(in crate::gate) fn ignore(&self, target: &Target) -> Result<()> {
        let ignored = target.path().join(".gitignore");
        if target.path() != self.folder.join(GENERATED) || ignored.exists() {
            return Ok(());
        }
        files::write(&ignored, "# Made by `lab gate`. It may be removed at any time.\n*\n")
            .context("there is no room for results: name another folder by `--target FOLDER`")?;
        say!("{} is new: results, and both checkouts", target.path().display());
        Ok(())
    }
}

/// The nearest `lab.toml` of the current folder, or of one that it lies in, up to the root of its
/// repository.
pub(in crate::gate) fn find() -> Option<Found> {
    let here = env::current_dir().and_then(fs::canonicalize).ok()?;
    above(&here)
}

fn above(here: &Path) -> Option<Found> {
    for folder in here.ancestors() {
        if folder.join(FILE).is_file() {
            return Some(Found { folder: folder.to_owned() });
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Returns whether the current folder lies in a checkout of the runtime, whose workloads need no
/// `lab.toml`.
fn is_ours() -> bool {
    let manifest = fs::read_to_string(files::workspace().join("benches/Cargo.toml"));
    let manifest: Option<toml::Table> = manifest.ok().and_then(|text| text.parse().ok());
    let name = manifest.as_ref().and_then(|table| table.get("package")?.get("name")?.as_str());
    name == Some(PACKAGE)
}

/// The error of a folder that has neither a `lab.toml` nor the runtime; `None` if it has one.
pub(in crate::gate) fn missing() -> Option<Error> {
    if find().is_some() || is_ours() {
        return None;
    }
    let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    Some(anyhow!(
        "there is no {FILE} in {}, nor above it in its repository, so there is nothing to compare: \
         write one that says what to time, such as\n\n\
         [[command]]\n\
         name = \"sort\"\n\
         run = \"./sort data/numbers.txt\"\n\n\
         with a line such as `build = \"make\"` above it if it has to be built, and run `lab gate REV` \
         again: REV is the revision to compare with",
        here.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_counts_and_none_beyond_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("outer/root");
        let inner = root.join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir(root.join(".git")).unwrap();
        fs::write(root.join("../lab.toml"), "").unwrap();
        assert_eq!(above(&inner), None);
        fs::write(root.join("lab.toml"), "").unwrap();
        assert_eq!(above(&inner).unwrap().folder, root);
        fs::write(root.join("a/lab.toml"), "").unwrap();
        assert_eq!(above(&inner).unwrap().folder, root.join("a"));
    }
}
