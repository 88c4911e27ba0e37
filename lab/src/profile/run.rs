//! Profiling one workload: one view after the other.

use crate::console::Progress;
use crate::profile::cpu::{self, Sampler};
use crate::profile::folder::{Folder, Subject};
use crate::profile::harness::Harness;
use crate::profile::{instructions, memory, timeline, waiting};
use anyhow::Result;
use simple_records::harness::Listed;
use simple_records::{Build, Fingerprint, MissingView, ProfileRecord, View};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A session that profiles workloads, one after the other.
#[derive(Debug)]
pub struct Session<'a> {
    /// The program.
    pub harness: &'a Harness,
    /// The build of the program.
    pub build: &'a Build,
    /// The machine.
    pub fingerprint: &'a Fingerprint,
    /// Folder of the profiles.
    pub profiles: &'a Path,
    /// The views.
    pub views: &'a [View],
    /// Duration of the measured part in a view that samples.
    pub time: Duration,
    /// The sampler; the best that works if none is named.
    pub sampler: Option<Sampler>,
}

/// A finished profile.
#[derive(Debug)]
pub struct FinishedProfile {
    /// Folder of the profile.
    pub place: PathBuf,
    /// Views that are not available.
    pub missing: Vec<MissingView>,
}

impl Session<'_> {
    /// Profiles one workload.
    pub fn profile(&self, listed: &Listed, progress: &mut Progress) -> Result<FinishedProfile> {
        let workload = &listed.workload;
        let subject = Subject { name: workload, program: None };
        let mut folder =
            Folder::begin(self.profiles, subject, self.build, self.fingerprint, self.views)?;
        let mut missing = Vec::new();
        for view in self.views {
            progress.show(workload, view.name());
            if let Err(error) = self.view(*view, listed, &mut folder, progress) {
                let why = format!("{error:#}");
                progress.note(&format!("{workload}: no view of {}: {why}", view.name()));
                let view = MissingView { view: *view, why };
                folder.record(&ProfileRecord::Missing(view.clone()))?;
                missing.push(view);
            }
            progress.step();
        }
        Ok(FinishedProfile { place: folder.finish()?, missing })
    }

    fn view(
        &self,
        view: View,
        listed: &Listed,
        folder: &mut Folder,
        progress: &Progress,
    ) -> Result<()> {
        let (harness, workload) = (self.harness, &listed.workload);
        let tell = |line: &str| progress.note(&format!("{workload}: {line}"));
        match view {
            View::Cpu => {
                let stacks = cpu::view(harness, listed, self.time, self.sampler, tell)?;
                stacks.write(workload, folder)
            }
            View::Instructions => instructions::view(harness, listed)?.write(workload, folder),
            View::Memory => {
                let (stacks, sites) = memory::view(harness, listed)?;
                stacks.map_or(Ok(()), |stacks| stacks.write(workload, folder))?;
                folder.record(&ProfileRecord::AllocationSites(sites))
            }
            View::Waiting => {
                let (stacks, waits) = waiting::view(harness, workload, self.time, tell)?;
                stacks.map_or(Ok(()), |stacks| stacks.write(workload, folder))?;
                folder.record(&ProfileRecord::Waits(waits))
            }
            View::Timeline => timeline::view(harness, workload, folder),
        }
    }
}
