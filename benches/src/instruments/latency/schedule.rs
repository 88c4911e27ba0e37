//! When operations are to begin.

const SECOND_NS: u64 = 1_000_000_000;

/// Operations at a fixed rate: operation `i` is due at `i / rate`, whatever became of those
/// before it.
///
/// Each time is computed from `i`. Adding up intervals that were rounded to nanoseconds
/// would drift: by 0.4% at 7 million operations a second, which is 4 ms in every second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    rate_per_s: u64,
}

impl Schedule {
    /// So many operations a second, at least one.
    pub(super) fn new(rate_per_s: u64) -> Self {
        assert!((1..=SECOND_NS).contains(&rate_per_s), "{rate_per_s} operations a second");
        Self { rate_per_s }
    }

    /// When operation `index` is due, in nanoseconds from the first, rounded down.
    pub(super) fn intended_ns(self, index: u64) -> u64 {
        // Whole seconds apart, so that nothing overflows within 500 years.
        let (seconds, rest) = (index / self.rate_per_s, index % self.rate_per_s);
        seconds * SECOND_NS + rest * SECOND_NS / self.rate_per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u64; 9] = [1, 3, 7, 1000, 44_100, 999_983, 3_000_000, 7_777_777, SECOND_NS];

    /// The same in wide integers, as plainly as it can be said.
    fn exact(rate_per_s: u64, index: u64) -> u64 {
        (u128::from(index) * 1_000_000_000 / u128::from(rate_per_s)) as u64
    }

    #[test]
    fn no_operation_is_off_by_a_nanosecond_however_late_it_comes() {
        for rate in RATES {
            let schedule = Schedule::new(rate);
            let indices = (0..2000).chain((0..60).map(|shift| (1 << shift) / (SECOND_NS / rate)));
            for index in indices {
                assert_eq!(schedule.intended_ns(index), exact(rate, index), "{rate} {index}");
            }
        }
    }

    #[test]
    fn every_second_has_exactly_its_operations() {
        for rate in RATES {
            let schedule = Schedule::new(rate);
            for second in [0, 1, 59, 100_000] {
                assert_eq!(schedule.intended_ns(second * rate), second * SECOND_NS);
                assert!(schedule.intended_ns((second + 1) * rate - 1) < (second + 1) * SECOND_NS);
            }
        }
    }

    #[test]
    fn gaps_are_even_but_for_the_rounding() {
        for rate in RATES {
            let schedule = Schedule::new(rate);
            let gap = SECOND_NS / rate;
            for index in 0..5000 {
                let found = schedule.intended_ns(index + 1) - schedule.intended_ns(index);
                assert!(found == gap || found == gap + 1, "{rate} {index}: {found}");
            }
        }
    }
}
