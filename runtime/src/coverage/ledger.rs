//! Counters that one thread writes and any thread reads.
//!
//! # Protocol
//!
//! * Only the owner of a [`Ledger`] writes its tallies: a relaxed load, an addition, a relaxed
//!   store. There is no read-modify-write, and no cache line shared with another writer, so the
//!   cost does not depend on the number of threads.
//! * Tallies are in chunks, one for each block of [`BLOCK`] numbers that the owner has come to. The
//!   owner adds chunks to slabs, and slabs to a list, which readers walk without a lock. Nothing is
//!   removed again.
//! * A tally never decreases, even when its thread ends: the ledger waits for the next owner, who
//!   continues the count. A reader adds up the tallies of all ledgers and subtracts a *baseline*,
//!   which belongs to the readers. A clear moves the baseline up to the sums just read, so owners
//!   are never disturbed.
//!
//! Nothing is lost and nothing becomes negative. One load decides for each count on which side of a
//! clear it falls. Because clears take one lock, coherence makes each later load see a value at
//! least as large as the one in the baseline. For the same reason a dump or a clear sees each probe
//! that happened before it (same thread, a join, a channel). A probe that races with it falls on
//! either side.

use super::lock::constructor;
use crate::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::iter::successors;
use std::ptr;

/// Number of tallies that are created together.
pub(super) const BLOCK: u32 = if cfg!(loom) { 2 } else { 32 };

/// The number of times that something was false (index 0) and true (index 1).
pub(super) type Counts = [u64; 2];

/// The counts of one number on one thread.
#[derive(Debug)]
pub(super) struct Tally([AtomicU64; 2]);

impl Tally {
    fn new() -> Self {
        Self([AtomicU64::new(0), AtomicU64::new(0)])
    }

    /// Counts once. Only the owner of the ledger may call it.
    #[inline(always)]
    pub(super) fn add(&self, outcome: bool) {
        self.add_times(outcome, 1);
    }

    /// Counts `times` times, as [`Tally::add`] does once.
    #[inline(always)]
    pub(super) fn add_times(&self, outcome: bool, times: u64) {
        let count = &self.0[usize::from(outcome)];
        count.store(count.load(Ordering::Relaxed).wrapping_add(times), Ordering::Relaxed);
    }

    fn read(&self) -> Counts {
        [self.0[0].load(Ordering::Relaxed), self.0[1].load(Ordering::Relaxed)]
    }
}

/// The tallies of one block of numbers. They share no cache line (nor pair of lines) with others.
#[derive(Debug)]
#[repr(C, align(128))]
struct Chunk {
    tallies: [Tally; BLOCK as usize],
}

/// Chunks that were allocated together.
#[derive(Debug)]
struct Slab {
    chunks: Box<[Chunk]>,
    /// The blocks of the chunks in use, which are the first ones.
    blocks: [AtomicU32; MOST_CHUNKS],
    used: AtomicU32,
    next: *const Slab,
}

/// Maximum number of chunks in a slab. Each slab has twice the chunks of the previous one, up to
/// this number.
const MOST_CHUNKS: usize = 8;

impl Slab {
    fn new(chunks: usize, next: *const Slab) -> *mut Self {
        let chunk = |_| Chunk { tallies: std::array::from_fn(|_| Tally::new()) };
        Box::into_raw(Box::new(Self {
            chunks: (0..chunks).map(chunk).collect(),
            blocks: std::array::from_fn(|_| AtomicU32::new(0)),
            used: AtomicU32::new(0),
            next,
        }))
    }

    fn in_use(&self) -> impl Iterator<Item = (u32, &Chunk)> {
        let used = self.used.load(Ordering::Acquire) as usize;
        let blocks = self.blocks[..used].iter().map(|block| block.load(Ordering::Relaxed));
        blocks.zip(&self.chunks)
    }

    /// Uses one more chunk, if there is one. For the owner only.
    fn open(&self, block: u32) -> Option<&Chunk> {
        let used = self.used.load(Ordering::Relaxed);
        let chunk = self.chunks.get(used as usize)?;
        self.blocks[used as usize].store(block, Ordering::Relaxed);
        self.used.store(used + 1, Ordering::Release);
        Some(chunk)
    }
}

/// One owner's tallies, as readers see them.
#[derive(Debug)]
pub(super) struct Ledger {
    newest: AtomicPtr<Slab>,
}

