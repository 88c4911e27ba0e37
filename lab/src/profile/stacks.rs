//! Folded stacks become files and a record.

use crate::profile::folder::Folder;
use anyhow::Result;
use simple_profiles::Folded;
use simple_profiles::flame::{Options, render};
use simple_profiles::names::short;
use simple_profiles::{merge, recursion};
use simple_records::{FunctionShare, ProfileRecord, StackProfile, View};

/// Functions that the record keeps.
const MOST_FUNCTIONS: usize = 40;

/// The stacks that a profiler found, with their origin.
#[derive(Debug, Clone)]
pub struct Found {
    /// The view that they are of.
    pub view: View,
    /// Who counted, with its settings.
    pub sampler: String,
    /// The unit of the counts.
    pub unit: &'static str,
    /// The stacks.
    pub stacks: Folded,
    /// Stacks that the table of functions is made of, if not of these.
    pub table: Option<Folded>,
    /// Iterations in which it was counted.
    pub iterations: u64,
    /// Processor time of one sample.
    pub count_ns: Option<f64>,
    /// Duration of these iterations, where that means something.
    pub measured_ns: Option<u64>,
    /// Notes for readers, in sentences.
    pub notes: Vec<String>,
}

impl Found {
    /// Writes stacks, picture and record of a workload.
    pub fn write(mut self, workload: &str, folder: &mut Folder) -> Result<()> {
        let (drawn, is_recursive) = recursion::cut(&self.stacks);
        if is_recursive {
            self.notes
                .push("Recursion is drawn as a few levels; the folded stacks have all.".to_owned());
        }
        let picture = render(
            &drawn,
            &Options {
                title: workload.to_owned(),
                subtitle: Some(format!("{}: {} by {}", self.view.name(), self.unit, self.sampler)),
                unit: self.unit.to_owned(),
            },
        )?;
        let name = |ending: &str| format!("{}.{ending}", self.view.name());
        let (folded_file, picture_file) = (name("folded"), name("svg"));
        folder.write(&folded_file, &self.stacks.to_string())?;
        folder.write(&picture_file, &picture)?;
        folder.record(&ProfileRecord::Stacks(StackProfile {
            view: self.view,
            functions: top_functions(self.table.as_ref().unwrap_or(&self.stacks)),
            total: self.stacks.total(),
            sampler: self.sampler,
            unit: self.unit.to_owned(),
            iterations: self.iterations,
            measured_ns: self.measured_ns,
            notes: self.notes,
            folded: folded_file,
            picture: picture_file,
        }))
    }
}

/// The functions with the largest counts of their own, the largest first. What the standard
/// library does counts for who calls it.
pub fn top_functions(stacks: &Folded) -> Vec<FunctionShare> {
    let stacks = merge::into_callers(stacks);
    let inclusive = stacks.inclusive_counts();
    let share = |(function, own): (String, u64)| FunctionShare {
        inclusive: inclusive.get(&function).copied().unwrap_or(own),
        short: short(&function),
        function,
        own,
    };
    let mut functions: Vec<_> = stacks.self_counts().into_iter().map(share).collect();
    // Stable: equal ones stay sorted by name.
    functions.sort_by_key(|share| std::cmp::Reverse(share.own));
    functions.truncate(MOST_FUNCTIONS);
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_by_their_own_counts() {
        let stacks = Folded::parse("t;a 1\nt;a;b 5\nt;c 3\n").unwrap();
        let functions = top_functions(&stacks);
        let shown: Vec<_> =
            functions.iter().map(|f| (f.function.as_str(), f.own, f.inclusive)).collect();
        assert_eq!(shown, [("b", 5, 5), ("c", 3, 3), ("a", 1, 6)]);
    }
}
