//! The view of time: what each thread of the executor did, and when.

use crate::profile::folder::Folder;
use crate::profile::harness::{Harness, read_answer};
use crate::profile::tools;
use crate::programs;
use anyhow::{Context, Result, ensure};
use simple_profiles::lanes::{self, Options};
use simple_records::{ProfileRecord, TimelineProfile};
use std::fs;
use std::time::Duration;

/// Longer than this nobody looks through.
const TIME: Duration = Duration::from_millis(50);

const TRACE: &str = "timeline.json";
const PICTURE: &str = "timeline.svg";

/// Records a workload's timeline.
pub fn view(harness: &Harness, workload: &str, folder: &mut Folder) -> Result<()> {
    let scratch = harness.scratch()?;
    let answer = scratch.path().join("answer.json");
    let mut command = programs::measured(&harness.program);
    command.args(harness.repeat(workload, TIME, &answer));
    command.arg("--timeline").arg(folder.path(TRACE));
    tools::run(command, TIME)?;
    let repeated = read_answer(&answer)?;
    ensure!(
        !repeated.threads.is_empty(),
        "no thread of the executor ran anything: the workload does without it"
    );
    let mut notes = repeated.notes.clone();
    let dropped: u64 = repeated.threads.iter().map(|thread| thread.dropped).sum();
    if dropped > 0 {
        notes.push(format!("The oldest {dropped} events did not fit and are missing."));
    }
    let picture = draw(workload, repeated.iterations, folder)?;
    folder.record(&ProfileRecord::Timeline(TimelineProfile {
        iterations: repeated.iterations,
        measured_ns: repeated.measured_ns,
        trace: TRACE.to_owned(),
        picture,
        threads: repeated.threads,
        notes,
    }))
}

/// Draws the trace; none where nothing takes time.
fn draw(workload: &str, iterations: u64, folder: &Folder) -> Result<Option<String>> {
    let path = folder.path(TRACE);
    let trace =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let options = Options {
        title: workload.to_owned(),
        subtitle: format!("timeline of {iterations} iterations"),
    };
    match lanes::render(&lanes::parse(&trace)?, &options) {
        Ok(picture) => {
            folder.write(PICTURE, &picture)?;
            Ok(Some(PICTURE.to_owned()))
        }
        Err(lanes::Error::Empty) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
