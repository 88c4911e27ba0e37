//! A bounded spin before sleeping.
//!
//! Waking a sleeping thread costs tens of microseconds, a hand-off between two awake threads well
//! under one. So a waiter spins first, about as long as waking takes. The bound keeps a waiter from
//! using up a core that the thread it waits for may need. On a machine with one CPU there is
//! nothing to wait for: no spin at all. Schedulers do place both threads on one core while others
//! are idle, so a waiter soon begins to yield; that also separates the two, because both can run
//! and one of them is moved.

use super::{hint, thread};
use std::time::{Duration, Instant};

/// Checks before a waiter gives up spinning. With doubled pauses between them that takes from some
/// to some tens of microseconds, depending on the processor's `pause`.
const ROUNDS: u32 = if cfg!(loom) { 1 } else { 40 };
/// Most `pause` instructions between two checks.
const LONGEST_PAUSE: u32 = 32;

/// Rounds before a waiter begins to yield in each: the thread it waits for may have been given the
/// same processor.
const ALONE: u32 = 6;

/// Longest time that other threads may take the processor before a waiter should sleep instead.
const LONGEST_ABSENCE: Duration = Duration::from_micros(50);

/// One waiter's spin budget.
#[derive(Debug)]
pub(crate) struct Spin {
    round: u32,
    rounds: u32,
}

impl Spin {
    pub(crate) fn new() -> Self {
        Self { round: 0, rounds: if more_than_one_cpu() { ROUNDS } else { 0 } }
    }

    /// Returns an empty budget.
    pub(crate) fn none() -> Self {
        Self { round: 0, rounds: 0 }
    }

    /// Pauses once and returns true, or returns false when the budget is spent.
    #[inline]
    pub(crate) fn again(&mut self) -> bool {
        if self.round >= self.rounds {
            return false;
        }
        let pauses = if cfg!(loom) { 0 } else { (1 << self.round.min(5)).min(LONGEST_PAUSE) };
        for _ in 0..pauses {
            hint::spin_loop();
        }
        self.round += 1;
        if cfg!(loom) || self.round > ALONE {
            self.give_way();
        }
        true
    }

    /// Yields. If another thread takes the processor for long, the spin ends: a searching worker
    /// keeps others from being woken meanwhile.
    fn give_way(&mut self) {
        if cfg!(loom) {
            return thread::yield_now();
        }
        let before = Instant::now();
        thread::yield_now();
        if before.elapsed() > LONGEST_ABSENCE {
            self.round = self.rounds;
        }
    }
}

#[cfg(loom)]
fn more_than_one_cpu() -> bool {
    true
}

/// Found out by the first thread that asks, or by several that ask at once: a lock around it might
/// be held while the process forks.
#[cfg(not(loom))]
fn more_than_one_cpu() -> bool {
    use super::atomic::{AtomicU8, Ordering};
    static KNOWN: AtomicU8 = AtomicU8::new(UNKNOWN);
    const UNKNOWN: u8 = 0;
    const ONE: u8 = 1;
    const MORE: u8 = 2;
    match KNOWN.load(Ordering::Relaxed) {
        UNKNOWN => {
            let processors = super::processors();
            let known = processors.map_or(UNKNOWN, |count| if count > 1 { MORE } else { ONE });
            KNOWN.store(known, Ordering::Relaxed);
            known == MORE
        }
        known => known == MORE,
    }
}
