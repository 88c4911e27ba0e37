//! Every comparison and its workloads; one file or folder a family.

mod abi;
mod aop;
mod channel;
mod coverage;
mod executor;
mod file;
mod future;
mod gated;
mod latency;
mod registry;
pub(crate) mod self_test;
mod thread;
mod timeline;

pub(crate) use gated::gated;

use crate::Workload;
use simple_records::Comparison;

/// A question and the workloads that answer it.
#[derive(Debug)]
pub struct Family {
    /// What is compared.
    pub comparison: Comparison,
    /// The alternatives, the runtime's and its peers'.
    pub workloads: Vec<Workload>,
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;
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
    fn every_workload_stands_on_the_axes_of_its_comparison() {
        for family in all() {
            let Comparison { x_axis, series_axis, facet_axis, .. } = &family.comparison;
            let axes = [Some(x_axis), Some(series_axis), facet_axis.as_ref()];
            for workload in &family.workloads {
                for axis in axes.into_iter().flatten() {
                    assert!(workload.axes.get(axis).is_some(), "{} has no {axis}", workload.name);
                }
            }
        }
    }

    #[test]
    fn every_comparison_has_something_in_the_quick_profile_or_says_why_not() {
        // What only those need who look closer.
        let larger = ["file/folios", "registry/50pct-updates"];
        for family in all() {
            let quick = family.workloads.iter().any(|workload| workload.profile == Profile::Quick);
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
