//! Entries that many threads meet: each is kept once, and has a number, counted from 0.
//!
//! # Protocol
//!
//! * An entry is written under the writer's lock, into memory that never moves, and is never
//!   changed after it has been published in the index. Readers take no lock.
//! * The index is a hash table of entries, at most half full, with linear probing. A slot goes from
//!   empty to one entry, with a release store, and stays. A reader that finds an entry there may
//!   read it.
//! * A full index is copied into one twice as large. The old one stays readable: a reader that
//!   still uses it misses new entries, and then searches the newest.
//!
//! Two threads that add the same entry meet at the lock, where the second finds the first's.

use super::lock::{Lock, constructor};
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::mem::MaybeUninit;
use std::ptr;

/// Number of entries in the first segment; each later one is as large as all before it together.
const FIRST: usize = if cfg!(loom) { 2 } else { 32 };
const SEGMENTS: usize = if cfg!(loom) { 3 } else { 27 };
const FIRST_SLOTS: usize = if cfg!(loom) { 2 } else { 64 };
/// Maximum number of slots for an index with spare room, which puts most entries into the first
/// slot that is searched. In larger indexes that would cost too much memory.
const ROOMY_SLOTS: usize = if cfg!(loom) { 0 } else { 16_384 };

/// A type that can be kept. Its hash never changes, and all bits of it count. It remembers the
/// number that it was given.
pub(super) trait Interned {
    fn hash(&self) -> u64;
    fn number(&self) -> u32;
}

/// Returns a hash of two words; every bit of it counts.
///
/// A multiplication alone keeps regular steps regular, so some of them fall on few places. Folding
/// a product of 128 bits breaks them up. The second factor is added in case the first one is zero;
/// it is not zero itself, except for one huge `b`.
#[inline(always)]
pub(super) fn fold(a: u64, b: u64) -> u64 {
    let (a, b) = (a ^ 0x1456_93A9_B0C8_9A69, b ^ 0x46B1_44DE_D683_DCD4);
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64 ^ b
}

type Cell<T> = UnsafeCell<MaybeUninit<T>>;

/// A set of numbered entries; see the module. `W` is the data that adding an entry needs, guarded
/// by the lock.
#[derive(Debug)]
pub(super) struct Interner<T, W> {
    newest: AtomicPtr<Index<T>>,
    segments: [AtomicPtr<Cell<T>>; SEGMENTS],
    len: AtomicU32,
    /// Maximum number of entries.
    limit: u32,
    writer: Lock<W>,
}

// SAFETY: entries are shared between threads and dropped by the thread that drops the interner.
unsafe impl<T: Send + Sync, W: Send> Send for Interner<T, W> {}
// SAFETY: as above; the protocol orders the one write of an entry before all reads.
unsafe impl<T: Send + Sync, W: Send> Sync for Interner<T, W> {}

/// Entries by their hashes.
#[derive(Debug)]
pub(super) struct Index<T> {
    /// A power of two in number.
    slots: Box<[AtomicPtr<Cell<T>>]>,
    /// The index that this one replaced.
    older: *mut Index<T>,
}

impl<T> Index<T> {
    fn new(slots: usize, older: *mut Self) -> *mut Self {
        let slots = (0..slots).map(|_| AtomicPtr::new(ptr::null_mut())).collect();
        Box::into_raw(Box::new(Self { slots, older }))
    }

    /// Returns the slots. An entry's number is less than half of their number.
    #[cfg(not(loom))]
    pub(super) fn slots(&self) -> &[AtomicPtr<Cell<T>>] {
        &self.slots
    }

    /// True if there is room for one more than this number of entries.
    fn has_room(&self, len: usize) -> bool {
        let slots = self.slots.len();
        len < slots / if slots <= ROOMY_SLOTS { 4 } else { 2 }
    }

    /// Returns all entries that may have this hash.
    #[inline(always)]
    fn candidates(&self, hash: u64) -> impl Iterator<Item = &T> {
        let mask = self.slots.len() - 1;
        (hash as usize..)
            // SAFETY: the mask reduces any number to the index of a slot.
            .map(move |at| unsafe { self.slots.get_unchecked(at & mask) }.load(Ordering::Acquire))
            .take_while(|slot| !slot.is_null())
            // SAFETY: published after it was written, and never written again.
            .map(|slot| unsafe { (*slot).with(|entry| (*entry).assume_init_ref()) })
    }

