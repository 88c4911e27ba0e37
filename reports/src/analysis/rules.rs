//! Rules by which two alternatives are judged.

use crate::stats::{Judgement, NEGLIGIBLE_DIFFERENCE, Ratio, Rounds, judge_beyond, paired_ratio};
use simple_records::{BenchLimits, RunLimits, RunStart, Verb};
use std::collections::BTreeMap;

/// Differences up to this one are too small to be told, if the record does not say: 5%.
const SAME: f64 = 0.05;
/// The same where several threads take part, whose times depend on where they run: 10%.
const SAME_THREADED: f64 = 0.10;

/// The question of a run about alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// The fastest of all.
    Fastest,
    /// The relation of each of the others to the default.
    EachAgainstDefault,
    /// The one to take instead of the default, if there is one.
    InsteadOfDefault,
}

impl Aim {
    fn of(start: &RunStart) -> Self {
        match start.origin.as_ref().and_then(|origin| origin.verb.known()) {
            Some(Verb::Compare) => Self::EachAgainstDefault,
            Some(Verb::Tune) => Self::InsteadOfDefault,
            Some(Verb::Run) | None => Self::Fastest,
        }
    }
}

/// Rules by which two alternatives are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Rule by which the number of rounds was found.
    pub rounds: Rounds,
    /// Difference as a share up to which two alternatives are the same.
    pub same: f64,
    /// The same where several threads take part.
    pub same_threaded: f64,
    /// The question about them.
    pub aim: Aim,
}

impl Rules {
    /// The rules of a run.
    pub fn of(start: &RunStart) -> Self {
        let aim = Aim::of(start);
        match start.limits {
            Some(RunLimits { error, same, same_threaded, .. }) => {
                Self { rounds: Rounds::Growing { error }, same, same_threaded, aim }
            }
            None => Self { rounds: Rounds::Fixed, same: SAME, same_threaded: SAME_THREADED, aim },
        }
    }

    /// The rules of a calibration of runs.
    pub fn of_trials(limits: &BenchLimits) -> Self {
        let BenchLimits { error, same, same_threaded, .. } = *limits;
        Self { rounds: Rounds::Growing { error }, same, same_threaded, aim: Aim::Fastest }
    }

    /// Compares the times of two alternatives by round. The ratio is that of `others` to `ones`;
    /// `Faster` speaks for `ones`.
    pub(super) fn judged(
        &self,
        others: &BTreeMap<u32, f64>,
        ones: &BTreeMap<u32, f64>,
    ) -> (Option<Ratio>, Judgement) {
        let ratio = paired_ratio(others, ones, self.rounds);
        // Whoever asks for a smaller difference than is usually worth a choice is told of it.
        let negligible = NEGLIGIBLE_DIFFERENCE.min(self.same);
        let judged = |ratio| judge_beyond(ratio, negligible);
        (ratio, ratio.map_or(Judgement::TooFewRounds { rounds: 0 }, judged))
    }
}

/// Returns whether a judgement settles its question: the two differ, or no difference larger
/// than `tolerance` is possible.
pub(super) fn answers(judgement: Judgement, tolerance: f64) -> bool {
    match judgement {
        Judgement::Faster(_) | Judgement::Slower(_) => true,
        Judgement::NoDifference { at_most } => at_most <= tolerance,
        Judgement::TooFewRounds { .. } => false,
    }
}
