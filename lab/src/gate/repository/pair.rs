//! Both sides of a comparison, written out and built.

use super::Found;
use super::build;
use super::changed;
use super::folder::Folder;
use super::sources::{Collector, Sources, State};
use crate::files::Lock;
use crate::harness::builds::cargo_files;
use crate::harness::git::Git;
use crate::suite::{FILE, Place, Suite};
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use simple_records::Build;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the side that is judged.
const HEAD: &str = "this checkout";

/// Both sides, ready to be measured.
#[derive(Debug)]
pub(in crate::gate) struct Sides {
    /// The revision that is compared with.
    pub(in crate::gate) base: Build,
    /// The checkout.
    pub(in crate::gate) head: Build,
    /// The place of processes of the base.
    pub(in crate::gate) base_place: Place,
    /// That of the null control: the same folder, with files of its own.
    pub(in crate::gate) null_place: Place,
    /// That of the head.
    pub(in crate::gate) head_place: Place,
    /// The `lab.toml`, as a path in the repository.
    pub(in crate::gate) file: String,
    /// Notes for readers, in sentences.
    pub(in crate::gate) notes: Vec<String>,
}

/// A side before it is written out.
#[derive(Debug)]
struct Plan {
    letter: &'static str,
    build: Build,
    sources: Sources,
    name: String,
}

/// Writes out both sides and builds them.
///
/// # Errors
/// If the revision is not here, sources cannot be had, or a side does not build.
pub(in crate::gate) fn prepare(
    found: &Found,
    suite: &Suite,
    revision: &str,
    target: &Target,
    lock: &Lock,
) -> Result<Sides> {
    let path = std::path::absolute(target.path())?;
    let git = || Git::around(&found.folder, &path, lock);
    let here = git()?;
    let inner = inner_folder(&here, found)?;
    let collector = |name, state| Collector { target: &path, lock, name, state };
    let commit = here.commit(revision)?;
    let base_tree = here.tree(&commit)?;
    let base = Plan {
        letter: "a",
        sources: collector(revision, State::Committed).collect(git()?, base_tree.clone())?,
        build: Build { name: revision.to_owned(), commit: Some(commit), ..Build::default() },
        name: revision.to_owned(),
    };
    let (tip, head_tree) = (here.commit("HEAD")?, here.everything("whole.index")?);
    let recorded = collector(HEAD, State::Committed).collect(git()?, here.tree(&tip)?);
    let sources = collector(HEAD, State::AsItIs).collect(git()?, head_tree.clone())?;
    // A commit of a submodule may be recorded that is not here: then it is not checked out either.
    let modified = recorded.map_or(true, |recorded| recorded.text() != sources.text());
    let head = Plan {
        letter: "b",
        build: Build { name: HEAD.to_owned(), commit: Some(tip), modified, key: String::new() },
        sources,
        name: HEAD.to_owned(),
    };
    let file = inner.join(FILE);
    let other_suite = other_suite(&base, &head, (&here, &base_tree, &head_tree), &file);
    let text = fs::read_to_string(found.file())?;
    let settings = Settings { suite, text, inner: &inner, other: other_suite.as_deref() };
    let mut notes = Vec::new();
    if base.sources.text() == head.sources.text() {
        notes.push(format!("{} and {} have the same sources", base.name, head.name));
    }
    notes.extend(other_suite.clone());
    notes.extend(empty(&base, &head)?);
    notes.extend(unwatched(&here)?);
    let folder = std::path::absolute(target.sides())?;
    let (base, base_place, base_notes) = ready(&here, &folder, &base, &settings)?;
    let (head, head_place, head_notes) = ready(&here, &folder, &head, &settings)?;
    notes.extend(base_notes.into_iter().chain(head_notes));
    let null_place = Place { scratch: scratch(&folder, "n")?, ..base_place.clone() };
    let file = file.display().to_string();
    Ok(Sides { base, head, base_place, null_place, head_place, file, notes })
}

/// All that goes into a side beside its sources.
#[derive(Debug)]
struct Settings<'a> {
    suite: &'a Suite,
    /// The text of `lab.toml`.
    text: String,
    /// Its folder in the repository.
    inner: &'a Path,
    /// The note that the base has another one.
    other: Option<&'a str>,
}

/// The folder of `lab.toml` in its repository.
fn inner_folder(git: &Git, found: &Found) -> Result<PathBuf> {
    let inner = found.folder.strip_prefix(git.root());
    Ok(inner
        .with_context(|| format!("{} is outside of its repository", found.folder.display()))?
        .into())
}

