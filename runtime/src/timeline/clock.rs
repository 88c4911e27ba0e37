//! The clock for the time stamps of events: the processor's time stamp counter where it can be used
//! as a clock, and CLOCK_MONOTONIC elsewhere.
//!
//! Reading the counter takes a third of the time of a system clock read, which is most of the cost
//! of a timeline of short tasks. The counter can be used if it runs at one speed in all states of
//! the processor (the processor says so) and in step on all processors (the kernel says so, by
//! using it as its own). Its ticks are converted to nanoseconds when a recording has ended: both
//! clocks are read at its beginning and at its end, and times between are proportional. If the
//! machine is suspended in between, or the counter jumps, times are wrong.

use crate::sys;
use std::time::{Duration, Instant};

/// Number of readings of both clocks. The one with the least delay between them is used.
const ATTEMPTS: u32 = 8;
/// Long enough to determine the counter's speed within some percent.
const SPEED_MEASURED_FOR: Duration = Duration::from_micros(50);

/// The source of ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// The time stamp counter.
    #[cfg(target_arch = "x86_64")]
    Counter,
    /// Nanoseconds of CLOCK_MONOTONIC.
    Monotonic,
}

/// Readings of both clocks at the same moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    pub(super) ticks: u64,
    pub(super) ns: u64,
}

impl Clock {
    /// Returns the best available clock.
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if counter_is_a_clock() {
            return Self::Counter;
        }
        Self::Monotonic
    }

    /// Returns the time, in ticks.
    #[inline(always)]
    pub(super) fn now(self) -> u64 {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: every x86-64 processor has the instruction.
            Self::Counter => unsafe { std::arch::x86_64::_rdtsc() },
            Self::Monotonic => monotonic_ns(),
        }
    }

    /// Reads both clocks.
    pub(super) fn anchor(self) -> Anchor {
        if self == Self::Monotonic {
            let now = monotonic_ns();
            return Anchor { ticks: now, ns: now };
        }
        let read = |_| {
            let before = self.now();
            let ns = monotonic_ns();
            let width = self.now().saturating_sub(before);
            (width, Anchor { ticks: before + width / 2, ns })
        };
        let narrowest = (0..ATTEMPTS).map(read).min_by_key(|(width, _)| *width);
        narrowest.expect("there was an attempt").1
    }

    /// Returns the approximate number of ticks in a microsecond, at least 1.
    pub(super) fn ticks_per_us(self) -> u64 {
        if self == Self::Monotonic {
            return 1000;
        }
        let began = self.anchor();
        let wait = Instant::now();
        while wait.elapsed() < SPEED_MEASURED_FOR {
            std::hint::spin_loop();
        }
        let ended = self.anchor();
        let ns = ended.ns.saturating_sub(began.ns).max(1);
        (ended.ticks.saturating_sub(began.ticks) * 1000 / ns).max(1)
    }
}

/// Conversion of ticks to nanoseconds of CLOCK_MONOTONIC, between two anchors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) began: Anchor,
    pub(super) ended: Anchor,
}

impl Scale {
    /// Returns the time of a stamp; a stamp outside of the anchors is moved to the nearer one.
    pub(super) fn ns(self, ticks: u64) -> u64 {
        let Self { began, ended } = self;
        let past = ticks.clamp(began.ticks, ended.ticks.max(began.ticks)) - began.ticks;
        let ticks = u128::from((ended.ticks.saturating_sub(began.ticks)).max(1));
        let ns = u128::from(ended.ns.saturating_sub(began.ns));
        began.ns + (u128::from(past) * ns / ticks) as u64
    }
}

/// Reads CLOCK_MONOTONIC, in nanoseconds.
fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // The clock exists wherever there are threads.
    sys::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(target_arch = "x86_64")]
fn counter_is_a_clock() -> bool {
    use std::arch::x86_64::__cpuid;
    const POWER: u32 = 0x8000_0007;
    const INVARIANT: u32 = 1 << 8;
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let runs_steadily =
        __cpuid(0x8000_0000).eax >= POWER && __cpuid(POWER).edx & INVARIANT == INVARIANT;
    runs_steadily && std::fs::read_to_string(SOURCE).is_ok_and(|name| name.trim() == "tsc")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(ticks: [u64; 2], ns: [u64; 2]) -> Scale {
        let anchor = |i: usize| Anchor { ticks: ticks[i], ns: ns[i] };
        Scale { began: anchor(0), ended: anchor(1) }
    }

    #[test]
    fn ticks_between_the_anchors_are_in_proportion() {
        let scale = scale([1000, 4000], [50, 1050]);
        assert_eq!([1000, 1003, 2500, 4000].map(|ticks| scale.ns(ticks)), [50, 51, 550, 1050]);
    }

    #[test]
    fn ticks_outside_of_the_anchors_are_put_to_the_nearer() {
        let scale = scale([1000, 4000], [50, 1050]);
        assert_eq!([0, 999, 4001, u64::MAX].map(|ticks| scale.ns(ticks)), [50, 50, 1050, 1050]);
    }

    #[test]
    fn long_recordings_do_not_overflow() {
        const YEAR: u64 = 365 * 24 * 3600 * 1_000_000_000;
        let scale = scale([1 << 60, (1 << 60) + 3 * YEAR], [YEAR, 2 * YEAR]);
        assert_eq!(scale.ns((1 << 60) + 3 * YEAR / 2), YEAR + YEAR / 2);
    }

    #[test]
    fn anchors_at_the_same_moment_do_not_divide_by_nothing() {
        assert_eq!(scale([7, 7], [3, 3]).ns(7), 3);
    }

    #[test]
    fn every_clock_goes_forward_with_the_systems() {
        for clock in [Clock::best(), Clock::Monotonic] {
            let began = clock.anchor();
            let speed = clock.ticks_per_us();
            let ended = clock.anchor();
            assert!(speed > 0 && began.ticks < ended.ticks && began.ns < ended.ns);
            let between = clock.now();
            assert!(between >= ended.ticks);
        }
    }
}
