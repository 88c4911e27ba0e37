//! The folder that cargo builds in.

use std::env;
use std::path::{Path, PathBuf};

/// A file that cargo leaves in every folder that it builds in.
const MARK: &str = "CACHEDIR.TAG";

/// Returns the folder that this program was built in, where everything that is generated goes:
/// the one that the environment names, or the one that the program lies in. A relative name is of
/// no use: cargo runs bench targets in another folder than it was called in.
pub(super) fn target() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let around = || env::current_exe().ok().and_then(|program| marked(&program));
    named
        .filter(|folder| folder.is_absolute())
        .or_else(around)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
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
        for program in ["release/simple-bench", "x86_64-unknown-linux-gnu/release/deps/wall-1"] {
            assert_eq!(marked(&folder.path().join(program)).unwrap(), folder.path());
        }
        // Here, too: it is how this test was built.
        assert!(marked(&env::current_exe().unwrap()).is_some());
    }
}