/// Writes out a side and builds it.
fn ready(
    git: &Git,
    folder: &Path,
    plan: &Plan,
    settings: &Settings<'_>,
) -> Result<(Build, Place, Vec<String>)> {
    let name = &plan.name;
    let side = folder.join(plan.letter);
    let filled = Folder { path: &side, letter: plan.letter }.fill(&plan.sources, name);
    let notes = filled.with_context(|| format!("the sources of {name} cannot be written out"))?;
    let inner = side.join(settings.inner);
    ensure!(
        inner.is_dir(),
        "{name} has no folder {}, in which {FILE} lies: there is nothing to compare",
        settings.inner.display()
    );
    let place = Place {
        folder: inner,
        scratch: scratch(folder, plan.letter)?,
        environment: environment(folder, &side),
        timeout: settings.suite.timeout,
    };
    if let Some(script) = &settings.suite.build {
        let log = side.with_extension("log");
        build::Build { script, place: &place, log: &log, side: name, note: settings.other }
            .run()?;
    }
    let mut key = git.hash(&format!("{}{}", plan.sources.text(), settings.text))?;
    key.truncate(16);
    changed::keep(folder, &key, &plan.sources)?;
    Ok((Build { key, ..plan.build.clone() }, place, notes))
}

/// Git finds no repository from the folder of a side, which lies below `ceiling`: it would be that of
/// the user. Cargo builds in the side, also where a file of the user's names a folder for everything.
fn environment(ceiling: &Path, side: &Path) -> Vec<(OsString, OsString)> {
    let mut environment = vec![("GIT_CEILING_DIRECTORIES".into(), ceiling.into())];
    let files = cargo_files(side).unwrap_or_default();
    let named = files.iter().find_map(|file| {
        let folder = file.table.get("build")?.get("target-dir")?.as_str()?;
        Some((file, folder))
    });
    if let Some((file, folder)) = named
        && (!file.path.starts_with(side) || Path::new(folder).is_absolute())
    {
        environment.push(("CARGO_TARGET_DIR".into(), side.join("target").into()));
    }
    environment
}

fn scratch(folder: &Path, letter: &str) -> Result<PathBuf> {
    let scratch = folder.join("scratch").join(letter);
    fs::create_dir_all(&scratch)
        .with_context(|| format!("cannot create the folder {}", scratch.display()))?;
    Ok(scratch)
}

/// The note that the base has another `lab.toml`, or none.
fn other_suite(
    base: &Plan,
    head: &Plan,
    (git, base_tree, head_tree): (&Git, &str, &str),
    file: &Path,
) -> Option<String> {
    let path = file.to_str()?;
    // The file may be a link.
    let (of_base, of_head) = (git.followed(base_tree, path), git.followed(head_tree, path));
    let how = if of_base.is_some() { "differs" } else { "is missing" };
    (of_base != of_head).then(|| {
        format!(
            "{path} of {} {how}: both sides are built and measured by that of {}",
            base.name, head.name
        )
    })
}

/// Notes on submodules that are not filled in.
///
/// # Errors
/// If one is filled in on the other side: then the sides differ by more than their sources.
fn empty(base: &Plan, head: &Plan) -> Result<Vec<String>> {
    let has =
        |plan: &Plan, path: &PathBuf| plan.sources.parts.iter().any(|part| part.path == *path);
    for (plan, other) in [(base, head), (head, base)] {
        let only = plan.sources.empty.iter().find(|path| has(other, path));
        ensure!(
            only.is_none(),
            "the submodule {} is not filled in for {}, but for {}: they cannot be compared. With {} \
             checked out, `git submodule update --init --recursive` brings it; then go back, and \
             compare again",
            only.unwrap_or(&PathBuf::new()).display(),
            plan.name,
            other.name,
            plan.name
        );
    }
    let mut all: Vec<&PathBuf> = base.sources.empty.iter().chain(&head.sources.empty).collect();
    all.sort_unstable();
    all.dedup();
    let note = |path: &PathBuf| {
        let of = |plan: &Plan| plan.sources.empty.contains(path);
        let place = match (of(base), of(head)) {
            (true, true) => "both builds".to_owned(),
            (true, false) => format!("the build of {}, the only one that has it", base.name),
            (false, _) => format!("the build of {}, the only one that has it", head.name),
        };
        let path = path.display();
        format!(
            "the submodule {path} is not filled in here, so it is empty in {place} (`git submodule \
             update --init {path}` fills it in)"
        )
    };
    Ok(all.into_iter().map(note).collect())
}

/// The note that changes of some files are left out.
fn unwatched(git: &Git) -> Result<Option<String>> {
    let files = git.unwatched()?;
    Ok(files.first().map(|first| {
        format!(
            "changes of files that are marked by --assume-unchanged or --skip-worktree are left out \
             ({}: {}{}); `git update-index --no-assume-unchanged --no-skip-worktree FILE` takes a \
             mark away",
            files.len(),
            first.display(),
            if files.len() > 1 { ", …" } else { "" }
        )
    }))
}
