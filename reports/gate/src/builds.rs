//! The two programs that are compared, built alike.
//!
//! Both are built in one folder, one after the other: the same sources, toolchain and flags make
//! the same program, bit for bit, because no path in it differs. Programs are kept by a key of
//! all that goes into them, so a revision is built once.

use crate::git::Git;
use anyhow::{Context, Result, ensure};
use simple_records::{Build, Harness};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Functions begin on a cache line, in both builds: a change in one place otherwise moves
/// everything behind it, and code that did not change gets faster or slower by that.
const FLAGS: &str = "-C llvm-args=-align-all-functions=6";

/// What goes into the program, beside the toolchain.
const SOURCES: [&str; 5] = ["Cargo.toml", "Cargo.lock", "runtime", "benches", "reports/records"];

/// A program that measures.
#[derive(Debug, Clone)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub build: Build,
}

/// Both programs.
#[derive(Debug)]
pub struct Pair {
    /// What is compared with.
    pub base: Program,
    /// What is judged.
    pub head: Program,
    /// Whose harness they have.
    pub harness: Harness,
    /// The base with its own harness, if that differs: it has the workloads that were removed.
    pub base_own: Option<Program>,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// Builds programs in `folder`.
#[derive(Debug)]
pub struct Builder<'a> {
    /// Where the sources come from.
    pub git: &'a Git,
    /// Where everything goes.
    pub folder: &'a Path,
    /// Features of the harness.
    pub features: &'a [&'a str],
    /// Whether the base is also built with its own harness, which has the workloads that were
    /// removed since.
    pub with_removed: bool,
}

impl Builder<'_> {
    /// This checkout and `revision`, under the harness of this checkout if that is possible.
    pub fn pair(&self, revision: &str) -> Result<Pair> {
        let commit = self.git.commit(revision)?;
        let (head_tree, modified) = self.git.checkout()?;
        let base_tree = self.git.with_runtime_of(&head_tree, &commit)?;
        let head = Build {
            name: "this checkout".to_owned(),
            commit: Some(self.git.commit("HEAD")?),
            modified,
            key: String::new(),
        };
        let base =
            Build { name: revision.to_owned(), commit: Some(commit.clone()), ..Build::default() };
        let head = self.program(&head_tree, head).context("this checkout does not build")?;
        let differs =
            |path| self.git.object(&commit, path).ok() != self.git.object(&head_tree, path).ok();
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
                    base_own = self.program(&commit, base).ok();
                    if base_own.is_none() {
                        notes.push(format!(
                            "{revision} has no harness that can be asked: workloads that were \
                             removed since are not listed"
                        ));
                    }
                }
                Ok(Pair { base: program, head, harness: Harness::Same, base_own, notes })
            }
            Err(error) => {
                eprintln!(
                    "the runtime of {revision} does not build under this checkout's harness \
                     ({error:#}): each gets its own"
                );
                let base = self.program(&commit, base).with_context(|| {
                    format!("{revision} does not build, neither under this harness nor its own")
                })?;
                notes.push(format!(
                    "the runtime of {revision} does not build under this checkout's harness: each \
                     build has its own, so a workload whose code changed is compared with what it \
                     was"
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

    /// The program of `tree`, built unless it is there.
    fn program(&self, tree: &str, build: Build) -> Result<Program> {
        let key = self.key(tree)?;
        let path = self.folder.join("bin").join(&key).join("simple-bench");
        if !path.is_file() {
            eprintln!("building {}", build.name);
            self.build(tree, &path)?;
        }
        ensure!(
            Command::new(&path).args(["candidates", "--help"]).output()?.status.success(),
            "its harness is from before the gate: it cannot take turns with another build"
        );
        Ok(Program { path, build: Build { key, ..build } })
    }

    fn key(&self, tree: &str) -> Result<String> {
        let rustc = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
        let mut text = String::from_utf8(rustc.stdout)?;
        for source in SOURCES {
            text += &format!("{source} {}\n", self.git.object(tree, source)?);
        }
        text += &format!("{} {}\n", flags(), self.features.join(","));
        text += &settings_of_cargo();
        let mut key = self.git.hash(&text)?;
        key.truncate(16);
        Ok(key)
    }

    fn build(&self, tree: &str, path: &Path) -> Result<()> {
        let (source, target) = (self.folder.join("source"), self.folder.join("build"));
        self.git.materialize(tree, &source)?;
        let built = target.join("release/simple-bench");
        // What is there may be of other sources, if cargo were to build elsewhere.
        if let Err(error) = fs::remove_file(&built)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("cannot remove {}", built.display()));
        }
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "build",
                "--locked",
                "--release",
                "-p",
                "simple-benches",
                "--bin",
                "simple-bench",
            ])
            .args(["--features", &self.features.join(",")])
            .current_dir(&source)
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", flags())
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .status()
            .context("cannot start cargo")?;
        ensure!(status.success(), "cargo build ended with {status}");
        let folder = path.parent().context("a program lies in a folder")?;
        fs::create_dir_all(folder)?;
        // As a whole or not at all: a program that is there is not built again.
        let half = folder.join("unfinished");
        fs::copy(&built, &half)
            .and_then(|_| fs::rename(&half, path))
            .with_context(|| format!("cannot keep {}", path.display()))
    }
}

/// What else decides what cargo builds: its variables, those of the compilers, and its file in
/// the home folder.
fn settings_of_cargo() -> String {
    const PREFIXES: [&str; 3] = ["CARGO_PROFILE_", "CARGO_BUILD_", "RUSTC"];
    const NAMES: [&str; 4] = ["CC", "CFLAGS", "AR", "LDFLAGS"];
    let decides = |name: &str| {
        PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| decides(name))?;
        Some(format!("{name}={value:?}\n"))
    });
    let mut variables: Vec<String> = variables.collect();
    variables.sort_unstable();
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let file = home.and_then(|home| fs::read_to_string(home.join("config.toml")).ok());
    variables.concat() + &file.unwrap_or_default()
}

/// Flags of the caller, and ours.
fn flags() -> String {
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    format!("{given} {FLAGS}").trim().to_owned()
}
