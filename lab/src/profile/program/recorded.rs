//! A recording of a program by perf: started with it, or of a process that runs.

use super::growing::Growing;
use super::process::{End, Ran, Stop, Watch};
use super::session::Session;
use super::subject::Origin;
use super::unrecorded;
use crate::harness::perf::{self, DATA, Event};
use crate::owned::{self, Scratch};
use crate::programs;
use anyhow::{Result, bail, ensure};
use simple_records::{Ending, View};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

/// Time that perf may take to print a recording, and more for each MiB of it.
const PRINTING: Duration = Duration::from_secs(300);
const PRINTING_A_MIB: Duration = Duration::from_secs(5);

/// Time for which a process that runs is looked at if nobody says otherwise.
pub(super) const USUAL: Duration = Duration::from_secs(10);

/// A recording, and the process that it is of.
#[derive(Debug)]
pub(super) struct Recorded {
    folder: Scratch,
    pub(super) ran: Ran,
}

impl Recorded {
    /// Records a process for a view, with these options of perf, until the file has `most_bytes`.
    ///
    /// # Errors
    /// If perf is missing or refuses, or recorded nothing.
    pub(super) fn make(
        session: &mut Session<'_>,
        (view, event): (View, Event),
        options: &[&str],
        most_bytes: u64,
    ) -> Result<Self> {
        ensure!(programs::is_there("perf"), perf::MISSING);
        session.subject.origin.ensure_runs("this view began")?;
        let folder = owned::scratch_in(session.profiles)?;
        let growing = Growing::new(&folder.path().join(DATA), most_bytes)?;
        let mut command = programs::perf_of_user();
        // No copies of the user's programs in the user's home.
        command.args(["record", "-q", "--no-buildid-cache", "-k", "CLOCK_MONOTONIC"]).args(options);
        command.arg(growing.option()).arg("-o").arg(&growing.data);
        let (output, limit) = match &session.subject.origin {
            Origin::Started(words) => {
                command.arg("--").args(words);
                (session.output(view), session.limit)
            }
            Origin::Running(running) => {
                command.arg("-p").arg(running.pid.to_string());
                // Perf's own words are not the program's.
                (folder.path().join("said"), Some(session.limit.unwrap_or(USUAL)))
            }
        };
        let (stop, growing) = (Stop::Perf, Some(&growing));
        let ran = session.run(view, command, Watch { limit, stop, growing, output: &output })?;
        let is_recorded = has_records(&folder.path().join(DATA));
        if let (Origin::Running(_), Some(end)) =
            (&session.subject.origin, session.ends.get_mut(&view))
        {
            (end.output, end.code) = (None, None);
            end.ending = match ran.end {
                End::Stopped(_) => Ending::GoesOn.into(),
                End::Itself(_) => Ending::Exited.into(),
            };
        }
        if !is_recorded {
            session.ends.remove(&view);
            session.subject.origin.ensure_runs("it could be recorded")?;
            if let End::Itself(_) = ran.end {
                return Err(unrecorded::reason(&ran, (&output, folder.path()), event));
            }
            bail!("perf was stopped before it recorded anything: --for names a longer time");
        }
        Ok(Self { folder, ran })
    }

    /// The output of `perf script`; see [`perf::script`].
    ///
    /// # Errors
    /// If perf cannot read what it recorded.
    pub(super) fn script(&self, options: &[&str], fields: &str) -> Result<BufReader<File>> {
        let bytes = fs::metadata(self.folder.path().join(DATA)).map_or(0, |about| about.len());
        let mib = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        let patience = PRINTING + PRINTING_A_MIB.saturating_mul(mib);
        perf::script(self.folder.path(), options, fields, patience)
    }
}

/// Returns whether perf finished a recording. Its header names the size of the records, and is
/// written last; where perf was refused there is none.
fn has_records(data: &Path) -> bool {
    const MAGIC: &[u8] = b"PERFILE2";
    let mut header = [0; 56];
    let read = File::open(data).and_then(|mut file| file.read_exact(&mut header));
    // Magic, size of the header, size of an attribute; place and size of the attributes, then of the
    // records.
    let size = u64::from_ne_bytes(header[48..56].try_into().unwrap_or_default());
    read.is_ok() && header.starts_with(MAGIC) && size > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_without_records_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join(DATA);
        assert!(!has_records(&data));
        let mut bytes = b"PERFILE2".to_vec();
        bytes.resize(56, 0);
        fs::write(&data, &bytes).unwrap();
        assert!(!has_records(&data));
        bytes[48] = 1;
        fs::write(&data, &bytes).unwrap();
        assert!(has_records(&data));
        fs::write(&data, &bytes[..50]).unwrap();
        assert!(!has_records(&data));
    }
}
