//! Settings by which cargo builds, beside the sources: its files and variables.
//!
//! Both builds have the settings that a build of this checkout by hand would have. All settings are part
//! of a program's key. Cargo finds its files by the current folder, and we build in another one, so files
//! that it would miss there are passed to it.

use super::flags;
use crate::harness::patience::ANSWER;
use crate::programs;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of cargo's configuration.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
    /// Its contents.
    pub table: toml::Table,
    text: String,
}

/// All settings of a checkout.
#[derive(Debug)]
pub struct Settings {
    /// Those of the checkout, the one that counts most first.
    pub files: Vec<File>,
    /// Those that cargo also finds where we build, but not in the checkout.
    others: Vec<File>,
    variables: Vec<(String, String)>,
    /// Output of `rustc -vV` in the checkout.
    pub rustc: String,
    /// The folder that is built in.
    pub source: PathBuf,
}

impl Settings {
    /// The settings of the checkout in `root`, which is built in `source`.
    pub fn of(root: &Path, source: &Path) -> Result<Self> {
        let files = files(root)?;
        let is_other = |file: &File| files.iter().all(|known| known.path != file.path);
        let others = self::files(source)?.into_iter().filter(is_other).collect();
        let mut rustc = programs::rustc();
        rustc.arg("-vV").current_dir(root);
        Ok(Self {
            others,
            files,
            variables: variables(),
            rustc: programs::output(rustc, ANSWER)?,
            source: source.to_owned(),
        })
    }

    /// All of it as text: programs of different settings are not the same.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.rustc);
        for (name, value) in &self.variables {
            text += &format!("{name}={value}\n");
        }
        for file in self.files.iter().chain(&self.others) {
            text += &format!("{}\n", file.text);
        }
        text
    }

    /// Flags of the compiler, beside those that cargo gives it.
    pub fn flags(&self) -> Result<Vec<String>> {
        flags::of(self)
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let mut variables = self.variables.iter();
        variables.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The files that cargo does not find where it builds, the one that counts least first.
    pub fn unseen(&self) -> impl Iterator<Item = &Path> {
        let is_seen = |file: &&File| {
            let folder = file.path.parent().and_then(Path::parent);
            folder.is_some_and(|folder| self.source.starts_with(folder)) || is_of_home(&file.path)
        };
        self.files.iter().rev().filter(move |file| !is_seen(file)).map(|file| file.path.as_path())
    }
}

/// The files that cargo finds in `folder`: of it, of those that it lies in, and of the home
/// folder. The one that counts most is the first.
///
/// # Errors
/// If one of them cannot be read, or is no TOML.
pub fn files(folder: &Path) -> Result<Vec<File>> {
    let folders = folder.ancestors().map(|folder| folder.join(".cargo")).chain(home());
    let mut files: Vec<File> = Vec::new();
    for folder in folders {
        // The old name counts if both exist.
        let paths = ["config", "config.toml"].map(|name| folder.join(name));
        let Some(path) = paths.into_iter().find(|path| path.is_file()) else { continue };
        if files.iter().any(|file| file.path == path) {
            continue;
        }
        let shown = path.display();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        let table = text.parse().with_context(|| format!("{shown} is no TOML"))?;
        files.push(File { path, table, text });
    }
    Ok(files)
}

/// Cargo's folder of the user.
fn home() -> Option<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    given.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
}

fn is_of_home(path: &Path) -> bool {
    home().is_some_and(|home| path.parent() == Some(&home))
}

/// Variables that change cargo, compilers and linkers, sorted by name.
fn variables() -> Vec<(String, String)> {
    const PREFIXES: [&str; 16] = [
        "CARGO_PROFILE_",
        "CARGO_BUILD_",
        "CARGO_TARGET_",
        "CARGO_UNSTABLE_",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTFLAGS",
        "RUSTC",
        "CC",
        "CXX",
        "CFLAGS",
        "CXXFLAGS",
        "CPPFLAGS",
        "LDFLAGS",
        "HOST_",
        "TARGET_",
        "AR",
    ];
    // The folders of caches do not matter.
    const PLACES: [&str; 4] = [
        "CARGO_TARGET_DIR",
        "CARGO_TARGET_TMPDIR",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_BUILD_BUILD_DIR",
    ];
    let decides =
        |name: &str| PREFIXES.iter().any(|prefix| is_of(name, prefix)) && !PLACES.contains(&name);
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| [name, value].map(|text| text.to_string_lossy().into_owned()))
        .filter(|[name, value]| decides(name) && !value.is_empty())
        .map(|[name, value]| (name, value))
        .collect();
    variables.sort_unstable();
    variables
}

/// Returns whether a variable is the one named, or that of one target: `CC`, `CC_x86_64-unknown-linux-gnu`.
fn is_of(name: &str, prefix: &str) -> bool {
    let rest = name.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_') || prefix.ends_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(root: &Path, source: &Path) -> Settings {
        Settings::of(root, source).unwrap()
    }

    #[test]
    fn every_file_that_cargo_finds_is_part_of_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("checkout");
        let source = folder.path().join("elsewhere/source");
        for folder in [&root, &source] {
            fs::create_dir_all(folder).unwrap();
        }
        let mut texts = vec![settings(&root, &source).text()];
        for place in [&root, &root.join(".."), &source] {
            fs::create_dir_all(place.join(".cargo")).unwrap();
            let text = format!("[profile.release]\nopt-level = {}\n", texts.len());
            fs::write(place.join(".cargo/config.toml"), text).unwrap();
            texts.push(settings(&root, &source).text());
        }
        texts.dedup();
        assert_eq!(texts.len(), 4);
        // Cargo finds the second where it builds as well.
        let unseen = settings(&root, &source);
        let unseen: Vec<&Path> = unseen.unseen().collect();
        assert_eq!(unseen, [root.join(".cargo/config.toml")]);
    }

    #[test]
    fn variables_are_known_by_their_whole_names() {
        for name in
            ["CC", "CC_x86_64-unknown-linux-gnu", "CARGO_PROFILE_RELEASE_LTO", "RUSTC_WRAPPER"]
        {
            assert!(is_of(name, "CC") || is_of(name, "CARGO_PROFILE_") || is_of(name, "RUSTC"));
        }
        assert!(!is_of("CCACHE", "CC"));
    }
}
