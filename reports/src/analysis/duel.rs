//! Two alternatives that are compared alone, outside of a run, by the rules of one.
//!
//! A run also divides blocks by the regime of the machine and the state of a workload; here all
//! blocks count together.

use super::rules::{Rules, answers};
use super::timed::{block_time_ns, has_several_threads};
use crate::stats::{Judgement, Ratio};
use simple_records::{BenchVerdict, Samples};
use std::collections::BTreeMap;

/// Blocks of two alternatives, in the order in which they were measured.
#[derive(Debug, Clone)]
pub struct Duel {
    rules: Rules,
    /// Number of blocks, usable or not.
    blocks: u32,
    /// Difference up to which the two are the same.
    tolerance: f64,
    ones_ns: BTreeMap<u32, f64>,
    others_ns: BTreeMap<u32, f64>,
}

impl Duel {
    /// Returns a duel without blocks.
    pub fn new(rules: Rules) -> Self {
        let (ones_ns, others_ns) = (BTreeMap::new(), BTreeMap::new());
        Self { rules, blocks: 0, tolerance: rules.same, ones_ns, others_ns }
    }

    /// Adds a block. Samples without a usable time are left out, and with them the block.
    pub fn add(&mut self, one: &Samples, other: &Samples) {
        if [one, other].iter().any(|side| has_several_threads(&side.work)) {
            self.tolerance = self.rules.same_threaded;
        }
        let times = block_time_ns(one).zip(block_time_ns(other));
        if let Some((one_ns, other_ns)) = times {
            self.ones_ns.insert(self.blocks, one_ns);
            self.others_ns.insert(self.blocks, other_ns);
        }
        self.blocks += 1;
    }

    /// Number of blocks that were added.
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Time of the other as a multiple of that of the one; `None` without a usable block.
    pub fn ratio(&self) -> Option<Ratio> {
        self.judged().0
    }

    /// The judgement by the blocks of the last look; `Faster` speaks for the one.
    pub fn judgement(&self) -> Judgement {
        self.judged().1
    }

    /// Returns whether the two differ, or no difference larger than the tolerance is possible.
    pub fn is_answered(&self) -> bool {
        answers(self.judgement(), self.tolerance)
    }

    /// The verdict on the other by the blocks so far, with the largest difference that it leaves
    /// possible: as a share, `None` if the two are told apart and before the first look.
    pub fn verdict(&self) -> (BenchVerdict, Option<f64>) {
        match self.judgement() {
            Judgement::Faster(_) => (BenchVerdict::Slower, None),
            Judgement::Slower(_) => (BenchVerdict::Faster, None),
            Judgement::NoDifference { at_most } if at_most <= self.tolerance => {
                (BenchVerdict::Same, Some(at_most))
            }
            Judgement::NoDifference { at_most } => (BenchVerdict::Open, Some(at_most)),
            Judgement::TooFewRounds { .. } => (BenchVerdict::Open, None),
        }
    }

    fn judged(&self) -> (Option<Ratio>, Judgement) {
        self.rules.judged(&self.others_ns, &self.ones_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Aim;
    use super::*;
    use crate::stats::Rounds;
    use simple_records::Work;

    const RULES: Rules = Rules {
        rounds: Rounds::Growing { error: 0.01 },
        same: 0.05,
        same_threaded: 0.10,
        aim: Aim::Fastest,
    };

    fn samples(threads: u64, totals_ns: &[f64]) -> Samples {
        let work = Work { items: 1, bytes: None, threads: Some(threads) };
        Samples { work, ..Samples::example(totals_ns) }
    }

    /// Ten blocks in which the other takes this many times as long.
    fn ten(threads: u64, times: f64) -> Duel {
        let mut duel = Duel::new(RULES);
        for _ in 0..10 {
            duel.add(&samples(threads, &[100.0]), &samples(threads, &[100.0 * times]));
        }
        duel
    }

    #[test]
    fn the_faster_one_is_told() {
        assert!(matches!(ten(1, 1.2).judgement(), Judgement::Faster(_)));
        assert!(matches!(ten(1, 0.8).judgement(), Judgement::Slower(_)));
        assert!(ten(1, 1.2).is_answered());
        assert_eq!(ten(1, 1.2).verdict(), (BenchVerdict::Slower, None));
        assert_eq!(ten(1, 0.8).verdict(), (BenchVerdict::Faster, None));
        assert_eq!(Duel::new(RULES).verdict(), (BenchVerdict::Open, None));
    }

    /// The lower quartile of a block counts: of five samples, the second.
    #[test]
    fn a_block_counts_by_its_lower_quartile() {
        let mut duel = Duel::new(RULES);
        for _ in 0..10 {
            let other = samples(1, &[900.0, 50.0, 120.0, 800.0, 700.0]);
            duel.add(&samples(1, &[100.0]), &other);
        }
        assert!((duel.ratio().unwrap().median - 1.2).abs() < 1e-9);
    }

    /// Differences of 1% up and down, but one in five of 7%: the interval ends there.
    #[test]
    fn several_threads_have_the_wider_tolerance() {
        let of = |threads| {
            let mut duel = Duel::new(RULES);
            for block in 0..10 {
                let times = if block % 5 == 0 { 1.07 } else { 0.99 };
                duel.add(&samples(threads, &[100.0]), &samples(threads, &[100.0 * times]));
            }
            assert!((duel.verdict().1.unwrap() - 0.07).abs() < 1e-9);
            (duel.verdict().0, duel.is_answered())
        };
        assert_eq!((of(1), of(2)), ((BenchVerdict::Open, false), (BenchVerdict::Same, true)));
    }

    #[test]
    fn blocks_without_a_time_do_not_count() {
        let mut duel = ten(1, 1.2);
        duel.add(&samples(1, &[]), &samples(1, &[100.0]));
        assert_eq!((duel.blocks(), duel.ratio().unwrap().rounds), (11, 10));
    }
}
