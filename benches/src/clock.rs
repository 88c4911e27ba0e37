//! The time that latencies are counted in.

use std::hint;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// Farther from its goal than this a waiter sleeps.
const SLEEP_NS: u64 = 250_000;
/// A sleeper wakes this much before its goal: timers and waking are that late on a bad day.
const EARLY_NS: u64 = 200_000;
/// Nearer to its goal than this a waiter spins; in between it lets other threads run.
const SPIN_NS: u64 = 50_000;

/// A clock, and how to wait by it. Tests have one of their own, which only they move.
pub(crate) trait Clock {
    /// Nanoseconds since some moment, never going back.
    fn now_ns(&self) -> u64;

    /// Lets a little time go by.
    fn pause(&self);

    /// Returns at this time, or as soon after as it gets the processor; at once if it is over.
    fn wait_until(&self, goal_ns: u64) {
        while self.now_ns() < goal_ns {
            self.pause();
        }
    }
}

/// The clock of this process, on the system's monotonic one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessClock;

/// Nanoseconds since this process first asked.
#[inline]
pub(crate) fn now_ns() -> u64 {
    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    ORIGIN.elapsed().as_nanos() as u64
}

impl Clock for ProcessClock {
    #[inline]
    fn now_ns(&self) -> u64 {
        now_ns()
    }

    fn pause(&self) {
        thread::yield_now();
    }

    /// Spins only at the end. A thread that always spins uses its time slice up, and then is
    /// late by a slice of every other program's; one that sleeps is preferred when it wakes.
    fn wait_until(&self, goal_ns: u64) {
        loop {
            match goal_ns.saturating_sub(now_ns()) {
                0 => return,
                1..SPIN_NS => hint::spin_loop(),
                SPIN_NS..SLEEP_NS => thread::yield_now(),
                left_ns => thread::sleep(Duration::from_nanos(left_ns - EARLY_NS)),
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    /// Nanoseconds by which a pause moves the virtual clock.
    const PAUSE_NS: u64 = 1_000_000;

    /// A clock that stands still but for waits and pauses.
    #[derive(Debug, Default)]
    pub(crate) struct VirtualClock(Cell<u64>);

    impl Clock for VirtualClock {
        fn now_ns(&self) -> u64 {
            self.0.get()
        }

        fn pause(&self) {
            self.0.set(self.0.get() + PAUSE_NS);
        }

        fn wait_until(&self, goal_ns: u64) {
            self.0.set(self.0.get().max(goal_ns));
        }
    }

    #[test]
    fn waits_end_at_their_goal_and_not_before() {
        for wait_ns in [0, 1000, SPIN_NS + 1000, SLEEP_NS + 1000] {
            let goal_ns = now_ns() + wait_ns;
            ProcessClock.wait_until(goal_ns);
            assert!(now_ns() >= goal_ns);
        }
    }
}
