//! The folder for everything that is generated, and the names of all that lies below it.

use crate::files;
use clap::Args;
use std::env;
use std::path::{Path, PathBuf};

/// A file that cargo leaves in every folder that it builds in.
const MARK: &str = "CACHEDIR.TAG";

/// The folder for everything that is generated.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// Folder for everything that is generated; by default the one that cargo builds in, and for the
    /// benchmarks of a lab.toml `.lab` beside it.
    #[arg(id = "target", long = "target", value_name = "FOLDER", default_value_os_t = default())]
    folder: PathBuf,
}

impl Target {
    /// The folder at `path`.
    pub fn at(path: &Path) -> Self {
        Self { folder: path.to_owned() }
    }

    /// Returns whether it is the folder that is taken if none is named.
    pub fn is_default(&self) -> bool {
        self.folder == default()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Records of runs.
    pub fn records(&self) -> PathBuf {
        self.folder.join("records")
    }

    /// Records of comparisons, and the builds and the log that belong to them.
    pub fn gate(&self) -> PathBuf {
        self.folder.join("gate")
    }

    /// Checkouts of both sides of a comparison of anybody's repository.
    pub fn sides(&self) -> PathBuf {
        self.gate().join("sides")
    }

    /// Complaints of processes that are compared.
    pub fn gate_log(&self) -> PathBuf {
        self.gate().join("workers.log")
    }

    /// Records of `lab compare` and `lab tune`.
    pub fn compare(&self) -> PathBuf {
        self.folder.join("compare")
    }

    /// Records of calibrations.
    pub fn calibration(&self) -> PathBuf {
        self.folder.join("calibration")
    }

    /// Records of the comparisons that a calibration makes.
    pub fn trials(&self) -> PathBuf {
        self.calibration().join("trials")
    }

    /// Profiles, one folder per workload.
    pub fn profiles(&self) -> PathBuf {
        self.folder.join("profiles")
    }

    /// Differences of profiles, one folder per workload.
    pub fn differences(&self) -> PathBuf {
        self.profiles().join("diff")
    }

    /// The report of the newest run.
    pub fn report(&self) -> PathBuf {
        self.folder.join("report")
    }

    /// The page of the newest comparison.
    pub fn gate_page(&self) -> PathBuf {
        self.report().join("gate.html")
    }

    /// Files that workloads read.
    pub fn data(&self) -> PathBuf {
        self.folder.join("bench-data")
    }

    /// External tools that are installed for us.
    pub fn tools(&self) -> PathBuf {
        self.folder.join("tools")
    }

    /// Files of iai-callgrind.
    pub fn iai(&self) -> PathBuf {
        self.folder.join("iai")
    }
}

/// Returns the folder that cargo builds in: the one that the environment names, the one that this
/// program lies in, or `target` in the workspace. It is absolute, because cargo runs bench targets
/// in another folder than it was called in.
pub fn default() -> PathBuf {
    let named = |name| env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let named = named("CARGO_TARGET_DIR").or_else(|| named("CARGO_BUILD_TARGET_DIR"));
    let around = || env::current_exe().ok().and_then(|program| marked(&program));
    let folder = named.or_else(around).unwrap_or_else(|| files::workspace().join("target"));
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The nearest folder above `program` that cargo builds in.
fn marked(program: &Path) -> Option<PathBuf> {
    program.ancestors().find(|folder| folder.join(MARK).is_file()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_from_a_program_of_any_profile_and_platform() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(MARK), "").unwrap();
        for program in ["release/lab", "x86_64-unknown-linux-gnu/release/deps/lab-1"] {
            assert_eq!(marked(&folder.path().join(program)).unwrap(), folder.path());
        }
        // Also of this test.
        assert!(marked(&env::current_exe().unwrap()).is_some());
    }
}
