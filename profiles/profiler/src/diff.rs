//! What grew and what shrank between a revision and this checkout.

use crate::attributed::to_callers;
use crate::cpu::{self, Sampler};
use crate::harness::Harness;
use crate::instructions;
use crate::stacks::Found;
use anyhow::{Context, Result, ensure};
use simple_gate::builds::{Builder, Pair};
use simple_gate::git::Git;
use simple_gate::progress::Progress;
use simple_profiles::Folded;
use simple_profiles::flame::{Compare, Options, render_difference};
use simple_profiles::growth::{self, Growth};
use simple_profiles::recursion;
use simple_records::repeat::Listed;
use simple_records::{View, profile_folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is compared, and how.
#[derive(Debug)]
pub struct Order<'a> {
    /// The revision to compare with.
    pub revision: &'a str,
    /// Where everything goes.
    pub target: &'a Path,
    /// What to look at.
    pub views: &'a [View],
    /// How long each build is sampled.
    pub time: Duration,
    /// Who samples; the best that works if nobody is named.
    pub sampler: Option<Sampler>,
}

/// What one view came to.
#[derive(Debug)]
pub struct Difference {
    /// The view.
    pub view: View,
    /// Who counted.
    pub sampler: String,
    /// What was counted.
    pub unit: String,
    /// Which functions changed.
    pub growth: Growth,
    /// The picture.
    pub picture: PathBuf,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// Both programs.
#[derive(Debug)]
pub struct Sides {
    /// The revision.
    pub base: Harness,
    /// This checkout.
    pub head: Harness,
    /// What a reader should know of the builds, in sentences.
    pub notes: Vec<String>,
}

impl Order<'_> {
    /// Two programs that are there.
    pub fn given(&self, base: &Path, head: &Path) -> Result<Sides> {
        let data = self.target.join("bench-data");
        let (base, head) = (Harness::new(base, &data)?, Harness::new(head, &data)?);
        Ok(Sides { base, head, notes: Vec::new() })
    }

    /// Builds both, as the gate does.
    pub fn build(&self) -> Result<Sides> {
        let folder = self.target.join("gate");
        fs::create_dir_all(&folder)?;
        let folder = std::path::absolute(folder)?;
        let git = Git::here(self.target)?;
        let features: &[&str] = if cpu::perf_works() { &[] } else { &["sampler"] };
        let pair = Builder { git: &git, folder: &folder, features }.pair(self.revision)?;
        let Pair { base, head, notes, .. } = pair;
        Ok(Sides { notes, ..self.given(&base.path, &head.path)? })
    }

