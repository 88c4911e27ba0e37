//! Modules of source files, by their paths.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Modules by source file, each looked up once.
#[derive(Default)]
pub(super) struct Modules(HashMap<String, Option<String>>);

impl Modules {
    /// The module of a file: `core::iter::range` of `/rustc/0123/library/core/src/iter/range.rs`.
    pub(super) fn module(&mut self, file: &str) -> Option<&str> {
        if !self.0.contains_key(file) {
            self.0.insert(file.to_owned(), module(file, package));
        }
        self.0[file].as_deref()
    }
}

/// The module of a file. The crate has the name of its package if that is known, else of its
/// directory.
fn module(file: &str, package: impl Fn(&Path) -> Option<String>) -> Option<String> {
    let path = file.strip_suffix(".rs")?;
    let Some((directory, inside)) = path.rsplit_once("/src/") else {
        return path.rsplit('/').next().map(str::to_owned);
    };
    let name = package(Path::new(directory))
        .or_else(|| directory.rsplit('/').next().map(|name| without_version(name).to_owned()))?;
    let mut module = name.replace('-', "_");
    for part in inside.split('/').filter(|part| !matches!(*part, "lib" | "main" | "mod")) {
        module += "::";
        module += part;
    }
    Some(module)
}

/// The name in a directory of Cargo: `addr2line` of `addr2line-0.27.1`.
fn without_version(directory: &str) -> &str {
    match directory.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => directory,
    }
}

/// The name of the package in a directory, from its `Cargo.toml`.
fn package(directory: &Path) -> Option<String> {
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).ok()?;
    let of_package = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let mut of_package = of_package.take_while(|line| !line.trim_start().starts_with('['));
    of_package.find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_in_a_crate_is_the_module() {
        let module = |file| module(file, |_| None);
        let of = |file| module(file).unwrap();
        assert_eq!(of("/rustc/01/library/core/src/iter/range.rs"), "core::iter::range");
        assert_eq!(of("/r/index-1/addr2line-0.27.1/src/lib.rs"), "addr2line");
        assert_eq!(
            of("/w/crossbeam-channel-0.5.17/src/flavors/mod.rs"),
            "crossbeam_channel::flavors"
        );
        assert_eq!(of("/tmp/tiny.rs"), "tiny");
        assert_eq!(module("/usr/include/string.h"), None);
    }

    #[test]
    fn a_manifest_names_the_crate() {
        let this = concat!(env!("CARGO_MANIFEST_DIR"), "/src/symbols/source.rs");
        assert_eq!(module(this, package).unwrap(), "simple_profiles::symbols::source");
    }
}