impl Ledger {
    constructor! {
        pub(super) fn new() -> Self {
            Self { newest: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    fn newest(&self) -> Option<&Slab> {
        // SAFETY: null, or a slab that lives as long as the ledger.
        unsafe { self.newest.load(Ordering::Acquire).as_ref() }
    }

    /// Returns the chunks with their blocks.
    fn chunks(&self) -> impl Iterator<Item = (u32, &Chunk)> {
        // SAFETY: null, or a slab that lives as long as the ledger.
        successors(self.newest(), |slab| unsafe { slab.next.as_ref() }).flat_map(Slab::in_use)
    }

    /// Adds a chunk that the owner does not have yet.
    fn open(&self, block: u32) -> &Chunk {
        let newest = self.newest();
        if let Some(chunk) = newest.and_then(|slab| slab.open(block)) {
            return chunk;
        }
        let chunks = newest.map_or(1, |slab| (slab.chunks.len() * 2).min(MOST_CHUNKS));
        let slab = Slab::new(chunks, newest.map_or(ptr::null(), ptr::from_ref));
        // SAFETY: just created, and lives as long as the ledger.
        let chunk = unsafe { &*slab }.open(block).expect("a new slab has a chunk");
        self.newest.store(slab, Ordering::Release);
        chunk
    }

    /// Adds all counts to the sums, which are extended as needed.
    pub(super) fn add_to(&self, sums: &mut Vec<Counts>) {
        for (block, chunk) in self.chunks() {
            let first = (block * BLOCK) as usize;
            if sums.len() < first + BLOCK as usize {
                sums.resize(first + BLOCK as usize, [0, 0]);
            }
            for (sum, tally) in sums[first..].iter_mut().zip(&chunk.tallies) {
                let now = tally.read();
                *sum = [sum[0].wrapping_add(now[0]), sum[1].wrapping_add(now[1])];
            }
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let mut slab = self.newest.load(Ordering::Relaxed).cast_const();
        while !slab.is_null() {
            // SAFETY: made by `open`; nobody can reach it any more.
            slab = unsafe { Box::from_raw(slab.cast_mut()) }.next;
        }
    }
}

/// The location of the tally of a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Offset of its block in an [`Account`], in bytes.
    block: u32,
    /// Offset in a chunk, in bytes.
    in_chunk: u32,
}

impl Place {
    /// The place of number 0.
    #[cfg(not(loom))]
    pub(super) const FIRST: Self = Self { block: 0, in_chunk: 0 };

    pub(super) fn of(number: u32) -> Self {
        Self {
            block: number / BLOCK * size_of::<*const Chunk>() as u32,
            in_chunk: number % BLOCK * size_of::<Tally>() as u32,
        }
    }

    pub(super) fn number(self) -> u32 {
        self.block / size_of::<*const Chunk>() as u32 * BLOCK
            + self.in_chunk / size_of::<Tally>() as u32
    }

    /// Returns the index of its block in an account.
    fn at(self) -> usize {
        (self.number() / BLOCK) as usize
    }
}

/// The owner's access to the tallies of a ledger; nobody else has one.
#[derive(Debug)]
pub(super) struct Account {
    /// Chunks by block; NULL for blocks that the owner has not come to.
    chunks: Vec<*const Chunk>,
    /// Number of chunks that exist.
    opened: usize,
}

impl Account {
    /// Creates an account with the tallies that the ledger's earlier owners have left.
    pub(super) fn of(ledger: &Ledger) -> Self {
        let mut account = Self { chunks: Vec::new(), opened: 0 };
        for (block, chunk) in ledger.chunks() {
            account.make_room(block as usize + 1);
            account.chunks[block as usize] = chunk;
            account.opened += 1;
        }
        account
    }

    fn make_room(&mut self, blocks: usize) {
        if self.chunks.len() < blocks {
            self.chunks.resize(blocks, ptr::null());
        }
    }

    /// Returns the memory of all tallies in bytes.
    #[cfg(not(loom))]
    pub(super) fn bytes(&self) -> usize {
        self.opened * size_of::<Chunk>()
    }

    /// Makes room for all numbers below this one, see [`Account::find`].
    pub(super) fn expect(&mut self, numbers: usize) {
        self.make_room(numbers.div_ceil(BLOCK as usize));
    }

    /// Returns the tally at this place, if the owner has come to its block.
    ///
    /// # Safety
    ///
    /// The ledger lives as long as the tally is used, and the place's number has been
    /// [expected](Account::expect).
    #[inline(always)]
    pub(super) unsafe fn find<'a>(&self, place: Place) -> Option<&'a Tally> {
        debug_assert!(place.at() < self.chunks.len());
        // SAFETY: by the caller's promise within the list; NULL or a chunk of the ledger, whose
        // tallies are at its beginning.
        unsafe {
            let chunk = *self.chunks.as_ptr().byte_add(place.block as usize);
            (!chunk.is_null()).then(|| &*chunk.byte_add(place.in_chunk as usize).cast())
        }
    }

    /// Returns the tally at this place in `ledger`, whose account this is. Creates it if necessary.
    pub(super) fn open<'l>(&mut self, ledger: &'l Ledger, place: Place) -> &'l Tally {
        if place.at() < self.chunks.len() {
            // SAFETY: there is room for it.
            if let Some(tally) = unsafe { self.find(place) } {
                return tally;
            }
        }
        self.make_room(place.at() + 1);
        let chunk = &mut self.chunks[place.at()];
        if chunk.is_null() {
            *chunk = ledger.open(place.number() / BLOCK);
            self.opened += 1;
        }
        // SAFETY: a chunk of the ledger.
        unsafe { &(&(**chunk).tallies)[(place.number() % BLOCK) as usize] }
    }
}
