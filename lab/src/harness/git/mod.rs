//! Revisions, and the state of this checkout as a tree, by git.
//!
//! The checkout may be a folder of a larger repository; all trees are of that folder. Nothing is
//! written into the repository: states are made in an index and a folder of objects of our own,
//! to which the repository's objects are added for reading. Both belong to whoever holds the
//! lock of the folder, so a lock of git's that is found there was left by a git that was killed.

mod advice;
mod names;
mod staging;
#[cfg(test)]
mod tests;
mod whole;

use crate::files::{self, Lock};
use crate::programs::{self, Failed};
use anyhow::{Context, Result, anyhow};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use whole::{Entry, Kind};

/// More than git needs for any of this: beyond it, something hangs.
const PATIENCE: Duration = Duration::from_secs(600);

/// Settings of a filter, with values by which it does nothing.
const FILTERED: [(&str, &str); 4] =
    [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")];

/// The folder of the runtime, which is what is compared.
const RUNTIME: &str = "runtime";

/// The product's folder in a repository, and where generated things go.
#[derive(Debug)]
pub struct Git {
    /// The product's folder.
    root: PathBuf,
    /// The same as git has it in trees of the repository: empty, or with a slash at its end.
    prefix: String,
    /// The repository's own folder.
    repository: PathBuf,
    /// Its objects, which are only read.
    objects: PathBuf,
    /// Folder of our index and objects.
    folder: PathBuf,
    /// Generated things, if they lie in the product's folder.
    generated: Option<PathBuf>,
    /// Names of the filters that the repository sets up. They are commands, which may write into the
    /// repository or fetch over the network, and are not run.
    filters: Vec<String>,
}

/// An index of ours, and the working tree that it is of.
#[derive(Debug, Clone, Copy)]
struct Index<'a> {
    name: &'a str,
    work_tree: &'a Path,
}

impl Git {
    /// The repository that the current folder's workspace lies in; `target` is where generated
    /// things go. Whoever holds the lock of `target/gate` may use it.
    pub fn here(target: &Path, held: &Lock) -> Result<Self> {
        Self::of(&files::workspace(), target, held)
    }

    /// The same of the workspace in `root`.
    pub fn of(root: &Path, target: &Path, _held: &Lock) -> Result<Self> {
        let root =
            fs::canonicalize(root).with_context(|| format!("cannot find {}", root.display()))?;
        let ask = |argument: &[&str]| -> Result<OsString> {
            let mut command = programs::git(&root);
            command.arg("rev-parse").args(argument);
            let mut printed = programs::output_bytes(command, PATIENCE)?;
            // A line, but the path in it may have line breaks of its own.
            printed.pop_if(|last| *last == b'\n');
            Ok(OsString::from_vec(printed))
        };
        let repository = ask(&["--absolute-git-dir"])
            .context("git cannot use this checkout, so revisions cannot be compared")?;
        let prefix = ask(&["--show-prefix"])?.into_string();
        let objects = root.join(ask(&["--git-path", "objects"])?);
        let target = std::path::absolute(target)?;
        // The folder may be reached by a link; it need not be there yet.
        let target = fs::canonicalize(&target).unwrap_or(target);
        let folder = target.join("gate");
        fs::create_dir_all(folder.join("objects"))
            .with_context(|| format!("cannot create a folder in {}", folder.display()))?;
        Ok(Self {
            prefix: prefix.ok().context("the path of the checkout is not UTF-8")?,
            repository: repository.into(),
            objects,
            generated: target.strip_prefix(&root).ok().map(Path::to_owned),
            filters: filters(&root),
            folder,
            root,
        })
    }

    /// The repository that `folder` lies in, as a whole. Its states are made beside those of others
    /// in `target`.
    ///
    /// # Errors
    /// If `folder` lies in no repository, or git refuses it.
    pub fn around(folder: &Path, target: &Path, held: &Lock) -> Result<Self> {
        let mut command = programs::git(folder);
        command.args(["rev-parse", "--show-toplevel"]);
        let mut printed = programs::output_bytes(command, PATIENCE)
            .with_context(|| format!("git cannot use {}", folder.display()))?;
        printed.pop_if(|last| *last == b'\n');
        Self::of(Path::new(&OsString::from_vec(printed)), target, held)
    }

    /// A repository without a working tree, such as that of a submodule whose folder is gone. It has
    /// commits, but no state of a checkout.
    ///
    /// # Errors
    /// If there is none in `repository`.
    pub fn without_work_tree(repository: &Path, target: &Path, _held: &Lock) -> Result<Self> {
        let repository = fs::canonicalize(repository)
            .with_context(|| format!("cannot find {}", repository.display()))?;
        Ok(Self {
            root: repository.clone(),
            prefix: String::new(),
            objects: repository.join("objects"),
            folder: std::path::absolute(target)?.join("gate"),
            generated: None,
            filters: filters(&repository),
            repository,
        })
    }

    /// The product's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The repository's own folder. That of a linked working tree is not shared with others.
    pub fn own_folder(&self) -> &Path {
        &self.repository
    }

