//! Every alternative against the default, and the question of whether it is too slow.
//!
//! A [`Choice`](super::Choice) asks for the best. Whoever compares a few commands also wants to know
//! how each of them stands to the one that is in use.

use super::{ComparisonReport, Pair};
use crate::stats::{Judgement, LEAST_DECIDING_COVERAGE};

/// Judgement on a slow-down that is allowed up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slowdown {
    /// No larger one is possible.
    Within,
    /// It is larger.
    Beyond,
    /// Either is possible.
    Open,
}

impl Pair {
    /// Returns whether the one takes longer than the other by more than `limit`, a share: 0.05 is 5%.
    pub fn slowdown(&self, limit: f64) -> Slowdown {
        let interval = self.ratio.and_then(|ratio| ratio.inverse().interval);
        let Some(interval) = interval.filter(|it| it.coverage >= LEAST_DECIDING_COVERAGE) else {
            return Slowdown::Open;
        };
        match interval {
            _ if interval.low > 1.0 + limit => Slowdown::Beyond,
            _ if interval.high <= 1.0 + limit => Slowdown::Within,
            _ => Slowdown::Open,
        }
    }

    /// Returns whether the two are told apart, over all rounds or under some condition.
    pub fn is_told_apart(&self) -> bool {
        let differs = |judgement| matches!(judgement, Judgement::Faster(_) | Judgement::Slower(_));
        differs(self.judgement)
            || (self.rests_on_conditions() && self.within.iter().any(|it| differs(it.judgement)))
    }
}

impl ComparisonReport {
    /// Every other own alternative against the default, at each place, in the order of workloads. Empty
    /// without a default.
    pub fn against_default(&self) -> Vec<Pair> {
        let Some(default) = self.default_series() else { return Vec::new() };
        let is_default = |index: &usize| {
            let workload = &self.workloads[*index];
            !workload.subject.peer && self.series_name(workload) == default
        };
        let mut pairs = Vec::new();
        for position in self.facets.iter().flat_map(|facet| &facet.positions) {
            let Some(default) = position.ranking.iter().copied().find(is_default) else { continue };
            let mut others = position.ranking.clone();
            others.retain(|index| *index != default && !self.workloads[*index].subject.peer);
            others.sort_unstable();
            pairs.extend(others.into_iter().map(|one| self.pair(one, default)));
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Interval, Ratio};

    /// The one takes from `low` to `high` times as long as the other.
    fn slower(low: f64, high: f64) -> Pair {
        let interval = Some(Interval { low: high.recip(), high: low.recip(), coverage: 0.99 });
        let ratio = Ratio { median: (low * high).sqrt().recip(), interval, rounds: 10 };
        Pair {
            one: 0,
            other: 1,
            rounds: 10,
            ratio: Some(ratio),
            judgement: crate::stats::judge(ratio),
            spread: None,
            tolerance: 0.05,
            within: Vec::new(),
        }
    }

    #[test]
    fn a_limit_is_held_or_not_or_that_is_open() {
        assert_eq!(slower(0.9, 1.04).slowdown(0.05), Slowdown::Within);
        assert_eq!(slower(1.06, 1.10).slowdown(0.05), Slowdown::Beyond);
        assert_eq!(slower(1.04, 1.06).slowdown(0.05), Slowdown::Open);
        let unknown = Pair { ratio: None, ..slower(2.0, 3.0) };
        assert_eq!(unknown.slowdown(0.05), Slowdown::Open);
    }

    #[test]
    fn what_is_faster_or_slower_is_told_apart() {
        assert!(slower(1.06, 1.10).is_told_apart() && slower(0.5, 0.6).is_told_apart());
        assert!(!slower(0.98, 1.2).is_told_apart());
    }
}
