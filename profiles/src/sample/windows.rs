//! The times at which the measured part of a program ran.

/// Intervals of time, sorted and apart from each other. Each contains its begin, but not its end.
///
/// The clock is that of the recording: `CLOCK_MONOTONIC`, in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Windows {
    intervals: Vec<(u64, u64)>,
}

impl Windows {
    /// All of the time: for programs of which everything is measured.
    pub fn always() -> Self {
        Self { intervals: vec![(0, u64::MAX)] }
    }

    /// Returns whether a time is in one of the intervals.
    pub fn contains(&self, time_ns: u64) -> bool {
        let after = self.intervals.partition_point(|(begin, _)| *begin <= time_ns);
        after.checked_sub(1).is_some_and(|at| time_ns < self.intervals[at].1)
    }

    /// The part of the time from `begin_ns` to `end_ns` that is in the intervals.
    pub fn overlap_ns(&self, begin_ns: u64, end_ns: u64) -> u64 {
        let first = self.intervals.partition_point(|(_, end)| *end <= begin_ns);
        let reached = self.intervals[first..].iter().take_while(|(begin, _)| *begin < end_ns);
        reached.map(|(begin, end)| (*end).min(end_ns).saturating_sub((*begin).max(begin_ns))).sum()
    }

    /// End of the last interval; zero if there is none.
    pub fn end_ns(&self) -> u64 {
        self.intervals.last().map_or(0, |(_, end)| *end)
    }

    /// The intervals.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.intervals.iter().copied()
    }
}

/// Takes intervals in any order; those that overlap or touch become one, and empty ones are left
/// out.
impl FromIterator<(u64, u64)> for Windows {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(intervals: I) -> Self {
        let mut given: Vec<_> = intervals.into_iter().filter(|(begin, end)| begin < end).collect();
        given.sort_unstable();
        let mut intervals: Vec<(u64, u64)> = Vec::new();
        for (begin, end) in given {
            match intervals.last_mut() {
                Some((_, last)) if begin <= *last => *last = end.max(*last),
                _ => intervals.push((begin, end)),
            }
        }
        Self { intervals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_that_touch_become_one() {
        let windows = Windows::from_iter([(20, 30), (0, 5), (5, 10), (25, 28), (9, 9)]);
        assert_eq!(windows.iter().collect::<Vec<_>>(), [(0, 10), (20, 30)]);
        assert_eq!(windows.end_ns(), 30);
        assert_eq!(Windows::default().end_ns(), 0);
    }

    #[test]
    fn always_contains_every_time_that_a_clock_shows() {
        assert!(Windows::always().contains(0) && Windows::always().contains(u64::MAX - 1));
        assert_eq!(Windows::always().overlap_ns(3, 10), 7);
    }

    proptest! {
        #[test]
        fn the_overlap_is_the_number_of_times_inside(
            intervals in prop::collection::vec((0..60u64, 0..60u64), 0..6),
            begin in 0..60u64,
            length in 0..60u64,
        ) {
            let windows: Windows = intervals.iter().copied().collect();
            let is_inside = |time: u64| intervals.iter().any(|(b, e)| (*b..*e).contains(&time));
            for time in 0..70 {
                prop_assert_eq!(windows.contains(time), is_inside(time));
            }
            let inside = (begin..begin + length).filter(|time| is_inside(*time)).count();
            prop_assert_eq!(windows.overlap_ns(begin, begin + length), inside as u64);
        }
    }
}
