//! One build by cargo.

use super::flags;
use super::linker::Linker;
use super::settings::Settings;
use crate::harness::build::PACKAGE;
use crate::{owned, programs};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use simple_records::harness::PROGRAM;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The interesting part of a message of cargo.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds the program of the sources in `source`, with intermediate files in `folder`, and keeps what it is
/// linked from in `kept`. Returns the path that cargo reports, because its settings decide that too.
pub(super) fn compile(
    source: &Path,
    folder: &Path,
    kept: &Path,
    features: &[&str],
    settings: &Settings,
) -> Result<PathBuf> {
    let mut command = programs::cargo();
    command
        .args(["build", "--locked", "--release", "-p", PACKAGE, "--bin", PROGRAM])
        .args(["--features", &features.join(",")])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(source)
        .env("CARGO_TARGET_DIR", folder.join("build"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags::encoded(&settings.flags()?))
        .env_remove("CARGO_BUILD_TARGET_DIR")
        .env_remove("CARGO_BUILD_BUILD_DIR");
    for file in settings.unseen() {
        command.arg("--config").arg(file);
    }
    if let Some(linker) = Linker::of(settings)? {
        linker.keep(&mut command, &folder.join("linker"), kept)?;
    }
    built_by(command)
}

/// Has cargo build the program, by a command that asks for messages in JSON. Returns the path that
/// cargo reports.
pub fn built_by(mut command: Command) -> Result<PathBuf> {
    command.stdout(Stdio::piped());
    let mut cargo = owned::spawn(&mut command).context("cannot start cargo: is it installed?")?;
    let printed = BufReader::new(cargo.take_stdout().context("the output is piped")?);
    let mut built = None;
    for line in printed.lines() {
        built = program_of(&line?).or(built);
    }
    let status = cargo.wait()?;
    ensure!(status.success(), "cargo build ended with {status}");
    match built {
        Some(path) => Ok(path),
        None => bail!("cargo does not say where {PROGRAM} is"),
    }
}

/// The program's path, if this message of cargo has it.
fn program_of(line: &str) -> Option<PathBuf> {
    // Build scripts and wrappers may print whatever they like.
    let message: Message = serde_json::from_str(line).ok()?;
    let is_it = message.reason == "compiler-artifact"
        && message.target.is_some_and(|target| target.name == PROGRAM);
    message.executable.filter(|_| is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_the_program_is() {
        let line = |name: &str, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"kind":["bin"],"name":"{name}"}},"executable":{executable}}}"#
            )
        };
        let found = program_of(&line(PROGRAM, r#""/t/x86_64/release/simple-bench""#));
        assert_eq!(found, Some("/t/x86_64/release/simple-bench".into()));
        assert_eq!(program_of(&line("build-script-build", r#""/t/build""#)), None);
        assert_eq!(program_of(&line(PROGRAM, "null")), None);
        assert_eq!(program_of(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(program_of("warning: of somebody"), None);
    }
}
