//! The logs of threads that ended during a recording.
//!
//! Their rings are given back at once. The memory for their events is bounded: the threads that
//! ended first are dropped when it is exceeded, with all their events.

use super::log::Told;
use std::collections::VecDeque;

/// Memory of a thread besides its events, as a number of events, rounded up.
const THREAD: usize = 8;

/// Logs of ended threads: the newest that fit.
pub(super) struct Ended {
    threads: VecDeque<Told>,
    /// Remaining room, in events.
    room: usize,
    dropped: u64,
}

impl Ended {
    /// Creates a list with room for `room` events.
    pub(super) fn new(room: usize) -> Self {
        Self { threads: VecDeque::new(), room, dropped: 0 }
    }

    /// Adds a thread that has just ended.
    pub(super) fn add(&mut self, told: Told) {
        if told.is_nothing() {
            return;
        }
        let size = size(&told);
        while self.room < size {
            let Some(oldest) = self.threads.pop_front() else { break };
            self.room += self::size(&oldest);
            self.dropped += 1;
        }
        if self.room < size {
            self.dropped += 1;
            return;
        }
        self.room -= size;
        self.threads.push_back(told);
    }

    /// Returns the threads that are left, and the number of threads dropped.
    pub(super) fn into_parts(self) -> (VecDeque<Told>, u64) {
        (self.threads, self.dropped)
    }
}

fn size(told: &Told) -> usize {
    THREAD + told.records.len()
}

#[cfg(test)]
mod tests {
    use super::super::clock::Clock;
    use super::super::event::Kind;
    use super::super::log::Log;
    use super::super::ring::Ring;
    use super::super::segments::Budget;
    use super::*;
    use crate::sync::Arc;

    /// Returns a thread with this number of events.
    fn told(events: usize) -> Told {
        let ring = Ring::new(events.max(1), Arc::new(Budget::new(1000))).unwrap();
        let log = Log::new(None, Clock::Monotonic, 1, ring);
        (0..events).for_each(|n| log.push(Kind::Park, n as u64, n as u64));
        log.told_at_end()
    }

    fn kept(ended: Ended) -> (Vec<usize>, u64) {
        let (threads, dropped) = ended.into_parts();
        (threads.iter().map(|told| told.records.len()).collect(), dropped)
    }

    #[test]
    fn what_finds_room_is_kept() {
        let mut ended = Ended::new(3 * THREAD + 6);
        (1..=3).for_each(|events| ended.add(told(events)));
        assert_eq!(kept(ended), (vec![1, 2, 3], 0));
    }

    #[test]
    fn the_threads_that_ended_first_make_room() {
        let mut ended = Ended::new(3 * THREAD + 6);
        (1..=3).for_each(|events| ended.add(told(events)));
        ended.add(told(1));
        assert_eq!(kept(ended), (vec![2, 3, 1], 1));
    }

    #[test]
    fn threads_without_events_take_no_room() {
        let mut ended = Ended::new(THREAD + 1);
        ended.add(told(1));
        ended.add(told(0));
        assert_eq!(kept(ended), (vec![1], 0));
    }

    #[test]
    fn a_thread_that_is_too_large_is_dropped_itself() {
        let mut ended = Ended::new(THREAD + 1);
        ended.add(told(2));
        assert_eq!(kept(ended), (vec![], 1));
    }
}
