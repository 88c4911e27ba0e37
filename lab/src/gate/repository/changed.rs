//! Files that changed since a comparison began, which cannot be resumed then.

use super::Found;
use super::sources::Sources;
use crate::files::{self, Lock};
use crate::harness::git::Git;
use crate::target::Target;
use anyhow::{Result, ensure};
use simple_records::{Build, Gate, LogFile};
use std::fs;
use std::path::{Path, PathBuf};

/// Most files that are named.
const SHOWN: usize = 5;

/// Keeps the trees of a side by its key, so that it is known later what changed. `folder` is that of
/// both sides.
///
/// # Errors
/// If they cannot be written.
pub(super) fn keep(folder: &Path, key: &str, sources: &Sources) -> Result<()> {
    files::write(&kept(folder, key), sources.text())
}

fn kept(folder: &Path, key: &str) -> PathBuf {
    folder.join("trees").join(key)
}

/// Refuses to resume the comparison in `record` if sources of the head have changed since, and names
/// them. Says nothing if they are not known: the keys of both still differ.
///
/// # Errors
/// If sources have changed.
pub(in crate::gate) fn check_unchanged(
    found: &Found,
    record: &Path,
    target: &Target,
    lock: &Lock,
    head: &Build,
) -> Result<()> {
    let before = Gate::read(record)?.start.head.key;
    let folder = std::path::absolute(target.sides())?;
    let text = |key: &str| fs::read_to_string(kept(&folder, key));
    let (Ok(old), Ok(new)) = (text(&before), text(&head.key)) else { return Ok(()) };
    let git = Git::around(&found.folder, &std::path::absolute(target.path())?, lock)?;
    let changed = changed(&git, &old, &new);
    let shown = changed[..changed.len().min(SHOWN)].join(", ");
    let more = match changed.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    ensure!(
        changed.is_empty(),
        "{} cannot be resumed, because sources of {} have changed since: {shown}{more}. Put them \
         back, or compare again without --resume. A file that is no source, such as output that is \
         redirected into the checkout, belongs elsewhere or into .gitignore",
        record.display(),
        head.name
    );
    Ok(())
}

/// The files that differ between two texts of sources, and submodules that do.
fn changed(git: &Git, old: &str, new: &str) -> Vec<String> {
    let parts = |text: &'_ str| -> Vec<(String, String)> {
        let pair = |line: &str| {
            line.split_once(' ').map(|(tree, path)| (path.to_owned(), tree.to_owned()))
        };
        text.lines().filter_map(pair).collect()
    };
    let (old, new) = (parts(old), parts(new));
    let tree = |parts: &[(String, String)], path: &str| {
        parts.iter().find(|part| part.0 == path).map(|part| part.1.clone())
    };
    let mut found = match (tree(&old, ""), tree(&new, "")) {
        (Some(old), Some(new)) if old != new => git.differing(&old, &new).unwrap_or_default(),
        _ => Vec::new(),
    };
    let submodules = old.iter().chain(&new).map(|part| part.0.clone());
    for path in submodules.filter(|path| !path.is_empty()) {
        if tree(&old, &path) != tree(&new, &path) && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}
