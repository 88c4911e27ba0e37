//! Anchors: readable, unique, and made of harmless characters only.

use std::collections::{HashMap, HashSet};

/// Maximum number of characters of an anchor: a file's name may have 255 bytes.
const LONGEST: usize = 150;

/// Gives each name an anchor.
#[derive(Debug, Default)]
pub(super) struct Ids {
    by_name: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Ids {
    /// The anchor of `name` in the space `prefix`; the same name gets the same anchor.
    pub(super) fn anchor(&mut self, prefix: &str, name: &str) -> String {
        let key = format!("{prefix} {name}");
        if let Some(id) = self.by_name.get(&key) {
            return id.clone();
        }
        let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        // Files are named by them too, and names may be of any length.
        let slug = name.chars().map(|c| if is_kept(c) { c } else { '-' });
        let slug: String = slug.take(LONGEST).collect();
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
        assert_eq!(ids.anchor("w", "file/load/auto/1MiB"), "w-file-load-auto-1MiB");
        assert_eq!(ids.anchor("w", "file load auto 1MiB"), "w-file-load-auto-1MiB-2");
        assert_eq!(ids.anchor("w", "file/load/auto/1MiB"), "w-file-load-auto-1MiB");
        assert_eq!(ids.anchor("w", "\"><script>"), "w----script-");
        let long = ["a".repeat(1000), "a".repeat(1001)].map(|name| ids.anchor("w", &name));
        assert!(long[0] != long[1] && long.iter().all(|id| id.len() < 160), "{long:?}");
    }
}
