//! A machine whose cargo home holds only what a build fetched measures everything.

use crate::harness::harness;
use simple_records::harness::SOURCES_LIST;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workload that reads all sources on the list.
const READS_SOURCES: &str = "file/sources/std::fs::read/kept";

fn cargo_home() -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.unwrap_or_else(|| std::env::home_dir().unwrap().join(".cargo"))
}

/// Calls `visit` with the name of each entry of a folder, and its path.
fn each(folder: &Path, mut visit: impl FnMut(&str, &Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        visit(path.file_name().unwrap().to_str().unwrap(), &path);
    }
}

/// Makes `home` hold what cargo fetches for a build of the program, and nothing else. Returns
/// whether it could: where dependencies are vendored, nothing is fetched.
///
/// Nothing is downloaded: cargo unpacks packages from links to the archives that are there,
/// and stops before it compiles, because it gets no target folder. Archives that it left
/// alone are then taken away.
fn hold_only_what_is_fetched(home: &Path) -> bool {
    let (real, ours) = (cargo_home().join("registry"), home.join("registry"));
    if !real.join("cache").is_dir() {
        return false;
    }
    fs::create_dir_all(ours.join("src")).unwrap();
    symlink(real.join("index"), ours.join("index")).unwrap();
    each(&real.join("cache"), |registry, archives| {
        let links = ours.join("cache").join(registry);
        fs::create_dir_all(&links).unwrap();
        each(archives, |name, archive| symlink(archive, links.join(name)).unwrap());
    });
    let stopped = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--package=simple-benches", "--bin=simple-bench"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_HOME", home)
        .env("CARGO_TARGET_DIR", "/dev/null/none")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&stopped.stderr);
    assert!(said.contains("/dev/null"), "cargo stopped for another reason: {said}");
    let mut taken_away = 0;
    each(&ours.join("cache"), |registry, archives| {
        each(archives, |name, archive| {
            let unpacked = name.strip_suffix(".crate").unwrap_or(name);
            if !ours.join("src").join(registry).join(unpacked).is_dir() {
                fs::remove_file(archive).unwrap();
                taken_away += 1;
            }
        });
    });
    // The tests themselves were built, which needs more than the program does.
    assert!(taken_away > 0, "nothing was there that the program does not need");
    true
}

/// The list of sources that is made, with paths from the folder of a registry on.
fn sources(home: &Path, target: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["check", READS_SOURCES, "--program"])
        .arg(harness())
        .arg("--target")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_HOME", home)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let list = fs::read_to_string(target.join("bench-data").join(SOURCES_LIST)).unwrap();
    let below = |path: &str| path.split_once("/registry/src/").unwrap().1.to_owned();
    list.lines().map(below).collect()
}

#[test]
fn sources_are_the_same_where_only_the_build_was_fetched() {
    let (home, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if !hold_only_what_is_fetched(home.path()) {
        eprintln!("skipped: dependencies do not come from a registry");
        return;
    }
    let fresh = sources(home.path(), target.path());
    assert!(fresh.len() > 100, "{fresh:?}");
    let usual = tempfile::tempdir().unwrap();
    assert_eq!(fresh, sources(&cargo_home(), usual.path()));
}
