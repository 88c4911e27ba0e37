//! Programs that are built when a test runs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A program in a directory of its own, which is removed with it.
pub struct Program {
    pub path: PathBuf,
    _directory: tempfile::TempDir,
}

/// Builds a program of one file, optimised, with this much debug information.
pub fn build(source: &str, debug: &str) -> Program {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tiny.rs");
    fs::write(&file, source).unwrap();
    let path = directory.path().join("tiny (built)");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition=2024", "-Copt-level=3", "--crate-name=tiny"])
        .arg(format!("-Cdebuginfo={debug}"))
        .arg("-o")
        .args([&path, &file])
        .status()
        .unwrap();
    assert!(status.success());
    Program { path, _directory: directory }
}
