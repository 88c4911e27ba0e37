//! States of files in the page cache.

use serde::{Deserialize, Serialize};

/// Residency of a file in the page cache right before it was used, by mincore(2) or cachestat(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Residency {
    /// Iterations before which it was asked.
    pub iterations: u64,
    /// Pages of the files.
    pub pages: u64,
    /// Largest number of them that were in the page cache.
    pub resident_pages_max: u64,
}

impl Residency {
    /// Puts together what two parts of a measurement say: iterations add up, of pages the most
    /// count.
    pub fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        Some(Self {
            iterations: a.iterations.saturating_add(b.iterations),
            pages: a.pages.max(b.pages),
            resident_pages_max: a.resident_pages_max.max(b.resident_pages_max),
        })
    }
}

/// Layout of a file in the page cache, as page faults tell it: each page of a fresh map is touched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Layout {
    /// Size of the folios.
    pub folios: Folios,
    /// Minor page faults for each MiB.
    pub faults_per_mib: f64,
}

/// Size of the folios in which the page cache keeps a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Folios {
    /// One page fault enters a whole huge page.
    Large,
    /// One page fault enters no more than the pages around it.
    Small,
    /// Something between, or some of each.
    Mixed,
    /// Not known: a file smaller than a huge page has the same page faults either way.
    #[serde(other)]
    Unknown,
}

impl Folios {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Small => "small",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }
}
