//! The paths and test vectors that were met since a clear.
//!
//! A clear begins a new chapter, so that what was met before uses neither memory nor room under the
//! limits. A thread changes to the new chapter when it next ends a path or an evaluation. What it
//! counts in the old one until then is not lost: readers read every chapter that some thread still
//! has.

use super::interner::{Interned, Interner};
use super::ledger::{Account, Counts, Ledger, Place, Tally};
use super::mcdc::{MAX_VECTORS, Vector};
use super::outcome::{Evaluated, Outcome, OutcomeKey, Reading};
use super::pool::{Node, Pool};
use crate::sync::Arc;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;
use std::ptr;

/// Maximum number of distinct paths kept for one path number, and of their blocks together.
pub const MAX_PATHS: usize = 4096;
const MAX_BLOCKS: usize = 1 << 20;

/// Maximum number of distinct paths of all numbers, of their blocks together, and of distinct
/// vectors of all decisions.
const MAX_ALL: usize = 1 << 20;
const MAX_ALL_BLOCKS: usize = 1 << 24;

/// A path: its number and its blocks, or all paths of this number beyond the limits.
#[derive(Debug)]
pub(super) struct KnownPath {
    pub(super) path: u32,
    pub(super) blocks: Option<Box<[u32]>>,
    place: Place,
}

impl Interned for KnownPath {
    fn hash(&self) -> u64 {
        path_hash(self.path, self.blocks.as_deref())
    }

    fn number(&self) -> u32 {
        self.place.number()
    }
}

fn path_hash(path: u32, blocks: Option<&[u32]>) -> u64 {
    FxBuildHasher.hash_one((path, blocks))
}

#[derive(Debug, Default)]
struct Held {
    paths: usize,
    blocks: usize,
}

impl Held {
    /// Adds a path, if it fits within these limits.
    fn add(&mut self, blocks: usize, max_paths: usize, max_blocks: usize) -> bool {
        let fits = self.paths < max_paths && self.blocks + blocks <= max_blocks;
        if fits {
            self.paths += 1;
            self.blocks += blocks;
        }
        fits
    }
}

#[derive(Debug)]
pub(super) struct AllHeld {
    all: Held,
    by_path: FxHashMap<u32, Held>,
}

#[derive(Debug)]
pub(super) struct Kept {
    all: usize,
    by_site: FxHashMap<u32, usize>,
}

/// The paths and test vectors that were met since a clear; see the module.
#[derive(Debug)]
pub(super) struct Chapter {
    pub(super) paths: Interner<KnownPath, AllHeld>,
    pub(super) evaluated: Interner<Evaluated, Kept>,
    /// The counts of paths.
    ledgers: Pool<Ledger>,
}

impl Chapter {
    pub(super) fn new() -> Self {
        let limit = 2 * MAX_ALL as u32;
        let all_held = AllHeld { all: Held::default(), by_path: FxHashMap::default() };
        Self {
            paths: Interner::new(limit, all_held),
            evaluated: Interner::new(limit, Kept { all: 0, by_site: FxHashMap::default() }),
            ledgers: Pool::new(),
        }
    }

    /// Returns this path, or the entry for all paths beyond the limits; `None` if there is no room
    /// for that either.
    pub(super) fn path(&self, path: u32, blocks: &[u32]) -> Option<&KnownPath> {
        let is = |known: &KnownPath| known.path == path && known.blocks.as_deref() == Some(blocks);
        let hash = path_hash(path, Some(blocks));
        let known = self.paths.find(hash, is).or_else(|| self.path_beyond(path));
        known.or_else(|| {
            let new = self.paths.intern(hash, is, |held, number| {
                let of_path = held.by_path.entry(path).or_default();
                let fits = of_path.add(blocks.len(), MAX_PATHS, MAX_BLOCKS)
                    && held.all.add(blocks.len(), MAX_ALL, MAX_ALL_BLOCKS);
                let place = Place::of(number);
                fits.then(|| KnownPath { path, blocks: Some(blocks.into()), place })
            });
            new.or_else(|| self.add_path_beyond(path))
        })
    }

    /// Returns the entry for all paths of this number beyond the limits, if there are any.
    fn path_beyond(&self, path: u32) -> Option<&KnownPath> {
        self.paths.find(path_hash(path, None), |known| known.is_beyond(path))
    }

    /// Returns the same entry, and adds it if there is room.
    pub(super) fn add_path_beyond(&self, path: u32) -> Option<&KnownPath> {
        let make = |_: &mut AllHeld, number| {
            Some(KnownPath { path, blocks: None, place: Place::of(number) })
        };
        self.paths.intern(path_hash(path, None), |known| known.is_beyond(path), make)
    }