    /// Git with our objects beside those of the repository.
    fn git(&self) -> Command {
        let mut command = programs::git(&self.root);
        command
            .env("GIT_DIR", &self.repository)
            // That of a submodule names a folder that may be gone.
            .env("GIT_WORK_TREE", &self.root)
            .env("GIT_OBJECT_DIRECTORY", self.folder.join("objects"))
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(self.objects.as_os_str()))
            // Trees are needed as a whole, even if the user has a sparse checkout.
            .args(["-c", "core.sparseCheckout=false"]);
        for filter in &self.filters {
            for (setting, value) in FILTERED {
                command.arg("-c").arg(format!("filter.{filter}.{setting}={value}"));
            }
        }
        command
    }

    /// The same at work on an index of ours.
    fn git_on(&self, index: Index<'_>) -> Command {
        let mut command = self.git();
        command
            .env("GIT_WORK_TREE", index.work_tree)
            .env("GIT_INDEX_FILE", self.folder.join(index.name))
            .arg("-C")
            .arg(index.work_tree);
        command
    }

    /// An index of ours, without a lock that a killed git left on it.
    fn index<'a>(&self, name: &'a str, work_tree: &'a Path) -> Result<Index<'a>> {
        let lock = self.folder.join(format!("{name}.lock"));
        match fs::remove_file(&lock) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", lock.display()))
            }
            _ => Ok(Index { name, work_tree }),
        }
    }

    fn ask(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.git();
        command.args(arguments);
        say(command, arguments)
    }

    /// The commit that `revision` names.
    pub fn commit(&self, revision: &str) -> Result<String> {
        let name = format!("{revision}^{{commit}}");
        let found = self.ask(&["rev-parse", "--verify", "--end-of-options", &name]);
        found.map_err(|error| match error.is::<Failed>() {
            // Git's own words ("Needed a single revision") help nobody.
            true => anyhow!(self.advice(revision)),
            false => error,
        })
    }

    /// The product's folder in a commit, as a tree.
    pub fn tree(&self, commit: &str) -> Result<String> {
        let folder = self.prefix.trim_end_matches('/');
        let name = format!("{commit}:{folder}");
        self.ask(&["rev-parse", "--verify", "--end-of-options", &name])
            .with_context(|| format!("{commit} has no folder `{folder}`"))
    }

    /// The object at `path` in `tree`, if there is one.
    pub fn object(&self, tree: &str, path: &str) -> Option<String> {
        self.ask(&["rev-parse", "--verify", "--quiet", &format!("{tree}:{path}")]).ok()
    }

    /// `tree` with the runtime of the tree `other` in it.
    pub fn with_runtime_of(&self, tree: &str, other: &str) -> Result<String> {
        let runtime = self.object(other, RUNTIME).with_context(|| {
            format!("{other} has no folder `{RUNTIME}`: there is nothing to compare with")
        })?;
        let mut list = self.git();
        list.args(["ls-tree", "-z", tree]);
        let mut entries = Vec::new();
        for entry in programs::output_bytes(list, PATIENCE)?.split_inclusive(|byte| *byte == 0) {
            if !entry.ends_with(format!("\t{RUNTIME}\0").as_bytes()) {
                entries.extend_from_slice(entry);
            }
        }
        entries.extend_from_slice(format!("040000 tree {runtime}\t{RUNTIME}\0").as_bytes());
        let mut make = self.git();
        make.args(["mktree", "-z"]);
        programs::feed(&mut make, &entries)?;
        say(make, &["mktree"])
    }

    /// Makes `work_tree` a folder that holds `tree` and nothing of another one. Only files that
    /// differ are written, so that a build after it does no more than it must.
    pub fn materialize(&self, tree: &str, work_tree: &Path) -> Result<()> {
        self.materialize_by("source.index", tree, work_tree)
    }

    /// The same for one of several working trees, each of which has an index of its own, called
    /// `index`.
    pub fn materialize_by(&self, index: &str, tree: &str, work_tree: &Path) -> Result<()> {
        let write = || {
            fs::create_dir_all(work_tree)
                .with_context(|| format!("cannot create the folder {}", work_tree.display()))?;
            let mut command = self.git_on(self.index(index, work_tree)?);
            command.args(["read-tree", "--reset", "-u", tree]);
            say(command, &["read-tree", tree])
        };
        // Older versions had a working tree of the repository there.
        if !work_tree.join(".git").exists() && write().is_ok() {
            return Ok(());
        }
        // A killed git may have left an incomplete state.
        if work_tree.exists() {
            fs::remove_dir_all(work_tree)
                .with_context(|| format!("cannot remove {}", work_tree.display()))?;
        }
        let _ = fs::remove_file(self.folder.join(index));
        write().map(drop)
    }

    /// A name for `text`, the same for the same text.
    pub fn hash(&self, text: &str) -> Result<String> {
        let mut command = self.git();
        command.args(["hash-object", "--stdin"]);
        programs::feed(&mut command, text.as_bytes())?;
        say(command, &["hash-object"])
    }
}

/// The filters that the configuration of a repository sets up; none if git fails.
fn filters(folder: &Path) -> Vec<String> {
    let mut command = programs::git(folder);
    command.args(["config", "--null", "--name-only", "--get-regexp", r"^filter\."]);
    let printed = programs::output(command, PATIENCE).unwrap_or_default();
    let name = |key: &str| {
        let (name, _) = key.strip_prefix("filter.")?.rsplit_once('.')?;
        // An equals sign would end it in an option of git.
        (!name.contains('=')).then(|| name.to_owned())
    };
    let mut names: Vec<String> = printed.split('\0').filter_map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Returns the output of git; its own words if it fails.
fn say(command: Command, arguments: &[&str]) -> Result<String> {
    programs::output(command, PATIENCE)
        .with_context(|| format!("git {} failed", arguments.join(" ")))
}

/// A path in a list of them: git takes a colon for the end of one, unless it is quoted.
fn quoted(path: &OsStr) -> OsString {
    let mut bytes = vec![b'"'];
    for byte in path.as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            bytes.push(b'\\');
        }
        bytes.push(*byte);
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}
