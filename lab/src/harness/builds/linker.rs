//! The linker of a build, with a script in front of it that keeps what the program is linked from.

use super::flags;
use super::settings::{File, Settings};
use crate::files;
use anyhow::{Context, Result};
use simple_records::harness::PROGRAM;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = include_str!("linker.sh");
/// The linker of rustc for these targets, if none is set.
const USUAL: (&str, &str) = ("-linux-gnu", "cc");

/// The linker that cargo would use.
#[derive(Debug)]
pub(super) struct Linker {
    /// The variable that makes cargo use another one.
    pub(super) variable: String,
    pub(super) program: PathBuf,
}

impl Linker {
    /// The linker of these settings; `None` if only the compiler knows it.
    ///
    /// # Errors
    /// If the settings cannot be understood.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>> {
        let target = flags::target(settings)?;
        let usual = || target.ends_with(USUAL.0).then(|| PathBuf::from(USUAL.1));
        let program = configured(settings, &target)?.or_else(usual);
        let variable = flags::variable(&target, "LINKER");
        Ok(program.map(|program| Self { variable, program }))
    }

    /// Has a build of cargo in `folder` keep what the program is linked from, below `kept`. The place of
    /// the script is always the same, because cargo would compile everything again otherwise.
    ///
    /// # Errors
    /// If the script cannot be written.
    pub(super) fn keep(&self, cargo: &mut Command, folder: &Path, kept: &Path) -> Result<()> {
        // The compiler knows kinds of linkers by the name.
        let name = self.program.file_name().context("a linker has a name")?;
        let script = folder.join(name);
        files::write(&script, SCRIPT)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} a program", script.display()))?;
        cargo.env(&self.variable, &script).env("SIMPLE_LAB_LINKER", &self.program);
        cargo.env("SIMPLE_LAB_KEPT", kept).env("SIMPLE_LAB_PROGRAM", PROGRAM.replace('-', "_"));
        Ok(())
    }
}

/// The linker that is set for a target: by a variable, by its name, or by a condition that it meets.
fn configured(settings: &Settings, target: &str) -> Result<Option<PathBuf>> {
    if let Some(given) = settings.variable(&flags::variable(target, "LINKER")) {
        return Ok(Some(place(given, &settings.source)));
    }
    let of = |key: &str| settings.files.iter().find_map(|file| in_file(file, key));
    if let Some(found) = of(target) {
        return Ok(Some(found));
    }
    let conditions = flags::conditions_met(settings, target)?;
    Ok(conditions.into_iter().find_map(|key| of(key)))
}

fn in_file(file: &File, key: &str) -> Option<PathBuf> {
    let linker = file.table.get("target")?.get(key)?.get("linker")?.as_str()?;
    // Relative to the folder in which `.cargo` lies.
    let root = file.path.parent().and_then(Path::parent)?;
    Some(place(linker, root))
}

/// A name without a folder is looked up on the PATH.
fn place(linker: &str, root: &Path) -> PathBuf {
    if linker.contains('/') { root.join(linker) } else { OsString::from(linker).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linker(text: &str) -> Option<PathBuf> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".cargo")).unwrap();
        fs::write(folder.path().join(".cargo/config.toml"), text).unwrap();
        let settings = Settings::of(folder.path(), Path::new("/")).unwrap();
        let found = configured(&settings, "x86_64-unknown-linux-gnu").unwrap()?;
        Some(found.strip_prefix(folder.path()).map(Path::to_owned).unwrap_or(found))
    }

    #[test]
    fn the_linker_of_the_user_stays() {
        assert_eq!(linker(""), None);
        let named = "[target.x86_64-unknown-linux-gnu]\nlinker = 'clang'\n";
        assert_eq!(linker(named), Some("clang".into()));
        let by_condition = "[target.'cfg(unix)']\nlinker = 'tools/my ld'\n";
        assert_eq!(linker(by_condition), Some("tools/my ld".into()));
        assert_eq!(linker(&format!("{by_condition}{named}")), Some("clang".into()));
        assert_eq!(linker("[target.'cfg(windows)']\nlinker = 'link'\n"), None);
    }
}