    /// True if a vector was met at the site with this number.
    #[inline(always)]
    pub(super) fn is_met(&self, site: u32, vector: Vector) -> bool {
        self.find(OutcomeKey::new(site, Outcome::Vector(vector))).is_some_and(Evaluated::is_met)
    }

    /// Records an outcome at the site with this number; `None` if there is no room.
    #[must_use]
    pub(super) fn evaluate(&self, site: u32, outcome: Outcome) -> Option<()> {
        let key = OutcomeKey::new(site, outcome);
        let beyond = key.beyond();
        let known = self.find(key).or_else(|| self.find(beyond).filter(|_| key.is_vector()));
        let added = known.or_else(|| self.add(key));
        let added = added.or_else(|| self.add(beyond).filter(|_| key.is_vector()));
        added.map(Evaluated::meet)
    }

    #[inline(always)]
    fn find(&self, key: OutcomeKey) -> Option<&Evaluated> {
        self.evaluated.find(key.hash(), |known| known.is(key))
    }

    fn add(&self, key: OutcomeKey) -> Option<&Evaluated> {
        self.evaluated.intern(
            key.hash(),
            |known| known.is(key),
            |kept, number| {
                if key.is_vector() {
                    let of_site = kept.by_site.entry(key.site()).or_default();
                    if *of_site == MAX_VECTORS || kept.all == MAX_ALL {
                        return None;
                    }
                    *of_site += 1;
                    kept.all += 1;
                }
                Some(Evaluated::new(key, number))
            },
        )
    }

    /// Returns the counts of all paths since the chapter began, by number.
    pub(super) fn path_sums(&self) -> Vec<Counts> {
        let mut sums = Vec::new();
        for ledger in self.ledgers.iter() {
            ledger.add_to(&mut sums);
        }
        sums
    }

    /// Returns the counts of all outcomes, by number.
    pub(super) fn outcome_counts(&self, reading: Reading) -> Vec<u64> {
        (0..self.evaluated.len()).map(|number| self.evaluated.get(number).read(reading)).collect()
    }
}

impl KnownPath {
    fn is_beyond(&self, path: u32) -> bool {
        self.path == path && self.blocks.is_none()
    }
}

/// A chapter, as one thread writes to it.
#[derive(Debug)]
pub(super) struct Opened {
    chapter: Arc<Chapter>,
    ledger: *const Node<Ledger>,
    account: Account,
}

impl Opened {
    pub(super) fn new(chapter: Arc<Chapter>) -> Self {
        let node = chapter.ledgers.take(Ledger::new);
        let (account, ledger) = (Account::of(&node.value), ptr::from_ref(node));
        Self { chapter, ledger, account }
    }

    pub(super) fn chapter(&self) -> &Arc<Chapter> {
        &self.chapter
    }

    pub(super) fn is(&self, chapter: &Arc<Chapter>) -> bool {
        Arc::ptr_eq(&self.chapter, chapter)
    }

    /// Counts a path that was passed.
    pub(super) fn pass(&mut self, path: u32, blocks: &[u32]) -> Option<Passed> {
        let known = ptr::from_ref(self.chapter.path(path, blocks)?);
        // SAFETY: an entry of the chapter, which this holds.
        let tally = self.count(unsafe { &*known }.place, 1);
        Some(Passed { known, tally })
    }

    /// Counts paths that are beyond the limits.
    pub(super) fn pass_beyond(&mut self, path: u32, times: u64) -> Option<()> {
        let place = self.chapter.add_path_beyond(path)?.place;
        self.count(place, times);
        Some(())
    }

    fn count(&mut self, place: Place, times: u64) -> *const Tally {
        // SAFETY: a node of the chapter, which this holds.
        let ledger = unsafe { &(*self.ledger).value };
        let tally = self.account.open(ledger, place);
        tally.add_times(true, times);
        tally
    }
}

/// A path that a thread has passed, and its tally in a chapter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    known: *const KnownPath,
    tally: *const Tally,
}

impl Passed {
    /// Counts the path once more, if these are its blocks.
    ///
    /// # Safety
    ///
    /// The [`Opened`] that this comes from still exists, and nobody else is counting in it.
    #[inline(always)]
    pub(super) unsafe fn again(self, blocks: &[u32]) -> bool {
        // SAFETY: both live as long as the chapter.
        let (known, tally) = unsafe { (&*self.known, &*self.tally) };
        let is_same = known.blocks.as_deref() == Some(blocks);
        if is_same {
            tally.add(true);
        }
        is_same
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // SAFETY: a node of the chapter, taken by `new`.
        self.chapter.ledgers.give_back(unsafe { &*self.ledger });
    }
}
