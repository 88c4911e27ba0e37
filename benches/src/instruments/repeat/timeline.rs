//! The executor's threads while a workload is repeated, by the runtime's own timeline.

use anyhow::{Context, Result};
use simple_records::ThreadTotals;
use simple_runtime::timeline::{self, Kind, Recording, Settings, ThreadTimeline};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A timeline that is being recorded.
#[derive(Debug)]
pub(super) struct Traced {
    recording: Recording,
    path: PathBuf,
}

impl Traced {
    /// Begins a timeline, which will be written to `path`.
    pub(super) fn start(path: &Path) -> Result<Self> {
        let recording = timeline::start(Settings::default())?;
        Ok(Self { recording, path: path.to_owned() })
    }

    /// Ends it, writes it, and returns the totals of each thread.
    pub(super) fn finish(self) -> Result<Vec<ThreadTotals>> {
        let timeline = self.recording.stop();
        let write = || {
            let mut file = BufWriter::new(File::create(&self.path)?);
            timeline.write_chrome_trace(&mut file)?;
            file.flush()
        };
        write().with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(timeline.threads.iter().map(totals).collect())
    }
}

fn totals(thread: &ThreadTimeline) -> ThreadTotals {
    let mut totals = ThreadTotals {
        name: thread.name.clone(),
        dropped: thread.dropped,
        ..ThreadTotals::default()
    };
    for event in &thread.events {
        match event.kind {
            Kind::Run { jobs, .. } => {
                totals.jobs += u64::from(jobs);
                totals.run_ns += event.duration_ns;
            }
            Kind::Steal { .. } => totals.steals += 1,
            Kind::Park => {
                totals.parks += 1;
                totals.parked_ns += event.duration_ns;
            }
            Kind::Wake { .. } => totals.wakes += 1,
            _ => {}
        }
    }
    totals
}
