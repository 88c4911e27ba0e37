//! This checkout as it is, as a tree.

use super::{Git, Index, PATIENCE, say};
use crate::programs;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Files of the product's folder that go into a build, if they are there.
const FILES: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"];

impl Git {
    /// This checkout as it is: with changes that are not committed and new files, but without
    /// ignored ones. Beside the tree, whether it differs from that of its commit. Only what goes
    /// into a build is looked at; all else is as it was committed.
    pub fn checkout(&self) -> Result<(String, bool)> {
        let committed = self.tree("HEAD")?;
        let index = self.index("index", &self.root)?;
        let on_index = |arguments: &[&str]| {
            let mut command = self.git_on(index);
            command.args(arguments);
            command
        };
        say(on_index(&["read-tree", &committed]), &["read-tree", "HEAD"])?;
        let mut list =
            on_index(&["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]);
        list.args(self.built()?.iter().map(|path| format!(":(literal){path}")));
        let listed = programs::output_bytes(list, PATIENCE).context("git ls-files failed")?;
        let tree = self.staged(index, &listed)?;
        let differs = tree != committed;
        Ok((tree, differs))
    }

    /// The tree of an index after the files that `listed` names, each with a null byte behind it, were
    /// put in as they are.
    pub(super) fn staged(&self, index: Index<'_>, listed: &[u8]) -> Result<String> {
        let paths: BTreeSet<&[u8]> =
            listed.split(|byte| *byte == 0).filter(|path| self.is_source(path)).collect();
        let mut update = self.git_on(index);
        // A file that a sparse checkout lacks has not been removed.
        update.args(["update-index", "-z", "--add", "--remove", "--replace"]);
        update.args(["--ignore-skip-worktree-entries", "--stdin"]);
        let input: Vec<u8> = paths.iter().flat_map(|path| [*path, b"\0"].concat()).collect();
        programs::feed(&mut update, &input)?;
        say(update, &["update-index"])?;
        let mut write = self.git_on(index);
        write.arg("write-tree");
        say(write, &["write-tree"])
    }

    /// Sources of a build: the members of the workspace, and files beside them. Cargo reads
    /// the manifests of all members, also of those that it does not build.
    fn built(&self) -> Result<Vec<String>> {
        let manifest = self.root.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        Ok(FILES.iter().map(|file| (*file).to_owned()).chain(members(&text)?).collect())
    }

    /// Returns whether a path that git lists is that of a file to be built. Another repository, which
    /// git lists as a folder, is not, nor are generated things, nor what nobody may read.
    pub(super) fn is_source(&self, path: &&[u8]) -> bool {
        let is_file = !path.is_empty() && !path.ends_with(b"/");
        let path = Path::new(OsStr::from_bytes(path));
        let is_generated = self.generated.as_ref().is_some_and(|folder| path.starts_with(folder));
        is_file
            && !is_generated
            && !is_beyond_link(&self.root, path)
            && !is_closed(&self.root.join(path))
    }
}

/// The folders of a workspace's members. Patterns among them stand for their folder.
fn members(manifest: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().context("Cargo.toml cannot be read")?;
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(toml::Value::as_array).into_iter().flatten();
    let folder = |member: &str| {
        let plain: Vec<&str> =
            member.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
        plain.join("/")
    };
    let mut folders: Vec<String> = members
        .filter_map(toml::Value::as_str)
        .map(folder)
        .filter(|path| !path.is_empty())
        .collect();
    // What lies in another one is looked at with it.
    let all = folders.clone();
    folders.retain(|path| {
        !all.iter().any(|other| path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')))
    });
    Ok(folders)
}

/// Returns whether a folder on the way to a file is a link: then the link is the source.
fn is_beyond_link(root: &Path, path: &Path) -> bool {
    let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    let is_link = |folder: &Path| root.join(folder).is_symlink();
    folders.into_iter().any(is_link)
}

/// Returns whether a file may not be read.
fn is_closed(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    is_file && File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_looked_at_once() {
        let manifest = "[workspace]\nmembers = ['runtime', 'a', 'a/b', 'ab', 'tools/*']\n";
        assert_eq!(members(manifest).unwrap(), ["runtime", "a", "ab", "tools"]);
        assert!(members("[workspace").is_err());
    }
}
