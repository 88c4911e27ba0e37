//! A folder with a `lab.toml`, and what is asked of its suite.

use simple_lab::suite::{self, Place, Suite};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Time that no process of a test takes.
const LONG: Duration = Duration::from_secs(600);

/// A folder as a checkout has it, with a folder for files of adapters.
pub struct Checkout {
    folder: TempDir,
    scratch: TempDir,
    /// Time after which processes are killed.
    pub timeout: Duration,
    /// Variables for all processes.
    pub environment: Vec<(OsString, OsString)>,
}

impl Checkout {
    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let (folder, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let this = Self { folder, scratch, timeout: LONG, environment: Vec::new() };
        for (name, text) in files {
            let path = this.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        this
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn suite(&self) -> Suite {
        suite::read(&self.path().join(suite::FILE)).unwrap()
    }

    pub fn place(&self) -> Place {
        Place {
            folder: self.path().to_owned(),
            scratch: self.scratch.path().to_owned(),
            environment: self.environment.clone(),
            timeout: self.timeout,
        }
    }

    /// The names of all benchmarks of the first part.
    pub fn list(&self) -> Result<Vec<String>, String> {
        self.suite().parts[0].adapter.list(&self.place()).map_err(|error| format!("{error:#}"))
    }

    /// One turn of a benchmark of the first part, after warming up. The error is what a user sees.
    pub fn turn(&self, benchmark: &str) -> Result<suite::Timed, String> {
        let turn = || {
            let mut worker = self.suite().parts[0].adapter.start(&self.place(), benchmark)?;
            assert!(worker.warm_up(1_000_000)? > 0.0);
            worker.turn(2_000_000, 5)
        };
        turn().map_err(|error: anyhow::Error| format!("{error:#}"))
    }

    /// The files that adapters have left in their folder.
    pub fn left(&self) -> usize {
        fs::read_dir(self.scratch.path()).unwrap().count()
    }
}

/// Asserts that a turn has samples worth the name.
pub fn is_sound(timed: &suite::Timed, least: usize) {
    assert!(timed.totals_ns.len() >= least && timed.iterations >= 1, "{timed:?}");
    assert!(timed.totals_ns.iter().all(|ns| ns.is_finite() && *ns > 0.0), "{timed:?}");
}
