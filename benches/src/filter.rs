//! Choosing workloads by name or by axis.

use crate::Workload;
use wildmatch::WildMatch;

/// Which workloads are wanted: those that match any of the patterns, or all if there are
/// none.
///
/// * `registry` or `file/*/1MiB`: the name contains it; `*` and `?` stand for any text and
///   any one character, also across slashes.
/// * `workers=2` or `lock=*-std`: the value on that axis is this.
#[derive(Debug, Default)]
pub struct Filter(Vec<Pattern>);

#[derive(Debug)]
enum Pattern {
    Name(WildMatch),
    Axis { axis: String, value: WildMatch },
}

impl Filter {
    /// The filter of these patterns.
    pub fn new(patterns: &[String]) -> Self {
        let pattern = |text: &String| match text.split_once('=') {
            Some((axis, value)) => {
                Pattern::Axis { axis: axis.to_owned(), value: WildMatch::new(value) }
            }
            None => Pattern::Name(WildMatch::new(&format!("*{text}*"))),
        };
        Self(patterns.iter().map(pattern).collect())
    }

    /// Whether it wants this workload.
    pub fn wants(&self, workload: &Workload) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(workload))
    }
}

impl Pattern {
    fn matches(&self, workload: &Workload) -> bool {
        match self {
            Self::Name(name) => name.matches(&workload.name),
            Self::Axis { axis, value } => {
                workload.axes.get(axis).is_some_and(|found| value.matches(&found.to_string()))
            }
        }
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
