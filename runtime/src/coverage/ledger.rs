//! Counters that one thread writes and any thread reads.
//!
//! # Protocol
//!
//! * The owner alone writes a [`Tally`]: a relaxed load, an addition, a relaxed store. No
//!   read-modify-write, no line shared with another writer, so the cost does not depend on
//!   the number of threads.
//! * A tally never goes down. A reader loads it and subtracts the *baseline*, which belongs
//!   to the readers and is guarded by the record's lock. Clearing is moving the baseline up
//!   to what was just loaded, so the owner is never disturbed.
//!
//! Nothing is lost and nothing goes negative: one load decides for each count whether it
//! falls before or after a clear, and because all readers take one lock, coherence makes each
//! later load see a value at least as large as the baseline. A probe that happened before a
//! dump or a clear (same thread, a join, a channel) is seen by it for the same reason; one
//! that races with it falls on either side.

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, CachePadded};

/// Tallies allocated at once; a block shares no cache line with other allocations.
const BLOCK: usize = if cfg!(loom) { 2 } else { 32 };

/// How often something was false (index 0) and true (index 1).
pub(super) type Counts = [u64; 2];

/// The counts of one site on one thread.
#[derive(Debug)]
pub(super) struct Tally([AtomicU64; 2]);

impl Tally {
    fn new() -> Self {
        Self([AtomicU64::new(0), AtomicU64::new(0)])
    }

    /// Counts once. Only the thread that enrolled this tally may call it.
    #[inline(always)]
    pub(super) fn add(&self, outcome: bool) {
        let count = &self.0[usize::from(outcome)];
        count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    fn read(&self) -> Counts {
        [self.0[0].load(Ordering::Relaxed), self.0[1].load(Ordering::Relaxed)]
    }
}

type Block = CachePadded<[Tally; BLOCK]>;

/// What a reader does to what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Leaves it.
    Peek,
    /// Clears it in the same step, so that each count is read by exactly one `Take`.
    Take,
}

/// One thread's tallies with what each of them counts.
#[derive(Debug)]
pub(super) struct Ledger<K> {
    entries: Vec<(K, Counts)>,
    blocks: Vec<Arc<Block>>,
}

impl<K> Default for Ledger<K> {
    fn default() -> Self {
        Self { entries: Vec::new(), blocks: Vec::new() }
    }
}

impl<K> Ledger<K> {
    /// Adds a tally for `key`. Its address stays valid as long as the ledger.
    pub(super) fn enrol(&mut self, key: K) -> (u32, *const Tally) {
        let index = self.entries.len();
        if index == self.blocks.len() * BLOCK {
            self.blocks.push(Arc::new(CachePadded(std::array::from_fn(|_| Tally::new()))));
        }
        self.entries.push((key, [0, 0]));
        let index_u32 = u32::try_from(index).expect("fewer sites than u32 numbers");
        (index_u32, &raw const self.blocks[index / BLOCK].0[index % BLOCK])
    }

    /// Hands each key with a count other than zero to `visit`.
    pub(super) fn read(&mut self, reading: Reading, mut visit: impl FnMut(&K, Counts)) {
        let tallies = self.blocks.iter().flat_map(|block| block.0.iter());
        for ((key, baseline), tally) in self.entries.iter_mut().zip(tallies) {
            let now = tally.read();
            let counts = [now[0].wrapping_sub(baseline[0]), now[1].wrapping_sub(baseline[1])];
            if counts != [0, 0] {
                visit(key, counts);
            }
            if reading == Reading::Take {
                *baseline = now;
            }
        }
    }

    /// The key of the entry with this index.
    pub(super) fn key(&self, index: u32) -> &K {
        &self.entries[index as usize].0
    }
}
