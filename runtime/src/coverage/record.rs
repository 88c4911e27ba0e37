//! What one thread has counted, as other threads may read it.

use std::ffi::CStr;
use std::sync::Arc as StdArc;

use super::ledger::{Ledger, Tally};
use super::mcdc::Vector;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

/// What makes a decision or a condition the one it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SiteKey {
    pub(super) decision: u32,
    /// The condition inside of the decision; 0 where the site is the decision itself, which
    /// is kept apart from conditions by the table it stands in.
    pub(super) condition: u32,
    pub(super) file: StdArc<CStr>,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A path: its number and the blocks passed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PathKey {
    pub(super) path: u32,
    pub(super) blocks: StdArc<[u32]>,
}

/// The lists behind a record's lock. The owner takes it when it meets something new, readers
/// for a dump or a clear; counting needs no lock.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) decisions: Ledger<SiteKey>,
    pub(super) conditions: Ledger<SiteKey>,
    pub(super) paths: Ledger<PathKey>,
    /// Distinct test vectors, each with its decision's index.
    pub(super) vectors: Vec<(u32, Vector)>,
}

/// One thread's share of the coverage data.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) lists: Mutex<Lists>,
    /// How often `vectors` was emptied; written under the lock. The owner compares it with
    /// what it remembers to know whether "already recorded" still holds.
    clears: AtomicU64,
}

impl Record {
    pub(super) fn new() -> Self {
        Self { lists: Mutex::new(Lists::default()), clears: AtomicU64::new(0) }
    }

    #[inline]
    pub(super) fn clears(&self) -> u64 {
        // Relaxed suffices: what was recorded is read under the lock, and an owner for which
        // the clear lies in the past sees the new value by coherence.
        self.clears.load(Ordering::Relaxed)
    }

    /// Empties the vectors; to be called with `lists` locked.
    pub(super) fn forget_vectors(&self, lists: &mut Lists) {
        lists.vectors.clear();
        self.clears.store(self.clears() + 1, Ordering::Relaxed);
    }

    pub(super) fn enrol_decision(&self, key: SiteKey) -> (u32, *const Tally) {
        self.lists.lock().decisions.enrol(key)
    }

    #[cfg(not(loom))]
    pub(super) fn enrol_condition(&self, key: SiteKey) -> (u32, *const Tally) {
        self.lists.lock().conditions.enrol(key)
    }

    #[cfg(not(loom))]
    pub(super) fn enrol_path(&self, key: PathKey) -> *const Tally {
        self.lists.lock().paths.enrol(key).1
    }

    /// Adds a vector of the decision with this index and answers the number of clears it
    /// comes after.
    pub(super) fn add_vector(&self, decision: u32, vector: Vector) -> u64 {
        let mut lists = self.lists.lock();
        lists.vectors.push((decision, vector));
        self.clears()
    }
}
