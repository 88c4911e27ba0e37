//! The view of time of a program that uses our runtime: the timeline that this writes by itself.

use super::process::{End, Stop, Watch};
use super::session::{Made, Session, Wanted};
use super::subject::Origin;
use crate::profile::timeline::{TRACE, draw, note_of_dropped};
use crate::programs;
use anyhow::{Context, Result, bail};
use simple_profiles::lanes::{self, Lane, Options, Totals};
use simple_records::{ProfileRecord, ThreadTotals, TimelineProfile, View};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// The variable of the runtime that names the file.
const VARIABLE: &str = "SIMPLE_RT_TIMELINE";

/// Has the program write its timeline. One that does not use the runtime has none, which is only told
/// if the user asked for it.
pub(super) fn view(session: &mut Session<'_>, wanted: Wanted) -> Result<Made> {
    let Origin::Started(words) = &session.subject.origin else {
        bail!("a timeline begins with its program: `lab profile -- PROGRAM`");
    };
    let is_named = matches!(wanted, Wanted::Named(_));
    if !is_named && !session.subject.executable.uses_runtime() {
        return Ok(Made::Nothing);
    }
    let mut command = programs::of_user(&words[0]);
    let trace = session.folder.path(TRACE);
    command.args(&words[1..]).env(VARIABLE, literal(&std::path::absolute(&trace)?));
    let output = session.output(View::Timeline);
    let (limit, stop) = (session.limit, Stop::Group);
    let watch = Watch { limit, stop, growing: None, output: &output };
    let ran = session.run(View::Timeline, command, watch)?;
    let is_stopped = matches!(ran.end, End::Stopped(_));
    let Ok(text) = fs::read_to_string(&trace) else {
        let _ = session.ends.remove(&View::Timeline);
        match (is_named, is_stopped) {
            (false, false) => return Ok(Made::Nothing),
            (_, true) => bail!(
                "the program was stopped before it wrote its timeline: that is written when the \
                 executor is shut down, or the program exits by itself"
            ),
            (true, false) => bail!(
                "the program never started the runtime's executor: a timeline shows its threads. \
                 Link it with libsimple_runtime, and let it exit by itself"
            ),
        }
    };
    let lanes = lanes::parse(&text).context("the timeline cannot be read")?;
    let profile = profile(session, &lanes, session.notes(&ran))?;
    session.folder.record(&ProfileRecord::Timeline(profile))?;
    Ok(Made::View)
}

fn profile(session: &Session<'_>, lanes: &[Lane], notes: Vec<String>) -> Result<TimelineProfile> {
    let threads: Vec<ThreadTotals> = lanes::totals(lanes).into_iter().map(thread).collect();
    let mut notes = notes;
    notes.extend(note_of_dropped(&threads));
    let options = Options {
        title: session.subject.title.clone(),
        subtitle: "timeline of the whole program".to_owned(),
    };
    let picture = draw(lanes, &options, &session.folder)?;
    let measured_ns = lanes::span_ns(lanes);
    let trace = TRACE.to_owned();
    Ok(TimelineProfile { iterations: 1, measured_ns, trace, picture, threads, notes })
}

fn thread(totals: Totals) -> ThreadTotals {
    let Totals { name, jobs, run_ns, parks, parked_ns, steals, wakes, dropped } = totals;
    ThreadTotals { name, jobs, run_ns, parks, parked_ns, steals, wakes, dropped }
}

/// A path as the runtime reads it, for which `%` begins a placeholder.
fn literal(path: &Path) -> OsString {
    let bytes = path.as_os_str().as_bytes().iter();
    let doubled = bytes.flat_map(|byte| match byte {
        b'%' => vec![b'%', b'%'],
        byte => vec![*byte],
    });
    OsString::from_vec(doubled.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_is_no_placeholder() {
        assert_eq!(literal(Path::new("/100%/t.json")), "/100%%/t.json");
    }
}
