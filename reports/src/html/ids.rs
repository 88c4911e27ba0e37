//! Anchors: readable, unique, and made of harmless characters only.

use std::collections::{HashMap, HashSet};

/// Gives each name an anchor.
#[derive(Debug, Default)]
pub(super) struct Ids {
    by_name: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Ids {
    /// The anchor of `name` in the space `prefix`; the same name gets the same anchor.
    pub(super) fn of(&mut self, prefix: &str, name: &str) -> String {
        let key = format!("{prefix} {name}");
        if let Some(id) = self.by_name.get(&key) {
            return id.clone();
        }
        let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let slug: String = name.chars().map(|c| if is_kept(c) { c } else { '-' }).collect();
        let base = format!("{prefix}-{slug}");
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        let mut candidates = std::iter::once(base.clone()).chain(numbered);
        let id = candidates.find(|id| !self.taken.contains(id)).unwrap_or(base);
        self.taken.insert(id.clone());
        self.by_name.insert(key, id.clone());
        id
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn anchors_are_readable_and_unique() {
        let mut ids = Ids::default();
        assert_eq!(ids.of("w", "file/load/auto/1MiB"), "w-file-load-auto-1MiB");
        assert_eq!(ids.of("w", "file load auto 1MiB"), "w-file-load-auto-1MiB-2");
        assert_eq!(ids.of("w", "file/load/auto/1MiB"), "w-file-load-auto-1MiB");
        assert_eq!(ids.of("w", "\"><script>"), "w----script-");
    }
}
