//! The ring that one thread writes its events to, and that is read while it may still write.
//!
//! # Protocol
//!
//! Only the owning thread writes. An event is a few words, which are relaxed atomics; the head
//! counts all events ever written. While the ring grows (`segments.rs`), event n is in slot n. When
//! it can grow no more, the owner stores the number of slots, the round, and from then on goes
//! round them: event n is in slot n modulo the round. For each event, it
//!
//! 1. fences (Release): a thread that sees a word that is written next sees the current head, and
//!    the round, if there is one;
//! 2. writes the words of the slot;
//! 3. stores the head, one higher (Release).
//!
//! A reader loads the head (Acquire) and the round, reads the slots of the newest events below the
//! head, fences (Acquire), and loads both again. Without a round nothing was overwritten. With one,
//! the owner may have begun the event that the second head names; the reader has seen no word of a
//! later one. There is one slot more than events that are kept, so all events are complete except
//! those older than the newest below the second head. The others are discarded, and counted as
//! dropped. Nobody waits.

use super::segments::{Budget, Segments};
use crate::sync::atomic::{AtomicU64, Ordering, fence};
use crate::sync::{Arc, CachePadded};

/// An event in a ring: its start and its end, in the clock's own ticks, and two words that describe
/// it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) what: u64,
    pub(super) more: u64,
}

/// The content of a ring.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The newest events, in the order in which they were written.
    pub(super) records: Vec<Record>,
    /// Number of older events that are gone.
    pub(super) dropped: u64,
}

/// The newest events of one thread.
pub(super) struct Ring {
    head: CachePadded<AtomicU64>,
    /// Number of slots that the owner goes round; 0 while the ring grows.
    round: AtomicU64,
    /// Owner: current number of slots.
    slots: AtomicU64,
    /// One more than the number of events kept.
    most: u64,
    segments: Segments,
}

impl Ring {
    /// Creates a ring for `capacity` events, or fewer if the budget or the memory is used up
    /// before; `None` if there is not even room for a few.
    pub(super) fn new(capacity: usize, budget: Arc<Budget>) -> Option<Self> {
        let most = u64::try_from(capacity).ok()?.checked_add(1)?;
        let segments = Segments::new(most, budget);
        let slots = segments.grow(0)?;
        Some(Self {
            head: CachePadded(AtomicU64::new(0)),
            round: AtomicU64::new(if slots < most { 0 } else { most }),
            slots: AtomicU64::new(slots),
            most,
            segments,
        })
    }

    /// Owner: adds an event, over the oldest if necessary.
    pub(super) fn push(&self, record: Record) {
        let head = self.head.load(Ordering::Relaxed);
        let slot = self.slot_for(head);
        fence(Ordering::Release);
        self.segments.slot(slot).write(record);
        self.head.store(head + 1, Ordering::Release);
    }

    /// Owner: returns the slot of the next event.
    fn slot_for(&self, head: u64) -> u64 {
        match self.round.load(Ordering::Relaxed) {
            0 if head < self.slots.load(Ordering::Relaxed) => head,
            0 => self.grow(head),
            round => head % round,
        }
    }

    /// Owner: returns the slot of the next event when all current slots are full.
    #[cold]
    fn grow(&self, slots: u64) -> u64 {
        let more = self.segments.grow(slots).unwrap_or(slots);
        self.slots.store(more, Ordering::Relaxed);
        if more == slots || more == self.most {
            self.round.store(more, Ordering::Relaxed);
        }
        slots % more
    }

    /// Anyone: returns the newest events.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.snapshot_by(|| self.round.load(Ordering::Relaxed))
    }

    /// Same as `snapshot`; `round_again` reads the round again.
    fn snapshot_by(&self, round_again: impl FnOnce() -> u64) -> Snapshot {
        let end = self.head.load(Ordering::Acquire);
        let round = self.round.load(Ordering::Relaxed);
        let slot = |index: u64| index.checked_rem(round).unwrap_or(index);
        let begin = first_whole(end, round, end);
        let read = |index| self.segments.slot(slot(index)).read();
        let mut records: Vec<_> = (begin..end).map(read).collect();
        fence(Ordering::Acquire);
        let head = self.head.load(Ordering::Relaxed);
        let intact = first_whole(head, round_again(), end).max(begin);
        records.drain(..(intact - begin) as usize);
        Snapshot { records, dropped: intact }
    }
}

