//! Filters that choose nothing, refused before anything is built.

use super::patience::ANSWER;
use crate::console::typed;
use crate::{files, programs, say};
use anyhow::{Result, bail};
use simple_names::{complaint, is_edited, known};

/// The folder of the list of names.
const FOLDER: &str = "benches/names";

/// Refuses filters that choose no workload of this checkout, nor of `revision`. The list of names
/// knows them without a build; where it may be wrong, the build decides.
///
/// # Errors
/// If a filter chooses nothing.
pub fn check(filters: &[String], revision: Option<&str>) -> Result<()> {
    let folder = files::workspace().join(FOLDER);
    let git = |arguments: &[&str]| {
        let mut command = programs::git(&folder);
        command.args(arguments);
        programs::output(command, ANSWER).ok()
    };
    let Some(workloads) = known(revision, git) else { return Ok(()) };
    let Some(complaint) = complaint(filters, &workloads) else { return Ok(()) };
    if is_edited(git) {
        say!("{complaint}\nthe catalogue is being edited: building it to see");
        return Ok(());
    }
    bail!("{complaint}\n`{}` shows all workloads", typed("list"))
}
