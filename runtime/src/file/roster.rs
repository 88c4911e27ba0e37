//! The decisions of the loaders about the queue of files, made under their lock; without the
//! threads and the sleeping.
//!
//! Waking a sleeping thread costs more than loading a small file, so at most one loader is being
//! called at a time. A thread that queues a file wakes (or starts) a loader only if none is coming,
//! and a loader that arrives and finds more than one file waiting calls the next.
//!
//! No file stays in the queue while all loaders sleep: a thread that adds a file calls, and a
//! thread that takes one calls for the rest. `call` does nothing only in two cases. Either a loader
//! is coming, which will take a file and call in its turn. Or the maximum number of loaders are
//! awake, and each of them checks the queue before it sleeps.
//!
//! A loader sleeps as long as it is among the sleepers. The thread that wakes it removes it first,
//! so any other end of its sleep (time, a wake-up meant for an earlier sleep) is not a call.

use std::collections::VecDeque;

/// The queue, and the loaders; `S` wakes a sleeper and is equal only to itself.
#[derive(Debug)]
pub(super) struct Roster<T, S> {
    queue: VecDeque<T>,
    /// Loaders that exist or are being started.
    threads: usize,
    sleepers: Vec<S>,
    /// True if a loader has been called and has not arrived yet.
    one_is_coming: bool,
    /// Length of the queue at which it is searched for entries that nobody wants any more.
    look_through_at: usize,
}

/// Minimum length of a queue that is searched.
const LOOK_THROUGH_FROM: usize = if cfg!(loom) { 1 } else { 64 };

/// The action, after the lock is released, that brings another loader.
#[derive(Debug)]
#[must_use]
pub(super) enum Call<S> {
    Nobody,
    Wake(S),
    Start,
    /// The queue could not take the item.
    NoMemory,
}

/// The next action of a loader whose sleep has been interrupted.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Checks the queue.
    Look,
    /// Continues to sleep.
    Sleep,
    /// Ends.
    Leave,
}

impl<T, S: PartialEq> Roster<T, S> {
    pub(super) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            threads: 0,
            sleepers: Vec::new(),
            one_is_coming: false,
            look_through_at: LOOK_THROUGH_FROM,
        }
    }

    /// Adds an item to the queue. Without memory for it, the item is left to its waiters.
    ///
    /// Waiters load their files themselves and leave stale entries behind. So the queue is searched
    /// whenever it is twice as long as the number of entries wanted last time. This bounds its
    /// growth.
    pub(super) fn add(
        &mut self,
        item: T,
        most_threads: usize,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Call<S> {
        if self.queue.len() >= self.look_through_at {
            self.queue.retain(is_wanted);
            self.look_through_at = LOOK_THROUGH_FROM.max(2 * self.queue.len());
            self.queue.shrink_to(self.look_through_at);
        }
        if self.queue.try_reserve(1).is_err() {
            return Call::NoMemory;
        }
        self.queue.push_back(item);
        self.call(most_threads)
    }

    /// Decides which loader to call, and records that it has been called.
    fn call(&mut self, most_threads: usize) -> Call<S> {
        if self.one_is_coming || self.queue.is_empty() {
            return Call::Nobody;
        }
        if let Some(sleeper) = self.sleepers.pop() {
            self.one_is_coming = true;
            return Call::Wake(sleeper);
        }
        if self.threads < most_threads {
            self.threads += 1;
            self.one_is_coming = true;
            return Call::Start;
        }
        Call::Nobody
    }

    /// Makes room for this number of sleeping loaders; false without memory.
    pub(super) fn make_bed(&mut self, loaders: usize) -> bool {
        self.sleepers.try_reserve(loaders.saturating_sub(self.sleepers.len())).is_ok()
    }

    /// Records that a loader that was started has arrived.
    pub(super) fn arrive(&mut self) {
        self.one_is_coming = false;
    }

    /// Records that a loader could not be started, so none is coming. A loader that has gone to
    /// sleep meanwhile must handle the entries that were added in reliance on it.
    #[cold]
    pub(super) fn give_up(&mut self) -> Call<S> {
        self.threads -= 1;
        self.one_is_coming = false;
        self.call(0)
    }

    /// True if there is no loader for the queue.
    pub(super) fn is_deserted(&self) -> bool {
        self.threads == 0
    }

    /// Takes an item from the queue, and decides which loader to call for the rest. An empty queue
    /// keeps little of the memory that it needed.
    pub(super) fn take(&mut self, most_threads: usize) -> Option<(T, Call<S>)> {
        let Some(item) = self.queue.pop_front() else {
            if self.queue.capacity() > 2 * LOOK_THROUGH_FROM {
                self.queue = VecDeque::new();
                self.look_through_at = LOOK_THROUGH_FROM;
            }
            return None;
        };
        Some((item, self.call(most_threads)))
    }

    /// Records that a loader that found nothing goes to sleep.
    pub(super) fn fall_asleep(&mut self, sleeper: S) {
        self.sleepers.push(sleeper);
    }

    /// Returns the next action of a loader that has been woken, for any reason.
    pub(super) fn wake_up(&mut self, sleeper: &S, timed_out: bool) -> Then {
        let Some(at) = self.sleepers.iter().position(|other| other == sleeper) else {
            self.one_is_coming = false;
            return Then::Look;
        };
        if !timed_out {
            return Then::Sleep;
        }
        self.sleepers.swap_remove(at);
        // For entries that are queued now a loader is coming.
        self.threads -= 1;
        Then::Leave
    }
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Call, LOOK_THROUGH_FROM, Roster};

    /// While all loaders are busy, and waiters load the started files, no entries accumulate.
    #[test]
    fn what_nobody_wants_does_not_pile_up() {
        let mut roster = Roster::<usize, ()>::new();
        for item in 0..1_000_000 {
            let call = roster.add(item, 0, |&queued| queued == 7);
            assert!(matches!(call, Call::Nobody));
            assert!(roster.queue.len() <= LOOK_THROUGH_FROM + 1);
        }
        assert!(roster.queue.capacity() <= 4 * LOOK_THROUGH_FROM);
        assert_eq!(roster.queue.front(), Some(&7));
    }

    #[test]
    fn a_long_queue_is_kept_and_then_given_back() {
        let mut roster = Roster::<usize, ()>::new();
        let looks = std::cell::Cell::new(0);
        for item in 0..100_000 {
            let wanted = |_: &usize| {
                looks.set(looks.get() + 1);
                true
            };
            assert!(matches!(roster.add(item, 0, wanted), Call::Nobody));
        }
        assert!(looks.get() < 200_000, "{looks:?}");
        for item in 0..100_000 {
            assert_eq!(roster.take(0).map(|(taken, _)| taken), Some(item));
        }
        assert!(roster.take(0).is_none());
        assert_eq!(roster.queue.capacity(), 0);
    }
}
