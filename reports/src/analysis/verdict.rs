//! Who wins where: own alternatives among themselves, and the best of them against peers.

use super::Measured;
use crate::stats::{Judgement, judge, paired_ratio};
use simple_records::AxisValue;

/// The runtime's alternatives at one place, compared. Numbers are indices of workloads.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The fastest by median.
    pub best: usize,
    /// Those that cannot be told from the fastest, faster ones first; see [`Judgement`].
    pub tied: Vec<usize>,
    /// What a difference to any of [`Choice::tied`] is at most, as a share; 0 if none is.
    pub tied_at_most: f64,
    /// The fastest of the others, and how the best stands to it; `None` if there is no other.
    pub second: Option<(usize, Judgement)>,
    /// With how many others it was compared.
    pub compared: usize,
    /// Fewest rounds shared with another alternative, if they are too few to decide.
    pub too_few_rounds: Option<usize>,
}

impl Choice {
    /// Whether the best is told from all others.
    pub fn is_clear(&self) -> bool {
        self.second.is_some() && self.tied.is_empty() && self.too_few_rounds.is_none()
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
    /// What that allows to be said; `Faster` speaks for the runtime.
    pub judgement: Judgement,
}

/// One place on the x axis of one facet. Numbers are indices of workloads.
#[derive(Debug, Clone)]
pub struct Position {
    /// Where.
    pub x: AxisValue,
    /// All workloads there, the fastest first.
    pub ranking: Vec<usize>,
    /// The own alternatives compared; `None` if there are only peers.
    pub choice: Option<Choice>,
    /// Against peers; `None` if there are none, or no round in common.
    pub versus: Option<Versus>,
}

impl Position {
    pub(super) fn new(x: AxisValue, workloads: &[Measured], mut ranking: Vec<usize>) -> Self {
        ranking.sort_by(|a, b| workloads[*a].time_ns.total_cmp(&workloads[*b].time_ns));
        let (peers, own): (Vec<usize>, Vec<usize>) =
            ranking.iter().partition(|index| workloads[**index].peer);
        let versus = match (own.first(), peers.first()) {
            (Some(own), Some(peer)) => versus(workloads, *own, *peer),
            _ => None,
        };
        Self { x, ranking, choice: choice(workloads, &own), versus }
    }

    /// How many pairs were compared here.
    pub fn pairs_judged(&self) -> usize {
        let own = self.choice.as_ref().map_or(0, |choice| choice.compared);
        own + usize::from(self.versus.is_some())
    }
}

fn versus(workloads: &[Measured], own: usize, peer: usize) -> Option<Versus> {
    let ratio = paired_ratio(&workloads[peer].by_round(), &workloads[own].by_round())?;
    Some(Versus { own, peer, ratio, judgement: judge(ratio) })
}

/// Compares the first of `ranking` with each of the others, not only with the second: a
/// noisy third may be impossible to tell from it when the second is not.
fn choice(workloads: &[Measured], ranking: &[usize]) -> Option<Choice> {
    let (&best, others) = ranking.split_first()?;
    let best_times = workloads[best].by_round();
    let mut choice = Choice {
        best,
        tied: Vec::new(),
        tied_at_most: 0.0,
        second: None,
        compared: others.len(),
        too_few_rounds: None,
    };
    for &other in others {
        let judgement = match paired_ratio(&workloads[other].by_round(), &best_times) {
            Some(ratio) => judge(ratio),
            None => Judgement::TooFewRounds { rounds: 0 },
        };
        match judgement {
            // Slower by the median of pairs, though faster by the median of its own rounds:
            // the data contradict themselves, so they decide nothing.
            Judgement::Slower(ratio) => {
                choice.tied.push(other);
                choice.tied_at_most = choice.tied_at_most.max(ratio.median.recip() - 1.0);
            }
            Judgement::NoDifference { at_most } => {
                choice.tied.push(other);
                choice.tied_at_most = choice.tied_at_most.max(at_most);
            }
            Judgement::TooFewRounds { rounds } => {
                let fewest = choice.too_few_rounds.map_or(rounds, |fewest| fewest.min(rounds));
                choice.too_few_rounds = Some(fewest);
            }
            Judgement::Faster(_) => {}
        }
        choice.second.get_or_insert((other, judgement));
    }
    Some(choice)
}
