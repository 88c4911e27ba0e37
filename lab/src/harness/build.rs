//! Building the harness of this checkout, where cargo builds.

use super::builds::built_by;
use crate::target::Target;
use crate::{files, programs};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package of the harness.
pub const PACKAGE: &str = "simple-benches";

/// A kind of build. Each has a cargo profile of its own, so that none takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program that is measured.
    Measured,
    /// The program that is profiled: it has a sampler, for machines where perf may not be used.
    Profiled,
}

impl Kind {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Measured => &["--release"],
            Self::Profiled => &["--profile", "profiled", "--features", "sampler"],
        }
    }
}

/// Returns `given`, which must be a program, or builds the harness of this checkout.
///
/// # Errors
/// If there is no such program, or cargo fails.
pub fn program(given: Option<&Path>, kind: Kind, target: &Target) -> Result<PathBuf> {
    let program = match given {
        Some(given) => given.to_owned(),
        None => build(kind, target)?,
    };
    ensure!(program.is_file(), "there is no program {}", program.display());
    std::path::absolute(&program).with_context(|| format!("cannot find {}", program.display()))
}

fn build(kind: Kind, target: &Target) -> Result<PathBuf> {
    let mut command = cargo(target)?;
    command.args(["build", "-p", PACKAGE, "--bin", simple_records::harness::PROGRAM]);
    command.args(kind.arguments()).arg("--message-format=json-render-diagnostics");
    built_by(command).context("the harness of this checkout does not build")
}

/// Cargo in this workspace, building in the target folder.
pub fn cargo(target: &Target) -> Result<Command> {
    let mut command = programs::cargo();
    command
        .current_dir(files::workspace())
        .env("CARGO_TARGET_DIR", std::path::absolute(target.path())?);
    Ok(command)
}
