//! Every comparison and its workloads; one file or folder a family.

mod abi;
mod aop;
mod channel;
mod coverage;
mod example;
mod executor;
mod family;
mod file;
mod future;
mod latency;
mod registry;
pub(crate) mod self_test;
mod thread;
mod timeline;

pub use family::Family;

use crate::Workload;
use simple_records::harness::{Catalogue, Family as ListedFamily};

/// The whole catalogue.
pub fn all() -> Vec<Family> {
    [
        executor::families(),
        future::families(),
        file::families(),
        registry::families(),
        coverage::families(),
        thread::families(),
        timeline::families(),
        channel::families(),
        aop::families(),
        latency::families(),
        abi::families(),
        self_test::families(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The whole catalogue, as the conductor gets it.
pub fn listed() -> Catalogue {
    let families = all().into_iter().map(|family| ListedFamily {
        workloads: family.workloads.iter().map(Workload::listed).collect(),
        comparison: family.comparison,
    });
    Catalogue { families: families.collect() }
}

/// The workload of this name; nothing if there is none.
pub fn find(name: &str) -> Option<Workload> {
    let workloads = all().into_iter().flat_map(|family| family.workloads);
    workloads.into_iter().find(|workload| workload.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Effort;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_begin_with_their_comparison() {
        let mut names = HashSet::new();
        for family in all() {
            for workload in family.workloads {
                assert_eq!(workload.comparison, family.comparison.id);
                assert!(workload.name.starts_with(&family.comparison.id), "{}", workload.name);
                assert!(names.insert(workload.name.clone()), "{} is there twice", workload.name);
            }
        }
    }

    #[test]
    fn every_question_says_all_that_a_reader_needs() {
        for Family { comparison, .. } in all() {
            assert!(!comparison.x_axis.is_empty(), "{} has no axis to plot along", comparison.id);
            assert!(!comparison.series_axis.is_empty(), "{} has no alternatives", comparison.id);
            assert!(!comparison.item.is_empty(), "{} has no item", comparison.id);
            let axes = comparison.defaults.iter().map(|(axis, _)| axis);
            for axis in axes {
                let is_there = comparison.x_axis == axis || comparison.series_axis == axis;
                assert!(is_there, "{} has a default for {axis}, which is no axis", comparison.id);
            }
        }
    }

    #[test]
    fn every_comparison_has_something_in_the_quick_effort_or_says_why_not() {
        // What only those need who look closer.
        let larger = ["file/folios", "registry/50pct-updates"];
        for family in all() {
            let quick = family.workloads.iter().any(|workload| workload.effort == Effort::Quick);
            assert!(quick || larger.contains(&&*family.comparison.id), "{}", family.comparison.id);
        }
    }

    #[test]
    fn everything_says_why_it_is_there() {
        for family in all() {
            assert!(family.comparison.title.ends_with('?'), "{}", family.comparison.title);
            assert!(!family.comparison.explanation.is_empty());
            assert!(family.workloads.iter().all(|workload| !workload.reason.is_empty()));
        }
    }
}
