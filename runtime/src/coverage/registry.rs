//! All threads' records, and the sums of threads that are gone.
//!
//! A record is enlisted by its thread's first probe and folded into the sums when the thread
//! ends, so memory grows with the sites and not with the number of threads there ever were.
//! One lock orders folding, dumping and clearing; probes do not take it. Locks are taken in
//! the order registry, record.

use super::ledger::{Counts, Ledger, Reading};
use super::mcdc::{MAX_VECTORS, Vector};
use super::record::{PathKey, Record, SiteKey};
use crate::sync::{Arc, Mutex};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::hash::Hash;

type Sums<K> = FxHashMap<K, Counts>;

/// Coverage data added up over threads.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    pub(super) decisions: Sums<SiteKey>,
    pub(super) conditions: Sums<SiteKey>,
    pub(super) paths: Sums<PathKey>,
    pub(super) vectors: FxHashMap<SiteKey, FxHashSet<Vector>>,
}

impl Totals {
    pub(super) const fn new() -> Self {
        Self {
            decisions: FxHashMap::with_hasher(FxBuildHasher),
            conditions: FxHashMap::with_hasher(FxBuildHasher),
            paths: FxHashMap::with_hasher(FxBuildHasher),
            vectors: FxHashMap::with_hasher(FxBuildHasher),
        }
    }

    fn add(&mut self, record: &Record, reading: Reading) {
        let mut lists = record.lists.lock();
        add_ledger(&mut self.decisions, &mut lists.decisions, reading);
        add_ledger(&mut self.conditions, &mut lists.conditions, reading);
        add_ledger(&mut self.paths, &mut lists.paths, reading);
        for (decision, vector) in &lists.vectors {
            let key = lists.decisions.key(*decision);
            if !self.vectors.contains_key(key) {
                self.vectors.insert(key.clone(), FxHashSet::default());
            }
            let vectors = self.vectors.get_mut(key).expect("inserted above");
            if vectors.len() < MAX_VECTORS {
                vectors.insert(*vector);
            }
        }
        if reading == Reading::Take {
            record.forget_vectors(&mut lists);
        }
    }
}

fn add_ledger<K: Eq + Hash + Clone>(sums: &mut Sums<K>, ledger: &mut Ledger<K>, reading: Reading) {
    ledger.read(reading, |key, counts| {
        if let Some(sum) = sums.get_mut(key) {
            *sum = [sum[0].wrapping_add(counts[0]), sum[1].wrapping_add(counts[1])];
        } else {
            sums.insert(key.clone(), counts);
        }
    });
}

#[derive(Debug)]
struct Threads {
    live: Vec<Arc<Record>>,
    finished: Totals,
}

/// The coverage data of a process.
#[derive(Debug)]
pub(super) struct Registry(Mutex<Threads>);

impl Registry {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Threads { live: Vec::new(), finished: Totals::new() }))
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(Mutex::new(Threads { live: Vec::new(), finished: Totals::new() }))
    }

    /// A record for the calling thread; to be given back by [`Registry::retire`].
    pub(super) fn enlist(&self) -> Arc<Record> {
        let record = Arc::new(Record::new());
        self.0.lock().live.push(record.clone());
        record
    }

    /// Folds the record of a thread that counts no more into the sums.
    pub(super) fn retire(&self, record: &Arc<Record>) {
        let mut threads = self.0.lock();
        if let Some(at) = threads.live.iter().position(|live| Arc::ptr_eq(live, record)) {
            threads.live.swap_remove(at);
            threads.finished.add(record, Reading::Take);
        }
    }

    /// The sums over all threads, finished and live.
    pub(super) fn totals(&self) -> Totals {
        let threads = self.0.lock();
        let mut totals = threads.finished.clone();
        for record in &threads.live {
            totals.add(record, Reading::Peek);
        }
        totals
    }

    /// The same, leaving nothing: each count ends up in exactly one `take`, or in the
    /// totals after the last.
    pub(super) fn take(&self) -> Totals {
        let mut threads = self.0.lock();
        let mut totals = std::mem::replace(&mut threads.finished, Totals::new());
        for record in &threads.live {
            totals.add(record, Reading::Take);
        }
        totals
    }

    /// How many threads have a record.
    #[cfg(all(test, not(loom)))]
    pub(super) fn live(&self) -> usize {
        self.0.lock().live.len()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Registry;
    use crate::coverage::record::SiteKey;
    use std::sync::Arc;

    #[test]
    fn memory_does_not_grow_with_the_number_of_threads() {
        let registry = Registry::new();
        let site = SiteKey { decision: 1, condition: 0, file: c"f".into(), line: 1, column: 1 };
        for round in 1..=100 {
            let record = registry.enlist();
            assert_eq!(registry.live(), 1);
            let (_, tally) = record.enrol_decision(site.clone());
            // SAFETY: `record` is alive and keeps its tallies in place.
            unsafe { &*tally }.add(true);
            registry.retire(&record);
            assert_eq!((registry.live(), Arc::strong_count(&record)), (0, 1));
            let totals = registry.totals();
            assert_eq!(totals.decisions.len(), 1);
            assert_eq!(totals.decisions[&site], [0, round]);
        }
    }
}
