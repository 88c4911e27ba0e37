//! Growth and shrinkage between a revision and this checkout.

use crate::console::Progress;
use crate::difference::Difference as Compared;
use crate::files::Lock;
use crate::harness::builds::{Builder, Pair};
use crate::harness::git::Git;
use crate::harness::perf;
use crate::profile::cpu::{self, Sampler};
use crate::profile::harness::Harness;
use crate::profile::instructions;
use crate::profile::stacks::CollectedStacks;
use crate::target::Target;
use anyhow::{Context, Result};
use simple_profiles::growth::{self, Growth};
use simple_profiles::merge;
use simple_profiles::normalize::{is_noise, normalize};
use simple_records::harness::Listed;
use simple_records::{Unit, View, profile_folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A session that compares two builds.
#[derive(Debug)]
pub struct DiffSession<'a> {
    /// The revision to compare with.
    pub revision: &'a str,
    /// Folder for everything that is generated.
    pub target: &'a Target,
    /// The views that are compared.
    pub views: &'a [View],
    /// Time for which each build is sampled.
    pub time: Duration,
    /// The sampler; the best that works if none is named.
    pub sampler: Option<Sampler>,
}

/// The difference in one view.
#[derive(Debug)]
pub struct Difference {
    /// The view.
    pub view: View,
    /// The sampler with its settings.
    pub sampler: String,
    /// The unit of the counts.
    pub unit: Unit,
    /// Functions that changed by more than noise.
    pub growth: Growth,
    /// The picture.
    pub picture: PathBuf,
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
}

/// Both programs.
#[derive(Debug)]
pub struct Sides {
    /// The revision.
    pub base: Harness,
    /// This checkout.
    pub head: Harness,
    /// Notes about the builds, in sentences.
    pub notes: Vec<String>,
}

impl DiffSession<'_> {
    /// Takes two given programs.
    pub fn given(&self, base: &Path, head: &Path) -> Result<Sides> {
        let (base, head) = (Harness::new(base, self.target)?, Harness::new(head, self.target)?);
        Ok(Sides { base, head, notes: Vec::new() })
    }

    /// Builds both, as the gate does, under the lock of its folder.
    pub fn build(&self, gate: &Lock) -> Result<Sides> {
        let folder = std::path::absolute(self.target.gate())?;
        let git = Git::here(self.target.path(), gate)?;
        // Without the feature the programs are those of the gate, which may exist already.
        let samples_itself = match self.sampler {
            Some(sampler) => sampler == Sampler::InProcess,
            None => !perf::works(),
        };
        let features: &[&str] = if samples_itself { &["sampler"] } else { &[] };
        let builder = Builder { git: &git, folder: &folder, features, with_removed: false };
        let Pair { base, head, notes, .. } = builder.pair(self.revision)?;
        Ok(Sides { notes, ..self.given(&base.path, &head.path)? })
    }

    /// Compares one workload of both.
    pub fn compare(
        &self,
        sides: &Sides,
        listed: &Listed,
        progress: &mut Progress,
    ) -> Result<Vec<Difference>> {
        let folder = self.target.differences().join(profile_folder(&listed.workload));
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let mut differences = Vec::new();
        for view in self.views {
            progress.show(&listed.workload, view.name());
            let (base, head) = self.both(*view, sides, listed, progress)?;
            differences.push(self.difference(base, head, listed, &folder)?);
            progress.step();
        }
        Ok(differences)
    }

    /// Collects one view of both builds.
    fn both(
        &self,
        view: View,
        sides: &Sides,
        listed: &Listed,
        progress: &Progress,
    ) -> Result<(CollectedStacks, CollectedStacks)> {
        let collect = |harness: &Harness| match view {
            View::Cpu => {
                let tell = |line: &str| progress.note(line);
                cpu::view(harness, listed, self.time / 2, self.sampler, tell)
            }
            _ => instructions::view(harness, listed),
        };
        let (mut base, mut head) = (collect(&sides.base)?, collect(&sides.head)?);
        if view == View::Cpu {
            // In the other order, so that a machine that gets slower favours neither.
            let (head_again, base_again) = (collect(&sides.head)?, collect(&sides.base)?);
            base.merge(&base_again)?;
            head.merge(&head_again)?;
            base.ensure_same_sampler(&head)?;
            normalize(&mut base.counts, &mut head.counts);
            // Under callgrind these are instructions, which stay.
            if head.counts.period_ns.is_some() {
                head.unit = Unit::Ns;
            }
        }
        Ok((base, head))
    }

    fn difference(
        &self,
        base: CollectedStacks,
        head: CollectedStacks,
        listed: &Listed,
        folder: &Path,
    ) -> Result<Difference> {
        let view = head.view.name();
        let subtitle = format!(
            "{view}: from {} to this checkout, {} of {} iterations by {}: red grew, blue shrank",
            self.revision, head.unit, head.counts.iterations, head.sampler
        );
        let names = Compared {
            base: &base.counts.stacks,
            head: &head.counts.stacks,
            workload: &listed.workload,
            subtitle,
            unit: head.unit.name(),
        }
        .write(folder, view)?;
        let [.., picture] = names.map(|name| folder.join(name));
        let own = |side: &CollectedStacks| merge::into_callers(&side.counts.stacks).self_counts();
        let mut growth = growth::between(&own(&base), &own(&head));
        growth.changes.retain(|change| !is_noise(change, &base.counts, &head.counts));
        let mut notes = head.notes.clone();
        notes.extend(base.notes.iter().filter(|note| !head.notes.contains(note)).cloned());
        Ok(Difference {
            view: head.view,
            sampler: head.sampler,
            unit: head.unit,
            growth,
            picture,
            notes,
        })
    }
}
