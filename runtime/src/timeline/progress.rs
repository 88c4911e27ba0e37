//! The current activity of a thread: a slice or a sleep that has not ended yet.
//!
//! The owner writes it at the beginning; jobs are counted while it lasts. The version is odd while
//! the owner writes. A reader that finds an odd version, or a different one after it has read the
//! words, gets no result (a sequence lock whose reader gives up instead of waiting).
//!
//! The owner first writes an event that has ended to its ring, and then its next activity here. A
//! reader reads here first and the ring afterwards: it sees every event once or twice, and
//! recognises duplicates by their start.

use super::ring::Record;
use crate::sync::atomic::{AtomicU64, Ordering, fence};

/// The activity in progress.
#[derive(Default)]
pub(super) struct Progress {
    version: AtomicU64,
    began: AtomicU64,
    /// Same as [`Record::what`]; 0 for no activity.
    what: AtomicU64,
    count: AtomicU64,
}

impl Progress {
    /// Owner: begins an activity.
    pub(super) fn begin(&self, began: u64, what: u64) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        // A thread that sees a word that is written below sees the odd version, or a later one.
        fence(Ordering::Release);
        self.began.store(began, Ordering::Relaxed);
        self.what.store(what, Ordering::Relaxed);
        self.count.store(0, Ordering::Relaxed);
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }

    /// Owner: ends the activity.
    pub(super) fn end(&self) {
        self.begin(0, 0);
    }

    /// Owner: sets the number of jobs so far.
    #[inline(always)]
    pub(super) fn count(&self, jobs: u64) {
        self.count.store(jobs, Ordering::Relaxed);
    }

    /// Anyone: returns the activity in progress, as an event without an end, with its jobs in
    /// `more`.
    pub(super) fn read(&self) -> Option<Record> {
        let before = self.version.load(Ordering::Acquire);
        let record = Record {
            began: self.began.load(Ordering::Relaxed),
            ended: 0,
            what: self.what.load(Ordering::Relaxed),
            more: self.count.load(Ordering::Relaxed),
        };
        fence(Ordering::Acquire);
        let is_whole = before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before;
        (is_whole && record.what != 0).then_some(record)
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::super::ring::Ring;
    use super::super::segments::Budget;
    use super::*;
    use crate::sync::{Arc, thread};

    /// The words of one activity are read, never of two.
    #[test]
    fn what_is_in_progress_is_read_whole_or_not_at_all() {
        loom::model(|| {
            let progress = Arc::new(Progress::default());
            progress.begin(10, 1);
            progress.count(1);
            let owner = {
                let progress = progress.clone();
                thread::spawn(move || {
                    progress.begin(20, 2);
                    progress.count(3);
                })
            };
            let read = progress.read().map(|record| (record.began, record.what, record.more));
            let possible = [(10, 1, 1), (20, 2, 0), (20, 2, 3)];
            assert!(read.is_none_or(|read| possible.contains(&read)), "{read:?}");
            owner.join().unwrap();
            assert!(progress.read().is_some());
        });
    }

    /// A slice that ends while it is read is found in progress, in the ring, or in both.
    #[test]
    fn no_slice_is_missed_while_it_ends() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let ring = Ring::new(2, Arc::new(Budget::new(3))).unwrap();
            let shared = Arc::new((Progress::default(), ring));
            shared.0.begin(10, 1);
            let owner = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.1.push(Record { began: 10, ended: 20, what: 1, more: 0 });
                    shared.0.begin(20, 1);
                })
            };
            let progress = shared.0.read();
            let snapshot = shared.1.snapshot();
            if progress.is_some_and(|record| record.began == 20) {
                assert_eq!(snapshot.records.len(), 1);
            }
            owner.join().unwrap();
        });
    }
}
