//! Real sources that workloads read: those of the packages that the harness is built from.
//!
//! Cargo fetches for a build what that build needs, and no more. So the list is made of what
//! `cargo tree` says of the harness on this platform: it is on every machine that could build the
//! harness, and the same for the same `Cargo.lock`. (`cargo metadata` looks at the whole workspace,
//! and fails where only a part of it was ever built.)

use super::patience::ANSWER;
use crate::console::interrupt::interrupted;
use crate::{files, programs, say};
use anyhow::{Context, Result, ensure};
use simple_records::harness::SOURCES_LIST;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Most bytes of all sources together: an iteration must stay short.
const MOST_BYTES: u64 = 12 << 20;

/// Makes the list of sources in the folder `data`, where workloads look for it. A list that is
/// there stays as long as all of its files do, so that both builds of a comparison read the same.
/// A machine on which it cannot be made does without, which is said.
pub fn make_list(data: &Path) {
    let list = data.join(SOURCES_LIST);
    if is_whole(&list) {
        return;
    }
    let written = find().and_then(|paths| {
        let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
        fs::create_dir_all(data)
            .with_context(|| format!("cannot create the folder {}", data.display()))?;
        files::write(&list, lines)
    });
    // A cargo that an interrupt ended has not failed.
    if let Err(error) = written
        && interrupted().is_none()
    {
        say!("note: workloads that read sources have none: {error:#}");
    }
}

/// Returns whether a list is there with all of its files.
fn is_whole(list: &Path) -> bool {
    let text = fs::read_to_string(list).unwrap_or_default();
    !text.is_empty() && text.lines().all(|path| Path::new(path).is_file())
}

/// Finds the Rust files of the dependencies, in order of their packages and paths.
fn find() -> Result<Vec<PathBuf>> {
    let mut left = MOST_BYTES;
    let mut paths = Vec::new();
    for folder in folders(&dependencies()?)? {
        collect(&folder.join("src"), &mut left, &mut paths)?;
    }
    ensure!(!paths.is_empty(), "the dependencies have no sources on this machine");
    Ok(paths)
}

/// Names the packages of registries that the harness is built from: `anyhow-1.0.104`.
fn dependencies() -> Result<BTreeSet<String>> {
    let tree = ask_cargo(&[
        "tree",
        "--package=simple-benches",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p}",
    ])?;
    Ok(tree.lines().filter_map(package).collect())
}

/// The folder name of a line such as `syn v3.0.10 (*)`; none for a package that has a path.
fn package(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let is_of_registry = words.all(|word| matches!(word, "(*)" | "(proc-macro)"));
    is_of_registry.then(|| format!("{name}-{version}"))
}

/// The folder of each package.
fn folders(packages: &BTreeSet<String>) -> Result<Vec<PathBuf>> {
    let registries = registries();
    let unpacked = |package: &String| {
        registries.iter().map(|registry| registry.join(package)).find(|folder| folder.is_dir())
    };
    let found: Vec<_> = packages.iter().filter_map(unpacked).collect();
    if found.len() == packages.len() {
        return Ok(found);
    }
    // Vendored, so all of them are there, and cargo can say where.
    let vendored = vendored().context("the sources of the dependencies are not unpacked")?;
    let folder = |package: &String| {
        let found = unpacked(package).or_else(|| vendored.get(package).cloned());
        found.with_context(|| format!("the sources of {package} are not on this machine"))
    };
    packages.iter().map(folder).collect()
}

/// The folders below which cargo unpacks packages, one for each registry.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else {
        return Vec::new();
    };
    let entries = fs::read_dir(home.join("registry/src")).into_iter().flatten();
    let mut folders: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    folders
}

/// The folders of all packages of the workspace.
fn vendored() -> Result<BTreeMap<String, PathBuf>> {
    let platform = "--filter-platform=host-tuple";
    let said = ask_cargo(&["metadata", "--format-version=1", platform])?;
    let metadata: serde_json::Value = serde_json::from_str(&said)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
    let folder = |package: &serde_json::Value| {
        let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        Some((format!("{name}-{version}"), folder.to_owned()))
    };
    Ok(packages.iter().filter_map(folder).collect())
}

/// Runs cargo on this workspace, without the network, and returns what it prints.
fn ask_cargo(arguments: &[&str]) -> Result<String> {
    let mut command = programs::cargo();
    command
        .args(arguments)
        .args(["--offline", "--color=never", "--manifest-path"])
        .arg(files::workspace().join("Cargo.toml"));
    programs::output(command, ANSWER)
        .with_context(|| format!("`cargo {} --offline` failed", arguments[0]))
}

/// Adds the Rust files below `folder` while bytes are `left`. A path that is not text has no place
/// in a list.
fn collect(folder: &Path, left: &mut u64, paths: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut entries: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        let about =
            fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            collect(&path, left, paths)?;
        } else if path.to_str().is_some_and(|path| path.ends_with(".rs")) {
            match left.checked_sub(about.len()) {
                Some(rest) => *left = rest,
                None => return Ok(()),
            }
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn packages_of_registries_alone_are_named() {
        assert_eq!(package("anyhow v1.0.104").as_deref(), Some("anyhow-1.0.104"));
        assert_eq!(
            package("serde_derive v1.0.1 (proc-macro)").as_deref(),
            Some("serde_derive-1.0.1")
        );
        assert_eq!(package("libc v0.2.191 (*)").as_deref(), Some("libc-0.2.191"));
        assert_eq!(package("simple-runtime v0.1.0 (/a folder/runtime)"), None);
        assert_eq!(package(""), None);
    }
}
