//! Choosing workloads by name or by axis.

use wildmatch::WildMatch;

/// Chooses the workloads that match any of its patterns, or all if there are none.
///
/// * `registry` or `file/*/1MiB`: the name contains it; `*` and `?` match any text and
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
    /// Makes the filter of these patterns.
    pub fn new(patterns: &[String]) -> Self {
        let pattern = |text: &String| match text.split_once('=') {
            Some((axis, value)) => {
                Pattern::Axis { axis: axis.to_owned(), value: WildMatch::new(value) }
            }
            None => Pattern::Name(WildMatch::new(&format!("*{text}*"))),
        };
        Self(patterns.iter().map(pattern).collect())
    }

    /// Returns whether it chooses the workload of this name and these values on axes.
    pub fn chooses(&self, name: &str, axes: &[(String, String)]) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(name, axes))
    }
}

impl Pattern {
    fn matches(&self, name: &str, axes: &[(String, String)]) -> bool {
        match self {
            Self::Name(part) => part.matches(name),
            Self::Axis { axis, value } => {
                axes.iter().any(|(named, found)| named == axis && value.matches(found))
            }
        }
    }
}
