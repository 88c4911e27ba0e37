//! The view of time: activity of the executor's threads.

use crate::harness::perf::for_time;
use crate::profile::folder::Folder;
use crate::profile::harness::Harness;
use crate::{files, owned};
use anyhow::{Context, Result, ensure};
use simple_profiles::lanes::{self, Lane, Options};
use simple_records::harness::Repeat;
use simple_records::{ProfileRecord, ThreadTotals, TimelineProfile};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Duration of the recording: a longer one is too much to look through.
const TIME: Duration = Duration::from_millis(50);

/// The file of the trace in the folder of a profile.
pub(super) const TRACE: &str = "timeline.json";
/// That of its picture.
const PICTURE: &str = "timeline.svg";

/// Records a workload's timeline.
pub fn view(harness: &Harness, workload: &str, folder: &mut Folder) -> Result<()> {
    // The process runs in that folder: a relative path is valid text wherever the folder is.
    let scratch = owned::scratch_in(&harness.data)?;
    let name = scratch.path().file_name().context("a folder has a name")?;
    let timeline = Some(Path::new(name).join(TRACE));
    let repeated = harness.repeat(workload, Repeat { timeline, ..for_time(TIME) })?;
    ensure!(
        scratch.path().join(TRACE).exists(),
        "the program does not write timelines of its workloads: only one that uses the executor of \
         the runtime has one"
    );
    files::copy(&scratch.path().join(TRACE), &folder.path(TRACE))?;
    ensure!(
        !repeated.threads.is_empty(),
        "no thread of the executor ran anything: the workload does without it"
    );
    let mut notes = repeated.notes.clone();
    notes.extend(note_of_dropped(&repeated.threads));
    let path = folder.path(TRACE);
    let trace =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let options = Options {
        title: workload.to_owned(),
        subtitle: format!("timeline of {} iterations", repeated.iterations),
    };
    let picture = draw(&lanes::parse(&trace)?, &options, folder)?;
    folder.record(&ProfileRecord::Timeline(TimelineProfile {
        iterations: repeated.iterations,
        measured_ns: repeated.measured_ns,
        trace: TRACE.to_owned(),
        picture,
        threads: repeated.threads,
        notes,
    }))
}

/// A note on the events that rings of these threads had no place for; `None` if they had place for all.
pub(super) fn note_of_dropped(threads: &[ThreadTotals]) -> Option<String> {
    let dropped: u64 = threads.iter().map(|thread| thread.dropped).sum();
    (dropped > 0).then(|| format!("The oldest {dropped} events did not fit and are missing."))
}

/// Draws a timeline into the folder, and returns the picture's name; no picture where nothing takes time.
pub(super) fn draw(lanes: &[Lane], options: &Options, folder: &Folder) -> Result<Option<String>> {
    match lanes::render(lanes, options) {
        Ok(picture) => {
            folder.write(PICTURE, &picture)?;
            Ok(Some(PICTURE.to_owned()))
        }
        Err(lanes::Error::Empty) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
