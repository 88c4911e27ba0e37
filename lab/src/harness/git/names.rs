//! Names in trees: folders, submodules, and what a link leads to.

use super::{Git, PATIENCE};
use crate::programs;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// File in which a tree names its submodules.
const SUBMODULES: &str = ".gitmodules";

impl Git {
    /// The folders of `tree`, and those of its submodules, each after the one that it lies in.
    ///
    /// # Errors
    /// If git fails.
    pub fn folders(&self, tree: &str) -> Result<Vec<PathBuf>> {
        let mut list = self.git();
        list.args(["ls-tree", "-r", "-d", "-z", "--name-only", "--full-tree", tree]);
        let printed = programs::output_bytes(list, PATIENCE).context("git ls-tree failed")?;
        let names = printed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
    }

    /// The names of the submodules of `tree`, by path. A submodule keeps its name where it is moved,
    /// and its repository is kept by it.
    ///
    /// # Errors
    /// If `.gitmodules` cannot be read.
    pub fn submodule_names(&self, tree: &str) -> Result<BTreeMap<PathBuf, String>> {
        if self.object(tree, SUBMODULES).is_none() {
            return Ok(BTreeMap::new());
        }
        let mut list = self.git();
        list.args(["config", "--null", "--blob", &format!("{tree}:{SUBMODULES}"), "--list"]);
        let printed = programs::output_bytes(list, PATIENCE)
            .with_context(|| format!("git cannot read {SUBMODULES}"))?;
        Ok(printed.split(|byte| *byte == 0).filter_map(named).collect())
    }

    /// The files that differ between two trees, for readers.
    ///
    /// # Errors
    /// If a tree is not here, or git fails.
    pub fn differing(&self, one: &str, other: &str) -> Result<Vec<String>> {
        let mut list = self.git();
        list.args(["diff-tree", "-r", "-z", "--name-only", "--no-renames", one, other]);
        let printed = programs::output_bytes(list, PATIENCE).context("git diff-tree failed")?;
        let names = printed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    /// The object at `path` in `tree`, or what a link there leads to: a text that is the same for the
    /// same contents. `None` if there is none.
    pub fn followed(&self, tree: &str, path: &str) -> Option<String> {
        let mut ask = self.git();
        ask.args(["cat-file", "--batch-check", "--follow-symlinks"]);
        programs::feed(&mut ask, format!("{tree}:{path}\n").as_bytes()).ok()?;
        let printed = programs::output_bytes(ask, PATIENCE).ok()?;
        let printed = String::from_utf8_lossy(&printed).trim_end().to_owned();
        (!printed.ends_with(" missing")).then_some(printed)
    }
}

/// Reads a setting: `submodule.NAME.path`, a line break, and the path.
fn named(setting: &[u8]) -> Option<(PathBuf, String)> {
    let end = setting.iter().position(|byte| *byte == b'\n')?;
    let key = std::str::from_utf8(&setting[..end]).ok()?;
    let name = key.strip_prefix("submodule.")?.strip_suffix(".path")?;
    // Git refuses a name that leads elsewhere.
    let leads_away = name.split('/').any(|part| part == "..") || name.starts_with('/');
    let path = PathBuf::from(OsStr::from_bytes(&setting[end + 1..]));
    (!leads_away).then(|| (path, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submodule_is_named_and_no_name_leads_elsewhere() {
        let of = |text: &str| named(text.as_bytes());
        assert_eq!(of("submodule.a.b c.path\nin/x y"), Some(("in/x y".into(), "a.b c".to_owned())));
        assert_eq!(of("submodule.a.url\nin"), None);
        assert_eq!(of("submodule.../../a.path\nin"), None);
        assert_eq!(of(""), None);
    }
}
