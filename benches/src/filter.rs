//! Choosing workloads by name or by axis.

use crate::Workload;

/// Chooses workloads, as [`simple_names::Filter`] describes it.
#[derive(Debug, Default)]
pub struct Filter(simple_names::Filter);

impl Filter {
    /// Makes the filter of these patterns.
    pub fn new(patterns: &[String]) -> Self {
        Self(simple_names::Filter::new(patterns))
    }

    /// Returns whether it wants this workload.
    pub fn wants(&self, workload: &Workload) -> bool {
        let listed = workload.named();
        self.0.chooses(&listed.name, &listed.axes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn names(patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<_> = patterns.iter().map(|&text| text.to_owned()).collect();
        let filter = Filter::new(&patterns);
        let workloads = catalogue::all().into_iter().flat_map(|family| family.workloads);
        workloads.filter(|workload| filter.wants(workload)).map(|workload| workload.name).collect()
    }

    #[test]
    fn no_pattern_wants_everything() {
        let all: usize = catalogue::all().iter().map(|family| family.workloads.len()).sum();
        assert_eq!(names(&[]).len(), all);
    }

    #[test]
    fn part_of_a_name_is_enough() {
        let found = names(&["registry"]);
        assert!(!found.is_empty());
        assert!(found.iter().all(|name| name.contains("registry")));
    }

    #[test]
    fn a_star_crosses_slashes() {
        let found = names(&["file/*/1MiB"]);
        assert!(found.len() > 1);
        assert!(found.iter().all(|name| name.starts_with("file/") && name.contains("/1MiB")));
    }

    #[test]
    fn an_axis_is_compared_whole() {
        let found = names(&["workers=2"]);
        assert!(!found.is_empty());
        assert_eq!(names(&["workers=99"]), [""; 0]);
        assert_eq!(names(&["no-such-axis=2"]), [""; 0]);
    }

    #[test]
    fn several_patterns_add_up() {
        assert_eq!(
            names(&["coverage", "registry"]).len(),
            names(&["coverage"]).len() + names(&["registry"]).len()
        );
    }
}
