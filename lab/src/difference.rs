//! Differential flame graphs: the folded stacks of two builds and the picture of what changed.

use crate::files;
use anyhow::Result;
use simple_profiles::flame::{Compare, Options, render_difference};
use simple_profiles::{Folded, recursion};
use std::path::Path;

/// The stacks of a workload in two builds.
#[derive(Debug)]
pub struct Difference<'a> {
    /// Stacks of the build that is compared with.
    pub base: &'a Folded,
    /// Stacks of the new build.
    pub head: &'a Folded,
    /// Name of the workload.
    pub workload: &'a str,
    /// Description below the title.
    pub subtitle: String,
    /// Unit of the counts.
    pub unit: &'a str,
}

impl Difference<'_> {
    /// Writes stacks and picture into `folder`, under names that begin with `name`. Returns the names, the
    /// picture's last.
    ///
    /// # Errors
    /// If the stacks are empty, or a file cannot be written.
    pub fn write(&self, folder: &Path, name: &str) -> Result<[String; 3]> {
        let options = Options {
            title: self.workload.to_owned(),
            subtitle: Some(self.subtitle.clone()),
            unit: self.unit.to_owned(),
        };
        let drawn = |stacks| recursion::cut(stacks).0;
        let (base, head) = (drawn(self.base), drawn(self.head));
        let picture = render_difference(&base, &head, Compare::Counts, &options)?;
        let written = [
            (format!("{name}.base.folded"), self.base.to_string()),
            (format!("{name}.head.folded"), self.head.to_string()),
            (format!("{name}.svg"), picture),
        ];
        for (name, text) in &written {
            files::write(&folder.join(name), text)?;
        }
        Ok(written.map(|(name, _)| name))
    }
}
