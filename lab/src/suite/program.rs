//! Finding and starting a program with benchmarks: a file, or a bench target that cargo builds.

use super::Place;
use super::config::{Benchmarks, Program, Target};
use crate::harness::patience;
use crate::owned::Usage;
use crate::{programs, say};
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A program with benchmarks, looked for once at each place. It may be shared by threads.
#[derive(Debug)]
pub(super) struct Bench {
    settings: Benchmarks,
    found: Mutex<BTreeMap<PathBuf, Found>>,
}

/// A program at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    file: PathBuf,
    /// The folder that it runs in: that of its package, as with `cargo bench`, or that of `lab.toml`.
    folder: PathBuf,
    /// Set for a bench target, as by cargo.
    variables: Vec<(&'static str, OsString)>,
}

/// A line of what cargo prints with `--message-format=json`.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    target: Option<Built>,
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Built {
    name: String,
    kind: Vec<String>,
}

impl Bench {
    pub(super) fn new(settings: Benchmarks) -> Self {
        Self { settings, found: Mutex::default() }
    }

    /// The program with the user's arguments and variables; others may follow. It has no output.
    ///
    /// # Errors
    /// If it cannot be built, or is not there.
    pub(super) fn command(&self, place: &Place) -> Result<Command> {
        let found = self.found(place)?;
        let mut command = programs::of_user(&found.file);
        command.args(&self.settings.arguments).current_dir(&found.folder).stdout(Stdio::null());
        // A benchmark that panics says why; stacks would hide it.
        command.env("RUST_BACKTRACE", "0");
        command.envs(found.variables.iter().map(|(name, value)| (name, value)));
        command.envs(place.environment.iter().map(|(name, value)| (name, value)));
        // Those of lab.toml come last: they win.
        command.envs(self.settings.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Runs a command of this program to its end; returns what it said on its standard error, and the resources
    /// that it used.
    ///
    /// # Errors
    /// If it cannot be started, fails, or does not end in time.
    pub(super) fn run(&self, command: Command, place: &Place) -> Result<(String, Usage)> {
        programs::run_and_account(command, place.timeout).map_err(|error| {
            match error.is::<programs::Hung>() {
                true => anyhow!("{error}; timeout = \"5m\" at the top of lab.toml waits longer"),
                false => error,
            }
        })
    }

    /// Runs a command of this program to its end; returns what it printed to its standard output.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if there is no room for the output.
    pub(super) fn output(&self, mut command: Command, place: &Place) -> Result<String> {
        let mut printed = programs::scratch()?;
        command.stdout(printed.try_clone()?);
        self.run(command, place)?;
        programs::text_of(&mut printed)
    }

    /// The names that the user chose. The list is empty if the filter chooses none.
    ///
    /// # Errors
    /// If a name is there twice.
    pub(super) fn chosen(&self, names: Vec<String>) -> Result<Vec<String>> {
        let mut seen = BTreeSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(name.as_str())) {
            bail!(
                "{}: two benchmarks have the name '{name}', so nobody can tell them apart: rename one",
                self.settings.prefix
            );
        }
        let filter = self.settings.filter.as_ref();
        let is_chosen = |name: &String| filter.is_none_or(|filter| filter.is_match(name));
        Ok(names.into_iter().filter(is_chosen).collect())
    }

    /// The name of one of its benchmarks in errors.
    pub(super) fn name_of(&self, benchmark: &str) -> String {
        format!("{}/{benchmark}", self.settings.prefix)
    }

    /// The name of the program in errors.
    pub(super) fn name(&self) -> &str {
        &self.settings.prefix
    }

    fn found(&self, place: &Place) -> Result<Found> {
        // It is held while cargo builds: another thread would have to wait for cargo anyway. A panic leaves
        // the map as it was.
        let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.get(&place.folder) {
            return Ok(found.clone());
        }
        let found = match &self.settings.program {
            Program::Target(target) => built(target, place)
                .with_context(|| format!("cannot build the bench target '{}'", target.bench))?,
            Program::File(file) => there(file, place)?,
        };
        all.insert(place.folder.clone(), found.clone());
        Ok(found)
    }
}

/// A file that is there.
fn there(file: &Path, place: &Place) -> Result<Found> {
    let path = place.folder.join(file);
    ensure!(
        path.is_file(),
        "there is no program {} in {}: does the build of lab.toml make it?",
        file.display(),
        place.folder.display()
    );
    Ok(Found { file: path, folder: place.folder.clone(), variables: Vec::new() })
}

/// Has cargo build a bench target, and say where it is.
fn built(target: &Target, place: &Place) -> Result<Found> {
    let mut command = programs::cargo();
    // Two checkouts in one target folder would be one program.
    programs::for_one_checkout(&mut command);
    command.current_dir(&place.folder);
    command.envs(place.environment.iter().map(|(name, value)| (name, value)));
    say!("building the bench target '{}' in {}", target.bench, place.folder.display());
    command.args(["bench", "--no-run", "--message-format=json-render-diagnostics"]);
    command.args(["--bench", &target.bench]);
    if let Some(package) = &target.package {
        command.args(["--package", package]);
    }
    if !target.features.is_empty() {
        command.arg("--features").arg(target.features.join(","));
    }
    let said = programs::output_bytes(command, patience::BUILD)?;
    executable(&target.bench, &String::from_utf8_lossy(&said))
}

/// The program of a bench target, from what cargo said.
fn executable(bench: &str, said: &str) -> Result<Found> {
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut found: Vec<Found> = Vec::new();
    for message in messages.filter(|message| message.reason == "compiler-artifact") {
        let is_it = |built: &Built| built.name == bench && built.kind.iter().any(|k| k == "bench");
        let (Some(file), true) = (message.executable, message.target.as_ref().is_some_and(is_it))
        else {
            continue;
        };
        let manifest = message.manifest_path.context("cargo names no manifest")?;
        let folder = manifest.parent().unwrap_or(Path::new("/")).to_owned();
        let variables = vec![("CARGO_MANIFEST_DIR", folder.clone().into_os_string())];
        found.push(Found { file, folder, variables });
    }
    match found.len() {
        0 => bail!("cargo built no program for it: is it a [[bench]] in Cargo.toml?"),
        1 => Ok(found.remove(0)),
        _ => bail!("several packages have it: choose one by package = \"...\" in lab.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(package: &str, kind: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","manifest_path":"/w/{package}/Cargo.toml",
                "target":{{"name":"speed","kind":["{kind}"]}},"executable":"/w/target/{package}"}}"#
        )
        .replace('\n', " ")
    }

    #[test]
    fn cargo_says_where_the_program_is() {
        let lines = [
            "warning: no JSON".to_owned(),
            artifact("other", "bin"),
            artifact("one", "bench"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let found = executable("speed", &lines.join("\n")).unwrap();
        assert_eq!((found.file, found.folder), ("/w/target/one".into(), "/w/one".into()));
        let several = [artifact("one", "bench"), artifact("two", "bench")].join("\n");
        let error = executable("speed", &several).unwrap_err().to_string();
        assert!(error.contains("choose one by package"), "{error}");
        let error = executable("slow", &several).unwrap_err().to_string();
        assert!(error.contains("[[bench]] in Cargo.toml"), "{error}");
    }
}
