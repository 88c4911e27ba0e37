//! Where one thread writes its events, and how they are read while it may still write.
//!
//! # Protocol
//!
//! The owning thread alone writes. An event is a few words, which are relaxed atomics; the head
//! counts the events that were ever written. The owner
//!
//! 1. fences (Release): whoever sees a word that is written next sees the head as it is now;
//! 2. writes the words of the slot that the head names;
//! 3. stores the head, one higher (Release).
//!
//! A reader loads the head (Acquire), reads the slots of the newest events below it, fences
//! (Acquire), and loads the head again. The owner may have begun the event that the second head
//! names; of a later one the reader has seen no word. There is a slot more than events that are
//! kept, so all but those that are older than the newest below the second head are whole. The
//! others are discarded, and counted as dropped. Nobody waits for anybody.

use crate::sync::CachePadded;
use crate::sync::atomic::{AtomicU64, Ordering, fence};

/// An event as it stands in a ring: when it began and ended, in the clock's own ticks, and two
/// words that say what it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) what: u64,
    pub(super) more: u64,
}

#[derive(Default)]
struct Slot {
    began: AtomicU64,
    ended: AtomicU64,
    what: AtomicU64,
    more: AtomicU64,
}

impl Slot {
    fn write(&self, record: Record) {
        self.began.store(record.began, Ordering::Relaxed);
        self.ended.store(record.ended, Ordering::Relaxed);
        self.what.store(record.what, Ordering::Relaxed);
        self.more.store(record.more, Ordering::Relaxed);
    }

    fn read(&self) -> Record {
        Record {
            began: self.began.load(Ordering::Relaxed),
            ended: self.ended.load(Ordering::Relaxed),
            what: self.what.load(Ordering::Relaxed),
            more: self.more.load(Ordering::Relaxed),
        }
    }
}

/// What was found in a ring.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The newest events, in the order in which they were written.
    pub(super) records: Vec<Record>,
    /// Older ones that are not there any more.
    pub(super) dropped: u64,
}

/// The newest events of one thread.
pub(super) struct Ring {
    head: CachePadded<AtomicU64>,
    /// One more than events are kept.
    slots: Box<[Slot]>,
}

impl Ring {
    /// Keeps so many events; `None` if there is no memory for them.
    pub(super) fn new(capacity: usize) -> Option<Self> {
        let slots = slots(capacity.checked_add(1)?)?;
        Some(Self { head: CachePadded(AtomicU64::new(0)), slots })
    }

    /// Owner: adds an event, over the oldest if need be.
    pub(super) fn push(&self, record: Record) {
        let head = self.head.load(Ordering::Relaxed);
        fence(Ordering::Release);
        self.slot(head).write(record);
        self.head.store(head + 1, Ordering::Release);
    }

    /// Anyone: the newest events.
    pub(super) fn snapshot(&self) -> Snapshot {
        let capacity = self.slots.len() as u64 - 1;
        let end = self.head.load(Ordering::Acquire);
        let begin = end.saturating_sub(capacity);
        let mut records: Vec<_> = (begin..end).map(|index| self.slot(index).read()).collect();
        fence(Ordering::Acquire);
        let head = self.head.load(Ordering::Relaxed);
        let intact = head.saturating_sub(capacity).min(end);
        records.drain(..(intact - begin) as usize);
        Snapshot { records, dropped: intact }
    }

    fn slot(&self, index: u64) -> &Slot {
        &self.slots[(index % self.slots.len() as u64) as usize]
    }
}

/// Zeros straight from the system: pages that are never written to take no memory, so a thread
/// that has few events to tell costs little.
#[cfg(not(loom))]
fn slots(count: usize) -> Option<Box<[Slot]>> {
    use std::alloc::{Layout, alloc_zeroed};
    let layout = Layout::array::<Slot>(count).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the layout is not of size zero.
    let memory = unsafe { alloc_zeroed(layout) };
    if memory.is_null() {
        return None;
    }
    let slots = std::ptr::slice_from_raw_parts_mut(memory.cast::<Slot>(), count);
    // SAFETY: allocated as a box of this layout would be; a slot is words, and may be zeros.
    Some(unsafe { Box::from_raw(slots) })
}

#[cfg(loom)]
fn slots(count: usize) -> Option<Box<[Slot]>> {
    Some((0..count).map(|_| Slot::default()).collect())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn record(n: u64) -> Record {
        Record { began: n, ended: n + 1, what: n, more: !n }
    }

    #[test]
    fn what_fits_is_kept() {
        for capacity in [1, 2, 7, 64] {
            let ring = Ring::new(capacity).unwrap();
            (0..capacity as u64).for_each(|n| ring.push(record(n)));
            let snapshot = ring.snapshot();
            assert_eq!(snapshot.dropped, 0);
            assert_eq!(snapshot.records, (0..capacity as u64).map(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn of_more_the_newest_are_kept_and_the_rest_is_counted() {
        for (capacity, pushed) in [(1, 5), (3, 4), (4, 1000), (1000, 1001)] {
            let ring = Ring::new(capacity).unwrap();
            (0..pushed).for_each(|n| ring.push(record(n)));
            let snapshot = ring.snapshot();
            let first = pushed - capacity as u64;
            assert_eq!(snapshot.dropped, first);
            assert_eq!(snapshot.records, (first..pushed).map(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn without_memory_there_is_no_ring() {
        for capacity in [usize::MAX, usize::MAX - 1, usize::MAX / size_of::<Slot>() / 2] {
            assert!(Ring::new(capacity).is_none());
        }
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    fn record(n: u64) -> Record {
        Record { began: n, ended: n, what: n, more: n }
    }

    /// A reader while the owner goes round the ring: what it answers is whole, without a gap,
    /// and with what was dropped all that there was.
    #[test]
    fn a_reader_sees_whole_events_while_they_are_overwritten() {
        loom::model(|| {
            let ring = Arc::new(Ring::new(1).unwrap());
            ring.push(record(0));
            let owner = {
                let ring = ring.clone();
                thread::spawn(move || (1..3).for_each(|n| ring.push(record(n))))
            };
            let snapshot = ring.snapshot();
            let begin = snapshot.dropped;
            assert!(begin + snapshot.records.len() as u64 > 0, "the first was there before");
            for (n, found) in (begin..).zip(&snapshot.records) {
                assert_eq!(*found, record(n), "torn or out of order");
            }
            owner.join().unwrap();
            let after = ring.snapshot();
            assert_eq!((after.records, after.dropped), (vec![record(2)], 2));
        });
    }
}
