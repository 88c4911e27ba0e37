//! Memory of a ring: small first, then doubled each time, within a budget.
//!
//! Segment 0 has [`FIRST`] slots, and each later one has the number of slots of all before it
//! together, so a slot never moves. Only the owner adds segments. A reader reads only slots below a
//! head that it has seen, whose segments exist.

use super::ring::Record;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::ptr;

/// Number of slots that every ring has: 2 KiB. (Models grow at once.)
pub(super) const FIRST: u64 = if cfg!(loom) { 2 } else { 64 };

/// Enough for the largest ring.
const SEGMENTS: usize = 22;

/// Number of slots that the rings of a recording may still take, together.
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) fn new(slots: u64) -> Self {
        Self(AtomicU64::new(slots))
    }

    fn take(&self, slots: u64) -> bool {
        let left = |left: u64| left.checked_sub(slots);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }

    fn give_back(&self, slots: u64) {
        self.0.fetch_add(slots, Ordering::Relaxed);
    }
}

#[derive(Default)]
pub(super) struct Slot {
    began: AtomicU64,
    ended: AtomicU64,
    what: AtomicU64,
    more: AtomicU64,
}

impl Slot {
    pub(super) fn write(&self, record: Record) {
        self.began.store(record.began, Ordering::Relaxed);
        self.ended.store(record.ended, Ordering::Relaxed);
        self.what.store(record.what, Ordering::Relaxed);
        self.more.store(record.more, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Record {
        Record {
            began: self.began.load(Ordering::Relaxed),
            ended: self.ended.load(Ordering::Relaxed),
            what: self.what.load(Ordering::Relaxed),
            more: self.more.load(Ordering::Relaxed),
        }
    }
}

/// Slots by number, from 0 to the current number.
pub(super) struct Segments {
    /// Each is from a box of the length that `len_of` returns, or null; all after a null one are
    /// null.
    segments: [AtomicPtr<Slot>; SEGMENTS],
    most: u64,
    budget: Arc<Budget>,
}

impl Segments {
    /// Creates an empty list for at most `most` slots.
    pub(super) fn new(most: u64, budget: Arc<Budget>) -> Self {
        let segments = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        Self { segments, most: most.min(FIRST << (SEGMENTS - 1)), budget }
    }

    /// Owner: adds a segment to the current `slots`, and returns the new number of slots; `None` if
    /// there can be no more.
    #[cold]
    pub(super) fn grow(&self, slots: u64) -> Option<u64> {
        let (segment, _) = place(slots);
        let len = self.len_of(segment).filter(|_| slots < self.most)?;
        if !self.budget.take(len) {
            return None;
        }
        let Some(memory) = zeros(len as usize) else {
            self.budget.give_back(len);
            return None;
        };
        // A reader finds it by a head that the owner stores later, with Release.
        self.segments[segment].store(Box::into_raw(memory).cast(), Ordering::Relaxed);
        Some(slots + len)
    }

    /// Returns the slot with this number, which exists.
    #[inline]
    pub(super) fn slot(&self, number: u64) -> &Slot {
        let (segment, offset) = place(number);
        let first = self.segments[segment].load(Ordering::Relaxed);
        debug_assert!(!first.is_null() && Some(offset) < self.len_of(segment));
        // SAFETY: the slot exists, so its segment has that length, is shared, and is kept until
        // `self` is dropped.
        unsafe { &*first.add(offset as usize) }
    }

    /// Returns the number of slots of a segment; `None` if it has none.
    fn len_of(&self, segment: usize) -> Option<u64> {
        let before = if segment == 0 { 0 } else { FIRST << (segment - 1) };
        let len = before.max(FIRST).min(self.most.checked_sub(before)?);
        (segment < SEGMENTS && len > 0).then_some(len)
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        for segment in 0..SEGMENTS {
            let first = self.segments[segment].load(Ordering::Relaxed);
            let Some(len) = self.len_of(segment).filter(|_| !first.is_null()) else { break };
            let memory = ptr::slice_from_raw_parts_mut(first, len as usize);
            // SAFETY: it came from such a box, and nobody reads it any more.
            drop(unsafe { Box::from_raw(memory) });
            self.budget.give_back(len);
        }
    }
}

/// Returns the segment of a slot, and the place in it.
#[inline]
fn place(number: u64) -> (usize, u64) {
    match (number / FIRST).checked_ilog2() {
        None => (0, number),
        Some(before) => (before as usize + 1, number - (FIRST << before)),
    }
}

/// Allocates zeros straight from the system: pages that are never written to take no memory.
#[cfg(not(loom))]
fn zeros(count: usize) -> Option<Box<[Slot]>> {
    use std::alloc::{Layout, alloc_zeroed};
    let layout = Layout::array::<Slot>(count).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the size of the layout is not zero.
    let memory = unsafe { alloc_zeroed(layout) };
    if memory.is_null() {
        return None;
    }
    let slots = ptr::slice_from_raw_parts_mut(memory.cast::<Slot>(), count);
    // SAFETY: allocated as a box of this layout would be; a slot consists of words, and may be
    // zeros.
    Some(unsafe { Box::from_raw(slots) })
}

#[cfg(loom)]
fn zeros(count: usize) -> Option<Box<[Slot]>> {
    Some((0..count).map(|_| Slot::default()).collect())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Grows to the limit; returns the numbers of slots on the way.
    fn grown(segments: &Segments) -> Vec<u64> {
        std::iter::successors(segments.grow(0), |slots| segments.grow(*slots)).collect()
    }

    fn segments(most: u64, budget: u64) -> Segments {
        Segments::new(most, Arc::new(Budget::new(budget)))
    }

    #[test]
    fn slots_double_until_there_are_most() {
        assert_eq!(grown(&segments(1000, 1000)), [64, 128, 256, 512, 1000]);
        assert_eq!(grown(&segments(64, 1000)), [64]);
        assert_eq!(grown(&segments(2, 1000)), [2]);
    }

    #[test]
    fn slots_end_with_the_budget_which_gets_them_back() {
        let budget = Arc::new(Budget::new(300));
        let first = Segments::new(1000, budget.clone());
        assert_eq!(grown(&first), [64, 128, 256]);
        assert_eq!(Segments::new(1000, budget.clone()).grow(0), None);
        drop(first);
        assert!(budget.take(300) && !budget.take(1));
    }

    #[test]
    fn every_slot_is_another_one() {
        let segments = segments(500, 500);
        assert_eq!(grown(&segments).last(), Some(&500));
        let record = |n| Record { began: n, ..Record::default() };
        (0..500).for_each(|n| segments.slot(n).write(record(n)));
        assert!((0..500).all(|n| segments.slot(n).read() == record(n)));
    }

    #[test]
    fn the_largest_ring_has_room() {
        const MOST: u64 = super::super::recording::MAX_EVENTS_PER_THREAD as u64 + 1;
        let segments = segments(MOST, 0);
        let lens: u64 = (0..SEGMENTS).map_while(|segment| segments.len_of(segment)).sum();
        assert_eq!(lens, MOST);
    }

    #[test]
    fn without_memory_there_are_no_slots() {
        for count in [usize::MAX, usize::MAX / size_of::<Slot>(), isize::MAX as usize / 32] {
            // Otherwise the compiler may assume that an unused allocation succeeds.
            assert!(std::hint::black_box(zeros(count)).is_none());
        }
    }
}
