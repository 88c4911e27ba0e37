//! The files that workloads read: generated ones, and real sources.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Real sources are taken up to this many bytes, so that an iteration stays short.
const CORPUS_BYTES: u64 = 4 << 20;

/// Where the files are kept; they are made when they are first asked for, and stay.
#[derive(Debug, Clone)]
pub struct Data {
    folder: PathBuf,
}

impl Data {
    /// Files below `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of pseudo-random bytes of this length.
    pub fn generated(&self, len_bytes: u64) -> Result<PathBuf> {
        let path = self.folder.join(format!("random-{len_bytes}"));
        if fs::metadata(&path).is_ok_and(|file| file.len() == len_bytes) {
            return Ok(path);
        }
        let mut bytes = vec![0; len_bytes as usize];
        fastrand::Rng::with_seed(len_bytes).fill(&mut bytes);
        self.write(&path, &bytes)?;
        Ok(path)
    }

    /// The Rust sources of the workspace's own dependencies, in order of their paths, up to
    /// a few MiB together.
    pub fn sources(&self) -> Result<Vec<PathBuf>> {
        let list = self.folder.join("sources.json");
        if let Ok(bytes) = fs::read(&list)
            && let Ok(paths) = serde_json::from_slice::<Vec<PathBuf>>(&bytes)
            && paths.iter().all(|path| path.is_file())
        {
            return Ok(paths);
        }
        let paths = find_sources()?;
        self.write(&list, &serde_json::to_vec(&paths)?)?;
        Ok(paths)
    }

    /// Writes a file as a whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create the folder {}", self.folder.display()))?;
        let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
        fs::write(&unfinished, bytes)
            .and_then(|()| fs::rename(&unfinished, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Asks cargo where the dependencies are; they have been fetched, for this was built.
fn find_sources() -> Result<Vec<PathBuf>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        // Of this platform's packages only: the others' have not been fetched.
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "host-tuple", "--manifest-path"])
        .arg(&manifest)
        .output()
        .context("cannot run `cargo metadata`: is cargo on the PATH?")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`cargo metadata --offline` failed: {said}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
    let mut folders: Vec<_> = packages
        .iter()
        .filter(|package| !package["source"].is_null())
        .filter_map(|package| {
            Some(Path::new(package["manifest_path"].as_str()?).parent()?.join("src"))
        })
        .collect();
    folders.sort();
    let mut paths = Vec::new();
    let mut left = CORPUS_BYTES;
    for folder in folders {
        collect(&folder, &mut left, &mut paths)?;
    }
    ensure!(!paths.is_empty(), "the dependencies have no sources on this machine");
    Ok(paths)
}

/// Adds the Rust files below `folder` while bytes are `left`.
fn collect(folder: &Path, left: &mut u64, paths: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut entries: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        let about =
            fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            collect(&path, left, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            match left.checked_sub(about.len()) {
                Some(rest) => *left = rest,
                None => return Ok(()),
            }
            paths.push(path);
        }
    }
    Ok(())
}
