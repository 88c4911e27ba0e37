//! The folder of the product.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace that the current folder lies in: of the product, which need not
/// be a repository of its own. Without one, the current folder.
pub fn workspace() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    workspace_of(&here).unwrap_or(here)
}

/// The folder of the workspace that `folder` lies in, unless it lies in a repository of its own there.
pub fn workspace_of(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    let is_root = |folder: &&Path| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim() == "[workspace]")
    };
    let repository = folder.ancestors().position(|folder| folder.join(".git").exists());
    let most = repository.map_or(usize::MAX, |index| index + 1);
    folder.ancestors().take(most).find(is_root).map(Path::to_owned)
}

/// Returns whether the current folder lies in a checkout of ours, which has workloads and recipes.
pub fn is_checkout() -> bool {
    workspace().join("benches/names").is_dir()
}

/// The way to call a verb from the current folder: a recipe in a checkout of ours, else `lab`.
pub fn call(verb: &str) -> String {
    match (is_checkout(), verb) {
        (true, "run") => "just bench".to_owned(),
        (true, verb) => format!("just {verb}"),
        (false, verb) => format!("lab {verb}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_from_any_folder_below() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = workspace_of(&folder.join("src")).unwrap();
        assert_eq!(found, fs::canonicalize(folder).unwrap().parent().unwrap());
        assert_eq!(workspace_of(Path::new("/")), None);
        // Tests run in it.
        assert_eq!((call("run"), call("list")), ("just bench".into(), "just list".into()));
    }

    #[test]
    fn a_repository_in_a_workspace_of_somebody_else_does_not_belong_to_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        let inner = folder.path().join("repository/in");
        fs::create_dir_all(&inner).unwrap();
        assert!(workspace_of(&inner).is_some());
        fs::create_dir(folder.path().join("repository/.git")).unwrap();
        assert_eq!(workspace_of(&inner), None);
    }
}
