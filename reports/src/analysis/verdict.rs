//! Winners by place: own alternatives among themselves, and the best of them against peers.

use super::pair::{Comparing, Pair};
use crate::stats::Judgement;
use simple_records::AxisValue;

/// Alternatives to choose from, compared. Numbers are indices of workloads.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The fastest by median.
    pub best: usize,
    /// Alternatives that may be as fast as the fastest, faster ones first; see [`Judgement`].
    pub tied: Vec<usize>,
    /// Upper bound of the differences to [`Choice::tied`], as a share; 0 if there are none.
    pub tied_at_most: f64,
    /// The fastest of the others, and the best judged against it; `None` if there is no other.
    pub second: Option<(usize, Judgement)>,
    /// Number of others that it was compared with.
    pub compared: usize,
    /// Fewest rounds shared with an alternative that the answer depends on, if they are too few to
    /// decide.
    pub too_few_rounds: Option<usize>,
    /// The default; `None` if there is none, or it was not measured here.
    pub default: Option<DefaultStanding>,
    /// The best against each of the others, in the order of their speed.
    pub pairs: Vec<Pair>,
}

/// The default of a [`Choice`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DefaultStanding {
    /// Index of its workload.
    pub index: usize,
    /// Judgement on the best against the default. `Faster` speaks against the default; the ratio
    /// is the default's time as a multiple of the best. `None` if the default is the best.
    pub judgement: Option<Judgement>,
}

/// Advice that follows from a [`Choice`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Advice {
    /// There is only one alternative.
    Alone,
    /// There were too few rounds: this many at least.
    TooFewRounds(usize),
    /// The best is clearly faster than all others; it may be the default.
    Clear,
    /// The default is the best or not distinguishable from it, but others may be as fast.
    Stay {
        /// Upper bound of the difference, as a share.
        at_most: f64,
    },
    /// Several are not distinguishable, and the default is not among them.
    Tied,
}

/// Meaning of a [`Choice`] for users who do not choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnDefault {
    /// It says nothing about the default.
    Silent,
    /// The default is right, or nothing speaks against it.
    Keep,
    /// Something else is faster.
    Change,
}

impl Choice {
    /// Returns whether the best is clearly faster than all others.
    pub fn is_clear(&self) -> bool {
        self.second.is_some() && self.tied.is_empty() && self.too_few_rounds.is_none()
    }

    /// The advice that follows from it.
    pub fn advice(&self) -> Advice {
        match (self.second, self.too_few_rounds) {
            (None, _) => return Advice::Alone,
            (_, Some(rounds)) => return Advice::TooFewRounds(rounds),
            _ if self.is_clear() => return Advice::Clear,
            _ => {}
        }
        match self.default {
            Some(default) if default.index == self.best => {
                Advice::Stay { at_most: self.tied_at_most }
            }
            Some(DefaultStanding { judgement: Some(judgement), .. }) => {
                open_difference(judgement).map_or(Advice::Tied, |at_most| Advice::Stay { at_most })
            }
            _ => Advice::Tied,
        }
    }

    /// Returns whether the pairs that the answer depends on are answered.
    pub fn is_answered(&self) -> bool {
        self.deciding().all(Pair::is_answered)
    }

    /// Its meaning for the default.
    pub fn on_default(&self) -> OnDefault {
        match (self.advice(), self.default) {
            (Advice::Clear, Some(default)) if default.index == self.best => OnDefault::Keep,
            (Advice::Stay { .. }, Some(_)) if self.is_answered() => OnDefault::Keep,
            (Advice::Clear | Advice::Tied, Some(_)) => OnDefault::Change,
            _ => OnDefault::Silent,
        }
    }

