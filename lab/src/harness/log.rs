//! A log of the complaints of harness processes.

use anyhow::{Context, Result};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A file that processes append to.
#[derive(Debug)]
pub struct Log {
    /// Open for appending.
    pub file: File,
    /// Path of the file, for users.
    pub path: PathBuf,
}

impl Log {
    /// Opens a log, whose folder must exist.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn append_to(path: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file, path: path.to_owned() })
    }
}