    /// Adds an entry. For writers only.
    fn add(&self, hash: u64, entry: *mut Cell<T>) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize;
        while !self.slots[at & mask].load(Ordering::Relaxed).is_null() {
            at += 1;
        }
        self.slots[at & mask].store(entry, Ordering::Release);
    }
}

#[cfg(not(loom))]
const fn no_segments<T>() -> [AtomicPtr<T>; SEGMENTS] {
    [const { AtomicPtr::new(ptr::null_mut()) }; SEGMENTS]
}

#[cfg(loom)]
fn no_segments<T>() -> [AtomicPtr<T>; SEGMENTS] {
    std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()))
}

/// Returns the segment of an entry, and its place there.
fn place(number: u32) -> (usize, usize) {
    let number = number as usize;
    match (number / FIRST).checked_ilog2() {
        None => (0, number),
        Some(log) => (log as usize + 1, number - (FIRST << log)),
    }
}

fn segment_len(segment: usize) -> usize {
    FIRST << segment.saturating_sub(1)
}

impl<T: Interned, W> Interner<T, W> {
    constructor! {
        /// Creates an empty interner for at most `limit` entries, which is at most 2^31.
        pub(super) fn new(limit: u32, writer: W) -> Self {
            Self {
                newest: AtomicPtr::new(ptr::null_mut()),
                segments: no_segments(),
                len: AtomicU32::new(0),
                limit,
                writer: Lock::new(writer),
            }
        }
    }

    /// Returns the number of entries; all of them may be read.
    pub(super) fn len(&self) -> u32 {
        self.len.load(Ordering::Acquire)
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.limit
    }

    /// Returns the current index; it stays readable as long as the interner.
    pub(super) fn index(&self) -> Option<&Index<T>> {
        // SAFETY: null, or from a box that only `drop` frees.
        unsafe { self.newest.load(Ordering::Acquire).as_ref() }
    }

    fn cell(&self, number: u32) -> *mut Cell<T> {
        let (segment, at) = place(number);
        // SAFETY: within the segment, which exists for each number that was given.
        unsafe { self.segments[segment].load(Ordering::Acquire).add(at) }
    }

    /// Returns the entry with this number, which this interner gave.
    pub(super) fn get(&self, number: u32) -> &T {
        // SAFETY: numbers are given after their entry has been written; it is never written
        // again, and stays where it is.
        unsafe { (*self.cell(number)).with(|entry| (*entry).assume_init_ref()) }
    }

    /// Finds the entry that has this hash and satisfies `is`.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, is: impl Fn(&T) -> bool) -> Option<&T> {
        self.index()?.candidates(hash).find(|entry| is(entry))
    }

    /// Finds the entry that has this hash and satisfies `is`, or adds the result of `make` for a
    /// number. `None` if `make` returns none, or if no more can be added.
    pub(super) fn intern(
        &self,
        hash: u64,
        is: impl Fn(&T) -> bool,
        make: impl FnOnce(&mut W, u32) -> Option<T>,
    ) -> Option<&T> {
        if let Some(entry) = self.find(hash, &is) {
            return Some(entry);
        }
        if self.is_full() {
            return None;
        }
        let mut writer = self.writer.lock();
        if let Some(entry) = self.find(hash, &is) {
            return Some(entry);
        }
        if self.is_full() {
            return None;
        }
        let number = self.len.load(Ordering::Relaxed);
        let entry = make(&mut writer, number)?;
        debug_assert_eq!((entry.number(), entry.hash()), (number, hash));
        self.add(hash, number, entry);
        Some(self.get(number))
    }

    /// Adds an entry. The caller has the writer's lock.
    fn add(&self, hash: u64, number: u32, entry: T) {
        let (segment, at) = place(number);
        let mut cells = self.segments[segment].load(Ordering::Relaxed);
        if cells.is_null() {
            cells = new_segment(segment_len(segment));
            self.segments[segment].store(cells, Ordering::Release);
        }
        // SAFETY: a place of this segment.
        let cell = unsafe { cells.add(at) };
        // SAFETY: not published yet, and there is one writer.
        unsafe { (*cell).with_mut(|place| (*place).write(entry)) };
        let index = self.roomy_index(number);
        self.len.store(number + 1, Ordering::Release);
        index.add(hash, cell);
    }

    /// Returns an index with room for one more than the first `len` entries, which it contains.
    fn roomy_index(&self, len: u32) -> &Index<T> {
        let old = self.newest.load(Ordering::Relaxed);
        // SAFETY: null, or from a box that only `drop` frees.
        let slots = match unsafe { old.as_ref() } {
            Some(index) if index.has_room(len as usize) => return index,
            Some(index) => index.slots.len() * 2,
            None => FIRST_SLOTS,
        };
        let new = Index::new(slots, old);
        // SAFETY: from a box that only `drop` frees.
        let index = unsafe { &*new };
        for number in 0..len {
            index.add(self.get(number).hash(), self.cell(number));
        }
        self.newest.store(new, Ordering::Release);
        index
    }
}