    /// Compares one workload of both.
    pub fn compare(
        &self,
        sides: &Sides,
        listed: &Listed,
        progress: &mut Progress,
    ) -> Result<Vec<Difference>> {
        let folder = self.target.join("profiles/diff").join(profile_folder(&listed.workload));
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

    /// One view of both builds.
    fn both(
        &self,
        view: View,
        sides: &Sides,
        listed: &Listed,
        progress: &Progress,
    ) -> Result<(Found, Found)> {
        let find = |harness: &Harness| match view {
            View::Cpu => {
                let tell = |line: &str| progress.note(line);
                cpu::view(harness, listed, self.time / 2, self.sampler, tell)
            }
            _ => instructions::view(harness, listed),
        };
        let (mut base, mut head) = (find(&sides.base)?, find(&sides.head)?);
        if view == View::Cpu {
            // The other way round, so that a machine that gets slower favours nobody.
            let (head_again, base_again) = (find(&sides.head)?, find(&sides.base)?);
            add(&mut base, &base_again)?;
            add(&mut head, &head_again)?;
            per_as_many_iterations(&mut base, &mut head);
        }
        Ok((base, head))
    }

    fn difference(
        &self,
        base: Found,
        head: Found,
        listed: &Listed,
        folder: &Path,
    ) -> Result<Difference> {
        let view = head.view.name();
        let subtitle = format!(
            "{view}: from {} to this checkout, {} of {} iterations by {}: red grew, blue shrank",
            self.revision, head.unit, head.iterations, head.sampler
        );
        let options = Options {
            title: listed.workload.clone(),
            subtitle: Some(subtitle),
            unit: head.unit.to_owned(),
        };
        let picture = render_difference(
            &recursion::cut(&base.stacks).0,
            &recursion::cut(&head.stacks).0,
            Compare::Counts,
            &options,
        )?;
        let write = |name: String, text: &str| -> Result<PathBuf> {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(path)
        };
        write(format!("{view}.base.folded"), &base.stacks.to_string())?;
        write(format!("{view}.head.folded"), &head.stacks.to_string())?;
        let picture = write(format!("{view}.svg"), &picture)?;
        let own = |found: &Found| to_callers(&found.stacks).self_counts();
        let growth = growth::between(&own(&base), &own(&head));
        Ok(Difference {
            view: head.view,
            sampler: head.sampler,
            unit: head.unit.to_owned(),
            growth,
            picture,
            notes: head.notes,
        })
    }
}

/// Adds another look at the same build.
fn add(found: &mut Found, again: &Found) -> Result<()> {
    ensure!(
        found.sampler == again.sampler,
        "the sampler changed from {} to {}: name one with --sampler",
        found.sampler,
        again.sampler
    );
    let (total, total_again) = (found.stacks.total() as f64, again.stacks.total() as f64);
    if let (Some(one), Some(other)) = (found.count_ns, again.count_ns) {
        found.count_ns = Some((one * total + other * total_again) / (total + total_again));
    }
    found.stacks.merge(&again.stacks);
    found.iterations += again.iterations;
    let time = |found: &Found| found.measured_ns.unwrap_or(0);
    found.measured_ns = Some(time(found) + time(again));
    Ok(())
}

/// Samples become nanoseconds of as many iterations on both sides: what did not change has the
/// same width in both, however much else changed.
fn per_as_many_iterations(base: &mut Found, head: &mut Found) {
    let iterations = base.iterations.max(head.iterations);
    for found in [base, head] {
        // Under callgrind these are instructions already, of as many iterations.
        if let Some(count_ns) = found.count_ns.take() {
            let factor = iterations as f64 / found.iterations.max(1) as f64;
            found.stacks = scaled(&found.stacks, factor * count_ns);
            found.unit = "ns";
        }
        found.iterations = iterations;
    }
}

fn scaled(stacks: &Folded, factor: f64) -> Folded {
    let mut scaled = Folded::default();
    stacks.iter().for_each(|(stack, count)| scaled.add(stack, (count as f64 * factor) as u64));
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stacks: &str, iterations: u64) -> Found {
        Found {
            view: View::Cpu,
            sampler: "test".to_owned(),
            unit: "samples",
            stacks: Folded::parse(stacks).unwrap(),
            count_ns: Some(1000.0),
            table: None,
            iterations,
            measured_ns: None,
            notes: Vec::new(),
        }
    }

    /// The base did twice as many iterations in the same time: `f` did not change.
    #[test]
    fn what_did_not_change_has_the_same_width() {
        let (mut base, mut head) = (found("f 100\n", 20), found("f 50\ng 50\n", 10));
        per_as_many_iterations(&mut base, &mut head);
        let growth = growth::between(&base.stacks.self_counts(), &head.stacks.self_counts());
        let changed: Vec<_> = growth.changes.iter().map(|c| c.function.as_str()).collect();
        assert_eq!(changed, ["g"]);
        assert_eq!((base.iterations, head.iterations, head.unit), (20, 20, "ns"));
    }

    #[test]
    fn looks_by_different_samplers_are_not_added() {
        let mut one = found("f 1\n", 1);
        let mut other = found("f 2\n", 1);
        add(&mut one, &other).unwrap();
        assert_eq!((one.stacks.total(), one.iterations), (3, 2));
        other.sampler = "another".to_owned();
        assert!(add(&mut one, &other).unwrap_err().to_string().contains("--sampler"));
    }
}
