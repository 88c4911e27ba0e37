//! Stacks that a profiler collected; written as files and a record, or added up.

use crate::profile::folder::Folder;
use anyhow::{Result, ensure};
use simple_profiles::flame::{Options, render};
use simple_profiles::names::short;
use simple_profiles::normalize::StackCounts;
use simple_profiles::top::{FunctionCounts, top};
use simple_profiles::{Folded, recursion};
use simple_records::{FunctionShare, ProfileRecord, StackProfile, Unit, View};

/// Maximum number of functions in the record.
const MOST_FUNCTIONS: usize = 40;

/// The stacks that a profiler collected, with their origin.
#[derive(Debug, Clone)]
pub struct CollectedStacks {
    /// The view that they are of.
    pub view: View,
    /// The sampler with its settings.
    pub sampler: String,
    /// Unit of the counts.
    pub unit: Unit,
    /// The stacks, with the iterations in which they were counted.
    pub counts: StackCounts,
    /// Stacks of the table of functions, if not the same.
    pub table: Option<Folded>,
    /// Duration of the iterations; absent where the profiler slows them down.
    pub measured_ns: Option<u64>,
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
}

impl CollectedStacks {
    /// Writes stacks, picture and record of a workload.
    pub fn write(mut self, workload: &str, folder: &mut Folder) -> Result<()> {
        let stacks = &self.counts.stacks;
        let (drawn, is_recursive) = recursion::cut(stacks);
        if is_recursive {
            self.notes
                .push("Recursion is drawn as a few levels; the folded stacks have all.".to_owned());
        }
        let picture = render(
            &drawn,
            &Options {
                title: workload.to_owned(),
                subtitle: Some(format!("{}: {} by {}", self.view.name(), self.unit, self.sampler)),
                unit: self.unit.name().to_owned(),
            },
        )?;
        let name = |ending: &str| format!("{}.{ending}", self.view.name());
        let (folded_file, picture_file) = (name("folded"), name("svg"));
        folder.write(&folded_file, &stacks.to_string())?;
        folder.write(&picture_file, &picture)?;
        let functions = top(self.table.as_ref().unwrap_or(stacks), MOST_FUNCTIONS);
        folder.record(&ProfileRecord::Stacks(StackProfile {
            view: self.view,
            functions: functions.into_iter().map(share).collect(),
            total: stacks.total(),
            sampler: self.sampler,
            unit: self.unit.into(),
            iterations: self.counts.iterations,
            measured_ns: self.measured_ns,
            notes: self.notes,
            folded: folded_file,
            picture: picture_file,
        }))
    }

    /// Adds another recording of the same build.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.ensure_same_sampler(other)?;
        self.counts.merge(&other.counts);
        let notes = other.notes.iter().filter(|note| !self.notes.contains(note));
        let notes: Vec<String> = notes.cloned().collect();
        self.notes.extend(notes);
        self.measured_ns = Some(self.measured_ns.unwrap_or(0) + other.measured_ns.unwrap_or(0));
        Ok(())
    }

    /// Refuses counts by different samplers, which cannot be compared.
    pub fn ensure_same_sampler(&self, other: &Self) -> Result<()> {
        ensure!(
            self.sampler == other.sampler,
            "the sampler changed from {} to {}: name one with --sampler",
            self.sampler,
            other.sampler
        );
        Ok(())
    }
}

fn share(counts: FunctionCounts) -> FunctionShare {
    FunctionShare {
        short: short(&counts.function),
        function: counts.function,
        own: counts.own,
        inclusive: counts.inclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(stacks: &str, iterations: u64) -> CollectedStacks {
        let stacks = Folded::parse(stacks).unwrap();
        CollectedStacks {
            view: View::Cpu,
            sampler: "test".to_owned(),
            unit: Unit::Samples,
            counts: StackCounts { stacks, iterations, period_ns: Some(1000.0) },
            table: None,
            measured_ns: Some(5),
            notes: vec!["A note.".to_owned()],
        }
    }

    #[test]
    fn recordings_by_different_samplers_are_not_added() {
        let mut one = collected("f 1\n", 1);
        let mut other = collected("f 2\n", 1);
        one.merge(&other).unwrap();
        assert_eq!((one.counts.stacks.total(), one.counts.iterations), (3, 2));
        assert_eq!((one.measured_ns, one.notes.len()), (Some(10), 1));
        other.sampler = "another".to_owned();
        assert!(one.merge(&other).unwrap_err().to_string().contains("--sampler"));
    }
}
