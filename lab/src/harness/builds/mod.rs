//! The two programs that are compared, built alike.
//!
//! Both are built in one folder, one after the other: the same sources, toolchain and flags make
//! the same program, bit for bit, because no path in it differs. Programs are kept by a key of
//! all that goes into them, so a revision is built once. Beside each is what it was linked from, to link it
//! again with its functions in other orders.

mod compile;
mod flags;
mod kept;
mod linker;
mod settings;

use crate::harness::Client;
use crate::harness::git::Git;
use crate::{files, programs, say};
use anyhow::{Context, Result};
pub use compile::built_by;
use compile::compile;
pub use kept::Kept;
#[cfg(test)]
pub(crate) use kept::tests::{linked, shuffles};
use settings::Settings;
pub use settings::files as cargo_files;
use simple_records::harness::{PROGRAM, SERVE};
use simple_records::{Build, Harness};
use std::fs;
use std::path::{Path, PathBuf};

/// Sources of the program besides the toolchain and the settings of cargo: its crates, and files that
/// belong to all crates.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain",
    "rust-toolchain.toml",
    "runtime",
    "benches",
    "records",
];

/// Sources of programs from before the conductor had the run: such a program conducted itself.
const FORMER_SOURCES: [&str; 3] = ["profiles", "reports", "lab"];
/// The conductor's run.
const RUN: &str = "lab/src/run";

/// Programs without their links, from before these were kept, are built again.
const KEEPS: &str = "with its link\n";

/// A program that measures.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its path.
    pub path: PathBuf,
    /// Its description.
    pub build: Build,
}

/// Both programs.
#[derive(Debug)]
pub struct Pair {
    /// The program that is compared with.
    pub base: Program,
    /// The program that is judged.
    pub head: Program,
    /// The harness that they have.
    pub harness: Harness,
    /// The base with its own harness, if that differs: it has the workloads that were removed.
    pub base_own: Option<Program>,
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
}

/// Builds programs in `folder`.
#[derive(Debug)]
pub struct Builder<'a> {
    /// Origin of the sources.
    pub git: &'a Git,
    /// Folder of everything that is built.
    pub folder: &'a Path,
    /// Features of the harness.
    pub features: &'a [&'a str],
    /// If set, the base is also built with its own harness, which has the workloads that were
    /// removed since.
    pub with_removed: bool,
}