fn new_segment<T>(len: usize) -> *mut Cell<T> {
    let mut cells: Vec<Cell<T>> = Vec::with_capacity(len);
    cells.resize_with(len, || UnsafeCell::new(MaybeUninit::uninit()));
    Box::into_raw(cells.into_boxed_slice()).cast()
}

impl<T, W> Drop for Interner<T, W> {
    fn drop(&mut self) {
        let len = self.len.load(Ordering::Relaxed) as usize;
        let mut first = 0;
        for (number, segment) in self.segments.iter().enumerate() {
            let cells = segment.load(Ordering::Relaxed);
            if cells.is_null() {
                break;
            }
            let places = segment_len(number);
            for at in 0..places.min(len - first) {
                // SAFETY: an entry that was written, and that nobody else can reach any more.
                unsafe { (*cells.add(at)).with_mut(|entry| (*entry).assume_init_drop()) };
            }
            first += places.min(len - first);
            // SAFETY: a boxed slice of this length, made by `new_segment`.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(cells, places)) });
        }
        let mut index = self.newest.load(Ordering::Relaxed);
        while !index.is_null() {
            // SAFETY: made by `Index::new`; each index is the older one of exactly one other.
            index = unsafe { Box::from_raw(index) }.older;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Interned, Interner};
    use std::sync::Arc;

    #[derive(Debug)]
    struct Entry {
        value: u64,
        number: u32,
        #[allow(dead_code, reason = "counts what is alive")]
        live: Arc<()>,
    }

    impl Interned for Entry {
        /// Gives the same hash to many values.
        fn hash(&self) -> u64 {
            self.value / 3
        }

        fn number(&self) -> u32 {
            self.number
        }
    }

    fn intern(interner: &Interner<Entry, ()>, value: u64, live: &Arc<()>) -> Option<u32> {
        let make = |_: &mut (), number| Some(Entry { value, number, live: live.clone() });
        interner.intern(value / 3, |entry| entry.value == value, make).map(Interned::number)
    }

    #[test]
    fn threads_agree_on_numbers_and_all_is_freed() {
        const VALUES: u64 = 3000;
        let live = Arc::new(());
        let interner = Interner::new(u32::MAX >> 1, ());
        let numbers: Vec<Vec<u32>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..VALUES).map(|v| intern(&interner, v, &live).unwrap()).collect()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(numbers.windows(2).all(|two| two[0] == two[1]));
        assert_eq!(interner.len(), VALUES as u32);
        for (value, &number) in (0..).zip(&numbers[0]) {
            assert_eq!(interner.get(number).value, value);
            let found = interner.find(value / 3, |entry| entry.value == value);
            assert_eq!(found.map(Interned::number), Some(number));
        }
        drop(interner);
        assert_eq!(Arc::strong_count(&live), 1);
    }

    #[test]
    fn a_full_one_still_finds() {
        let live = Arc::new(());
        let interner = Interner::new(5, ());
        let numbers: Vec<_> = (0..8).map(|value| intern(&interner, value, &live)).collect();
        assert_eq!(numbers[..5], [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(numbers[5..], [None, None, None]);
        assert_eq!(intern(&interner, 3, &live), Some(3));
    }
}
