//! Flags of the compiler.
//!
//! Cargo takes them from the first of these places that has any: two variables, the configuration of the
//! target, that of all builds. Ours are added to the user's, so the user's are collected as cargo does,
//! and all are passed in the variable that overrides the rest.

use super::settings::{File, Settings};
use crate::harness::patience::ANSWER;
use crate::programs;
use anyhow::{Context, Result};
use cargo_platform::{Cfg, Platform};
use std::str::FromStr;

/// Functions begin on a cache line, in both builds: otherwise a change in one
/// place moves everything behind it, and unchanged code gets faster or slower.
const OURS: [&str; 2] = ["-C", "llvm-args=-align-all-functions=6"];

/// The user's flags, then ours.
pub(super) fn of(settings: &Settings) -> Result<Vec<String>> {
    let mut flags = given(settings)?;
    flags.extend(OURS.map(str::to_owned));
    Ok(flags)
}

/// The flags in the form of `CARGO_ENCODED_RUSTFLAGS`.
pub(super) fn encoded(flags: &[String]) -> String {
    flags.join("\x1f")
}

fn given(settings: &Settings) -> Result<Vec<String>> {
    if let Some(flags) = settings.variable("CARGO_ENCODED_RUSTFLAGS") {
        return Ok(flags.split('\x1f').map(str::to_owned).collect());
    }
    if let Some(flags) = settings.variable("RUSTFLAGS") {
        return Ok(words(flags));
    }
    let of_target = of_target(settings)?;
    if !of_target.is_empty() {
        return Ok(of_target);
    }
    let mut flags = in_files(&settings.files, &["build", "rustflags"]);
    flags.extend(settings.variable("CARGO_BUILD_RUSTFLAGS").map(words).unwrap_or_default());
    Ok(flags)
}

/// Flags for the target by name, and for conditions that it meets.
fn of_target(settings: &Settings) -> Result<Vec<String>> {
    let target = target(settings)?;
    let mut flags = in_files(&settings.files, &["target", &target, "rustflags"]);
    let variable = settings.variable(&variable(&target, "RUSTFLAGS"));
    flags.extend(variable.map(words).unwrap_or_default());
    for key in conditions_met(settings, &target)? {
        flags.extend(in_files(&settings.files, &["target", key, "rustflags"]));
    }
    Ok(flags)
}

/// The variable that holds a setting of a target.
pub(super) fn variable(target: &str, setting: &str) -> String {
    format!("CARGO_TARGET_{}_{setting}", target.to_uppercase().replace(['-', '.'], "_"))
}

/// The conditions in the files that a target meets: `cfg(unix)`.
pub(super) fn conditions_met<'a>(settings: &'a Settings, target: &str) -> Result<Vec<&'a String>> {
    let mut keys: Vec<&String> = settings
        .files
        .iter()
        .filter_map(|file| file.table.get("target")?.as_table())
        .flat_map(toml::Table::keys)
        .filter(|key| key.starts_with("cfg("))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(keys);
    }
    let conditions = conditions(target)?;
    let mut met = Vec::new();
    for key in keys {
        let platform = Platform::from_str(key).with_context(|| format!("{key} is no condition"))?;
        if platform.matches(target, &conditions) {
            met.push(key);
        }
    }
    Ok(met)
}

/// The target that is built for: the one that the user has set, or this machine.
pub(super) fn target(settings: &Settings) -> Result<String> {
    let in_file = |file: &File| {
        let target = file.table.get("build")?.get("target")?;
        let first = target.as_array().and_then(|all| all.first());
        first.unwrap_or(target).as_str().map(str::to_owned)
    };
    let given = settings.variable("CARGO_BUILD_TARGET").map(str::to_owned);
    let given = given.or_else(|| settings.files.iter().find_map(in_file));
    let host = || settings.rustc.lines().find_map(|line| line.strip_prefix("host: "));
    match given.filter(|target| target != "host-tuple") {
        Some(target) => Ok(target),
        None => host().map(str::to_owned).context("rustc does not say which machine it runs on"),
    }
}

/// Facts about a target: `unix`, `target_os="linux"`.
fn conditions(target: &str) -> Result<Vec<Cfg>> {
    let mut rustc = programs::rustc();
    rustc.args(["--print", "cfg", "--target", target]);
    let printed = programs::output(rustc, ANSWER)?;
    Ok(printed.lines().filter_map(|line| Cfg::from_str(line).ok()).collect())
}

/// A setting from all files: lists are joined, with the highest priority last; a text comes from the
/// file with the highest priority.
fn in_files(files: &[File], keys: &[&str]) -> Vec<String> {
    let mut flags = Vec::new();
    for file in files.iter().rev() {
        let mut value = Some(&file.table).map(|table| toml::Value::Table(table.clone()));
        for key in keys {
            value = value.and_then(|value| value.get(key).cloned());
        }
        match value {
            Some(toml::Value::String(text)) => flags = words(&text),
            Some(toml::Value::Array(list)) => {
                flags.extend(list.iter().filter_map(toml::Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
    }
    flags
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// The flags of a checkout with these files, the one that counts most first, and what cargo
    /// itself would take.
    fn flags(files: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut place = folder.path().to_owned();
        for text in files.iter().rev() {
            fs::create_dir_all(place.join(".cargo")).unwrap();
            fs::write(place.join(".cargo/config.toml"), text).unwrap();
            place = place.join("in");
        }
        fs::create_dir_all(&place).unwrap();
        let settings = Settings::of(&place, Path::new("/")).unwrap();
        given(&settings).unwrap()
    }

    #[test]
    fn lists_of_all_files_are_joined() {
        let far = "[build]\nrustflags = ['--cfg', 'far']\n";
        let near = "[build]\nrustflags = ['--cfg', 'near']\n";
        assert_eq!(flags(&[near, far]), ["--cfg", "far", "--cfg", "near"]);
        assert_eq!(flags(&["[build]\nrustflags = '--cfg text'\n"]), ["--cfg", "text"]);
        assert_eq!(flags(&[]), [] as [&str; 0]);
    }

    #[test]
    fn flags_for_the_target_override_flags_for_all() {
        let text = "[build]\nrustflags = ['-A']\n\
                    [target.'cfg(unix)']\nrustflags = ['-B']\n\
                    [target.'cfg(windows)']\nrustflags = ['-C']\n";
        assert_eq!(flags(&[text]), ["-B"]);
    }
}