impl Builder<'_> {
    /// This checkout and `revision`, under the harness of this checkout if that is possible.
    pub fn pair(&self, revision: &str) -> Result<Pair> {
        let commit = self.git.commit(revision)?;
        let own_tree = self.git.tree(&commit)?;
        let (head_tree, modified) = self.git.checkout()?;
        let base_tree = self.git.with_runtime_of(&head_tree, &own_tree)?;
        let head = Build {
            name: "this checkout".to_owned(),
            commit: Some(self.git.commit("HEAD")?),
            modified,
            key: String::new(),
        };
        let base =
            Build { name: revision.to_owned(), commit: Some(commit.clone()), ..Build::default() };
        let head = self.program(&head_tree, head).context("this checkout does not build")?;
        let differs = |path| self.git.object(&own_tree, path) != self.git.object(&head_tree, path);
        let mut notes = Vec::new();
        if differs("Cargo.lock") || differs("Cargo.toml") {
            notes.push(format!(
                "Cargo.lock or Cargo.toml of {revision} differ and are not part of the comparison: \
                 both builds have the dependencies and settings of this checkout"
            ));
        }
        match self.program(&base_tree, base.clone()) {
            Ok(program) => {
                let mut base_own = None;
                if self.with_removed && differs("benches") {
                    match self.program(&own_tree, base) {
                        Ok(program) => base_own = Some(program),
                        Err(error) => notes.push(format!(
                            "{revision} has no harness that can be asked ({error:#}): workloads \
                             that were removed since are not listed"
                        )),
                    }
                }
                Ok(Pair { base: program, head, harness: Harness::Same, base_own, notes })
            }
            Err(error) => {
                say!(
                    "the runtime of {revision} does not build under this checkout's harness \
                     ({error:#}): each gets its own"
                );
                let base = self.program(&own_tree, base).with_context(|| {
                    format!(
                        "{revision} cannot be compared: neither this checkout's harness nor its \
                         own can be used with its runtime"
                    )
                })?;
                notes.push(format!(
                    "the runtime of {revision} does not build under this checkout's harness: each \
                     build has its own, so a workload whose code changed is compared with its \
                     earlier code"
                ));
                Ok(Pair { base, head, harness: Harness::Own, base_own: None, notes })
            }
        }
    }

    /// The program of this checkout.
    pub fn checkout(&self) -> Result<Program> {
        let (tree, modified) = self.git.checkout()?;
        let commit = Some(self.git.commit("HEAD")?);
        let build =
            Build { name: "this checkout".to_owned(), commit, modified, key: String::new() };
        self.program(&tree, build).context("this checkout does not build")
    }

    /// The program of `tree`, built unless it exists.
    fn program(&self, tree: &str, build: Build) -> Result<Program> {
        let settings = Settings::of(self.git.root(), &self.source())?;
        let key = self.key(tree, &settings)?;
        let path = self.folder.join("bin").join(&key).join(PROGRAM);
        if !path.is_file() {
            say!("building {}", build.name);
            self.build(tree, &settings, &path)?;
        }
        Client::start(programs::measured(&path), None).with_context(|| {
            format!("the harness of {} is too old: it does not know `{SERVE}`", build.name)
        })?;
        Ok(Program { path, build: Build { key, ..build } })
    }

    fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    /// Identifies all that goes into a program.
    fn key(&self, tree: &str, settings: &Settings) -> Result<String> {
        let mut text = settings.text();
        let former: &[&str] =
            if self.git.object(tree, RUN).is_some() { &[] } else { &FORMER_SOURCES };
        for source in SOURCES.iter().chain(former) {
            let object = self.git.object(tree, source).unwrap_or_default();
            text += &format!("{source} {object}\n");
        }
        text += &format!("{:?} {}\n", settings.flags()?, self.features.join(","));
        text += KEEPS;
        let mut key = self.git.hash(&text)?;
        key.truncate(16);
        Ok(key)
    }

    fn build(&self, tree: &str, settings: &Settings, path: &Path) -> Result<()> {
        let source = self.source();
        self.git.materialize(tree, &source)?;
        // The settings of this checkout are those of both builds; cargo is told where they are.
        let settings_of_tree = source.join(".cargo");
        if settings_of_tree.exists() {
            fs::remove_dir_all(&settings_of_tree)
                .with_context(|| format!("cannot remove {}", settings_of_tree.display()))?;
        }
        let kept = self.folder.join("kept");
        let built = compile(&source, self.folder, &kept, self.features, settings)?;
        kept::put_beside(path, &kept, &built)?;
        // As a whole or not at all: an existing program is not built again.
        files::copy(&built, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The folders of the crates that a crate is built from, by what cargo says.
    fn built_from(name: &str, packages: &[serde_json::Value]) -> BTreeMap<String, PathBuf> {
        let mut found = BTreeMap::new();
        let mut names = vec![name.to_owned()];
        while let Some(name) = names.pop() {
            let package = packages.iter().find(|package| package["name"] == name.as_str()).unwrap();
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            if found.insert(name, manifest.parent().unwrap().to_owned()).is_some() {
                continue;
            }
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let ours = dependencies.filter(|one| one["path"].is_string() && one["kind"] != "dev");
            names.extend(ours.map(|one| one["name"].as_str().unwrap().to_owned()));
        }
        found
    }

    #[test]
    fn all_that_the_program_is_built_from_is_part_of_its_key() {
        let root = files::workspace_of(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut cargo = programs::cargo();
        cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
        cargo.current_dir(&root);
        let printed = programs::output(cargo, crate::harness::patience::ANSWER).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let crates = built_from("simple-benches", metadata["packages"].as_array().unwrap());
        assert!(crates.len() > 2 && !crates.contains_key("simple-lab"), "{crates:?}");
        for folder in crates.values() {
            let folder = folder.strip_prefix(&root).unwrap();
            let is_part = SOURCES.iter().any(|source| folder.starts_with(source));
            assert!(is_part, "{} is missing", folder.display());
        }
    }
}