/// Returns the oldest event that the owner, which may be writing event `head`, has not touched;
/// `end` if that is newer.
fn first_whole(head: u64, round: u64, end: u64) -> u64 {
    if round == 0 { 0 } else { (head + 1).saturating_sub(round).min(end) }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn record(n: u64) -> Record {
        Record { began: n, ended: n + 1, what: n, more: !n }
    }

    fn ring(capacity: usize, budget: u64) -> Option<Ring> {
        Ring::new(capacity, Arc::new(Budget::new(budget)))
    }

    #[test]
    fn what_fits_is_kept() {
        for capacity in [1, 2, 7, 63, 64, 65, 127, 128, 1000] {
            let ring = ring(capacity, 2000).unwrap();
            (0..capacity as u64).for_each(|n| ring.push(record(n)));
            let snapshot = ring.snapshot();
            assert_eq!(snapshot.dropped, 0);
            assert_eq!(snapshot.records, (0..capacity as u64).map(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn of_more_the_newest_are_kept_and_the_rest_is_counted() {
        for (capacity, pushed) in [(1, 5), (3, 4), (4, 1000), (1000, 1001), (300, 999)] {
            let ring = ring(capacity, 2000).unwrap();
            (0..pushed).for_each(|n| ring.push(record(n)));
            let snapshot = ring.snapshot();
            let first = pushed - capacity as u64;
            assert_eq!(snapshot.dropped, first);
            assert_eq!(snapshot.records, (first..pushed).map(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_ring_that_may_not_grow_keeps_the_newest_in_what_it_has() {
        let ring = ring(1000, 200).unwrap();
        (0..1000).for_each(|n| ring.push(record(n)));
        let snapshot = ring.snapshot();
        assert_eq!((snapshot.records.len(), snapshot.dropped), (127, 873));
        assert_eq!(snapshot.records, (873..1000).map(record).collect::<Vec<_>>());
    }

    #[test]
    fn without_a_budget_there_is_no_ring() {
        assert!(ring(1000, 63).is_none());
        assert!(ring(usize::MAX, 0).is_none());
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::{Arc, thread};

    fn record(n: u64) -> Record {
        Record { began: n, ended: n, what: n, more: n }
    }

    /// A reader while the owner goes round the ring: its events are complete, without a gap, and
    /// together with the dropped ones they are all that were written.
    #[test]
    fn a_reader_sees_whole_events_while_they_are_overwritten() {
        loom::model(|| {
            let ring = Arc::new(Ring::new(1, Arc::new(Budget::new(2))).unwrap());
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

    /// Runs a reader while the ring grows and then goes round for the first time.
    fn read_while_it_grows(read: fn(&Ring) -> Snapshot) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(move || {
            let ring = Arc::new(Ring::new(2, Arc::new(Budget::new(3))).unwrap());
            ring.push(record(0));
            let owner = {
                let ring = ring.clone();
                thread::spawn(move || (1..4).for_each(|n| ring.push(record(n))))
            };
            let snapshot = read(&ring);
            let begin = snapshot.dropped;
            assert!(begin + snapshot.records.len() as u64 > 0, "the first was there before");
            for (n, found) in (begin..).zip(&snapshot.records) {
                assert_eq!(*found, record(n), "torn or out of order");
            }
            owner.join().unwrap();
            let after = ring.snapshot();
            assert_eq!((after.records, after.dropped), (vec![record(2), record(3)], 2));
        });
    }

    /// Only overwritten events are missing.
    #[test]
    fn a_reader_sees_whole_events_while_the_ring_grows() {
        read_while_it_grows(Ring::snapshot);
    }

    /// The broken variant: reading the round once is not enough.
    #[test]
    #[should_panic(expected = "torn or out of order")]
    fn a_reader_that_looks_once_sees_torn_events() {
        read_while_it_grows(|ring| {
            let round = ring.round.load(Ordering::Relaxed);
            ring.snapshot_by(|| round)
        });
    }
}
