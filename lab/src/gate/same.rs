//! Builds that turn out to be one program, of which nothing need be measured.

use crate::harness::builds::Program;
use anyhow::{Context, Result};
use simple_profiles::machine_code::{Sameness, compare};
use simple_records::{Build, SameProgram};
use std::fs;
use std::path::Path;

/// The part that is the same in two builds of the harness that are one program; `None` if they are two.
///
/// # Errors
/// If a program cannot be read.
pub(super) fn same_program(base: &Program, head: &Program) -> Result<Option<SameProgram>> {
    if let Some(same) = same_sources(&base.build, &head.build) {
        return Ok(Some(same));
    }
    // Programs that cannot be compared are measured.
    Ok(match compare(&read(&base.path)?, &read(&head.path)?) {
        Ok(Sameness::Same) => Some(SameProgram::Program),
        Ok(Sameness::ExceptLines) => Some(SameProgram::ExceptLines),
        Ok(Sameness::Different) | Err(_) => None,
    })
}

/// The same of two builds of which only the keys are known.
pub(super) fn same_sources(base: &Build, head: &Build) -> Option<SameProgram> {
    (base.key == head.key).then_some(SameProgram::Sources)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
