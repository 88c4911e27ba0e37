//! The files that workloads read: generated ones, and real sources.

use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Real sources are taken up to this many bytes, so that an iteration stays short.
const CORPUS_BYTES: u64 = 12 << 20;

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
        self.write(&path, &random_bytes(len_bytes), usize::MAX)?;
        Ok(path)
    }

    /// A file as [`generated`](Self::generated), written anew in pieces of so many bytes: how
    /// its pages lie in the page cache depends on it.
    pub fn written_in_pieces(&self, len_bytes: u64, piece_bytes: usize) -> Result<PathBuf> {
        let path = self.folder.join(format!("random-{len_bytes}-in-pieces-of-{piece_bytes}"));
        // Gone first, so that no page of an earlier one stays in the cache.
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("cannot remove {}", path.display()));
        }
        self.write(&path, &random_bytes(len_bytes), piece_bytes)?;
        Ok(path)
    }

    /// The Rust sources of the workspace's own dependencies, in order of their paths, up to
    /// a few MiB together.
    pub fn sources(&self) -> Result<Vec<PathBuf>> {
        let list = self.folder.join(format!("sources-{CORPUS_BYTES}.json"));
        if let Ok(bytes) = fs::read(&list)
            && let Ok(paths) = serde_json::from_slice::<Vec<PathBuf>>(&bytes)
            && paths.iter().all(|path| path.is_file())
        {
            return Ok(paths);
        }
        let paths = find_sources()?;
        self.write(&list, &serde_json::to_vec(&paths)?, usize::MAX)?;
        Ok(paths)
    }

    /// Writes a file as a whole or not at all, down to the disk: a page that has yet to be
    /// written cannot leave the page cache.
    fn write(&self, path: &Path, bytes: &[u8], piece_bytes: usize) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create the folder {}", self.folder.display()))?;
        let write = |unfinished: &Path| -> io::Result<()> {
            let mut file = File::create(unfinished)?;
            for piece in bytes.chunks(piece_bytes.max(1)) {
                file.write_all(piece)?;
            }
            file.sync_all()
        };
        let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
        write(&unfinished)
            .and_then(|()| fs::rename(&unfinished, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The same for the same length, and of no use to a disk that would compress it.
fn random_bytes(len_bytes: u64) -> Vec<u8> {
    let mut bytes = vec![0; len_bytes as usize];
    fastrand::Rng::with_seed(len_bytes).fill(&mut bytes);
    bytes
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
