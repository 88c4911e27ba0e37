//! The sources of a side: a tree of the repository, and one of each submodule.

use crate::files::Lock;
use crate::harness::block::seed;
use crate::harness::git::{Git, Kind};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The state of a repository that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A commit, with submodules as it recorded them.
    Committed,
    /// The checkout as it is, with submodules as they are.
    AsItIs,
}

/// The sources of a side.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The repository, then its submodules, each after the one that it lies in.
    pub(super) parts: Vec<Part>,
    /// Submodules that are not filled in here.
    pub(super) empty: Vec<PathBuf>,
}

/// A tree, and its place.
#[derive(Debug)]
pub(super) struct Part {
    /// Its folder in the side; empty for the repository itself.
    pub(super) path: PathBuf,
    /// The repository that has the tree.
    pub(super) git: Git,
    /// The tree.
    pub(super) tree: String,
    /// Files in it may pass through filters only if there are some.
    pub(super) attributes: Attributes,
}

/// Presence of attributes of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attributes {
    /// There are none.
    None,
    /// There are some, in the tree or beside it.
    Some,
}

/// Collects the sources of a side.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    /// The folder for everything that is generated.
    pub(super) target: &'a Path,
    /// Its lock.
    pub(super) lock: &'a Lock,
    /// The name of the side, for errors.
    pub(super) name: &'a str,
    /// The state that is taken.
    pub(super) state: State,
}

impl Sources {
    /// Text that is the same for the same sources.
    pub(super) fn text(&self) -> String {
        let line = |part: &Part| format!("{} {}\n", part.tree, part.path.display());
        self.parts.iter().map(line).collect()
    }
}

impl Collector<'_> {
    /// The sources of `tree` of a repository.
    ///
    /// # Errors
    /// If a commit of a submodule is not here.
    pub(super) fn collect(&self, git: Git, tree: String) -> Result<Sources> {
        let mut sources = Sources::default();
        self.add(git, tree, PathBuf::new(), &mut sources)?;
        Ok(sources)
    }

    fn add(&self, git: Git, tree: String, path: PathBuf, sources: &mut Sources) -> Result<()> {
        let entries = git.entries(&tree)?;
        let common = git.common_folder()?;
        let has_attributes = entries.iter().any(|entry| entry.kind == Kind::Attributes)
            || common.join("info/attributes").exists();
        let attributes = if has_attributes { Attributes::Some } else { Attributes::None };
        let names = git.submodule_names(&tree)?;
        let stores = [common.join("modules"), git.own_folder().join("modules")];
        let root = git.root().to_owned();
        sources.parts.push(Part { path: path.clone(), git, tree, attributes });
        for entry in entries {
            let Kind::Submodule(commit) = entry.kind else { continue };
            let whole = path.join(&entry.path);
            let name = names.get(&entry.path).map(PathBuf::from);
            let name = name.unwrap_or_else(|| entry.path.clone());
            let kept = stores.iter().map(|store| store.join(&name)).collect();
            let submodule =
                Submodule { path: whole.clone(), folder: root.join(&entry.path), kept, commit };
            match self.submodule(&submodule)? {
                Some((git, tree)) => self.add(git, tree, whole, sources)?,
                None => sources.empty.push(whole),
            }
        }
        Ok(())
    }

    /// The repository and the tree of a submodule; `None` if it is not filled in here.
    fn submodule(&self, submodule: &Submodule) -> Result<Option<(Git, String)>> {
        let Submodule { path, folder, kept, commit } = submodule;
        let is_filled = folder.join(".git").exists();
        if is_filled && self.state == State::AsItIs {
            let git = Git::of(folder, self.target, self.lock)?;
            let index = format!("whole-{:016x}.index", seed(&folder.to_string_lossy()));
            let tree = git.everything(&index)?;
            return Ok(Some((git, tree)));
        }
        // In the folder there may be another submodule than the commit has.
        let mut found = Vec::new();
        if is_filled {
            found.push(Git::of(folder, self.target, self.lock)?);
        }
        for repository in kept.iter().filter(|kept| kept.join("HEAD").is_file()) {
            found.push(Git::without_work_tree(repository, self.target, self.lock)?);
        }
        let Some(last) = found.last().map(|git| git.root().to_owned()) else { return Ok(None) };
        let Some(git) = found.into_iter().find(|git| git.has_commit(commit)) else {
            bail!(
                "{} has the submodule {} at commit {commit}, which is not here: `git -C '{}' fetch \
                 origin {commit}` brings it",
                self.name,
                path.display(),
                last.display()
            )
        };
        let tree = git.tree(commit).with_context(|| format!("submodule {}", path.display()))?;
        Ok(Some((git, tree)))
    }
}

/// A submodule, and the places where its repository may be.
#[derive(Debug)]
struct Submodule {
    /// Its path in the side.
    path: PathBuf,
    /// Its folder in the checkout.
    folder: PathBuf,
    /// Repositories of its name, whose folder may be gone.
    kept: Vec<PathBuf>,
    /// The commit that is recorded.
    commit: String,
}