    /// Compares the fastest of `own` with each of the others: a noisy third may not be
    /// distinguishable from it even if the second is.
    pub(super) fn among(
        comparing: &Comparing<'_>,
        own: &[usize],
        default: Option<usize>,
    ) -> Option<Self> {
        let ranking = comparing.fastest_first(own);
        let (&best, others) = ranking.split_first()?;
        let standing = |index| DefaultStanding { index, judgement: None };
        let pairs: Vec<Pair> = others.iter().map(|other| comparing.pair(best, *other)).collect();
        let mut choice = Self {
            best,
            tied: Vec::new(),
            tied_at_most: 0.0,
            second: pairs.first().map(|pair| (pair.other, pair.judgement)),
            compared: others.len(),
            too_few_rounds: None,
            default: default.filter(|index| ranking.contains(index)).map(standing),
            pairs,
        };
        // The answer depends on the default alone if that is not the best.
        let other_default = choice.default.map(|default| default.index).filter(|at| *at != best);
        for Pair { other, judgement, .. } in &choice.pairs {
            if let Judgement::TooFewRounds { rounds } = *judgement {
                if other_default.is_none_or(|default| default == *other) {
                    let fewest = choice.too_few_rounds.map_or(rounds, |fewest| fewest.min(rounds));
                    choice.too_few_rounds = Some(fewest);
                } else {
                    // It may be as fast.
                    choice.tied.push(*other);
                }
            }
            if let Some(at_most) = open_difference(*judgement) {
                choice.tied.push(*other);
                choice.tied_at_most = choice.tied_at_most.max(at_most);
            }
            if let Some(standing) = choice.default.as_mut().filter(|d| d.index == *other) {
                standing.judgement = Some(*judgement);
            }
        }
        Some(choice)
    }

    /// The pairs that the answer depends on: the best against the default, or against all others
    /// if the best is the default or there is none.
    pub fn deciding(&self) -> impl Iterator<Item = &Pair> {
        let default = self.default.map(|default| default.index).filter(|at| *at != self.best);
        self.pairs.iter().filter(move |pair| default.is_none_or(|default| pair.other == default))
    }
}

/// Upper bound of the difference to the best, as a share, if the two are not distinguishable.
fn open_difference(judgement: Judgement) -> Option<f64> {
    match judgement {
        // Slower by the median of pairs, though faster by the median of its own rounds: the
        // data contradict themselves, so they decide nothing.
        Judgement::Slower(ratio) => Some(ratio.median.recip() - 1.0),
        Judgement::NoDifference { at_most } => Some(at_most),
        Judgement::Faster(_) | Judgement::TooFewRounds { .. } => None,
    }
}

/// The fastest own alternative against the fastest peer at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// The fastest own workload.
    pub own: usize,
    /// The fastest peer.
    pub peer: usize,
    /// The peer's time as a multiple of the own one; above 1 the runtime is faster.
    pub ratio: crate::stats::Ratio,
    /// Judgement on the ratio; `Faster` speaks for the runtime.
    pub judgement: Judgement,
    /// The two, with all that is known of them.
    pub pair: Pair,
}

/// One place on the x axis of one facet. Numbers are indices of workloads.
#[derive(Debug, Clone)]
pub struct Position {
    /// Value on the x axis.
    pub x: AxisValue,
    /// All workloads there, the fastest first.
    pub ranking: Vec<usize>,
    /// The own alternatives compared; `None` if there are only peers.
    pub choice: Option<Choice>,
    /// Against peers; `None` if there are none, or no round in common.
    pub versus: Option<Versus>,
}

impl Position {
    /// `default` is the index of the default, if it is among `ranking`.
    pub(super) fn new(
        x: AxisValue,
        comparing: &Comparing<'_>,
        mut ranking: Vec<usize>,
        default: Option<usize>,
    ) -> Self {
        let workloads = comparing.workloads;
        ranking.sort_by(|a, b| workloads[*a].time_ns.total_cmp(&workloads[*b].time_ns));
        let (peers, own): (Vec<usize>, Vec<usize>) =
            ranking.iter().partition(|index| workloads[**index].subject.peer);
        let choice = Choice::among(comparing, &own, default);
        let best_peer = comparing.fastest_first(&peers).first().copied();
        let versus = match (&choice, best_peer) {
            (Some(choice), Some(peer)) => versus(comparing, choice.best, peer),
            _ => None,
        };
        Self { x, ranking, choice, versus }
    }

    /// Number of pairs that were compared here.
    pub fn pairs_judged(&self) -> usize {
        let own = self.choice.as_ref().map_or(0, |choice| choice.compared);
        own + usize::from(self.versus.is_some())
    }
}

fn versus(comparing: &Comparing<'_>, own: usize, peer: usize) -> Option<Versus> {
    let pair = comparing.pair(own, peer);
    let (ratio, judgement) = (pair.ratio?, pair.judgement);
    Some(Versus { own, peer, ratio, judgement, pair })
}
