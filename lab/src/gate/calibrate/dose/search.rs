//! The search for a dose: which number of steps to measure next, and when to stop. A pure function of what
//! was measured.
//!
//! A number of steps is measured by more and more blocks, until the interval of its effect lies within the
//! tolerance around the aim, or excludes the aim. Then other steps are tried, between those that are too few
//! and those that are too many. The looks double in size, and a look never stops because of where the estimate
//! is, only because of its interval, so there are few chances to stop by luck.

use simple_reports::stats::signed_rank;
use std::collections::BTreeMap;

/// Largest error of a dose, as a share of what was wanted.
pub const TOLERANCE: f64 = 0.15;
/// Blocks of the first look.
const FIRST_LOOK: usize = 12;
/// Blocks of the last look at a number of steps.
const LAST_LOOK: usize = 384;
/// Numbers of steps that are tried.
const MOST_TRIED: usize = 10;
/// Blocks of all numbers of steps together, after which no more is begun.
const MOST_BLOCKS: usize = 1000;
/// Most steps of a visit: more would take for ever where few of them have no effect.
const MOST_STEPS: u32 = 1_000_000;

/// An effect: a share, and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub share: f64,
    pub interval: [f64; 2],
    /// Blocks that it is made of; 0 if it is exact.
    pub blocks: u32,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Measure this many blocks with this many steps.
    Measure { steps: u32, blocks: usize },
    /// These steps have the effect that was wanted.
    Set { steps: u32, effect: Measured },
    /// One step more is too many, one less too few.
    TooCoarse,
    /// The blocks do not tell.
    TooNoisy,
}

/// A search in progress.
#[derive(Debug)]
pub struct Search {
    aim: f64,
    /// The number of steps that is measured.
    steps: u32,
    /// Differences of logarithms of its blocks.
    differences: Vec<f64>,
    /// Its effect, if it is exact.
    exact: Option<f64>,
    /// Effects of the numbers of steps that missed the aim.
    missed: BTreeMap<u32, f64>,
    /// Blocks so far.
    spent: usize,
}

impl Search {
    /// Looks for steps with the effect `aim`, beginning with `first`.
    pub fn new(aim: f64, first: u32) -> Self {
        let steps = first.max(1);
        let (differences, missed) = (Vec::new(), BTreeMap::new());
        Self { aim, steps, differences, exact: None, missed, spent: 0 }
    }

    /// Adds differences of blocks with the steps that were wanted last.
    pub fn add(&mut self, differences: &[f64]) {
        self.differences.extend(differences);
        self.spent += differences.len();
    }

    /// Adds the exact effect of the steps that were wanted last.
    pub fn add_exact(&mut self, share: f64) {
        self.exact = Some(share);
    }

    /// The next thing to do.
    pub fn next(&mut self) -> Next {
        let measured = self.differences.len();
        let is_a_look = measured >= FIRST_LOOK;
        let Some(effect) = self.effect().filter(|_| self.exact.is_some() || is_a_look) else {
            return Next::Measure {
                steps: self.steps,
                blocks: FIRST_LOOK - measured.min(FIRST_LOOK - 1),
            };
        };
        let [low, high] = effect.interval;
        let within = self.aim * (1.0 - TOLERANCE)..=self.aim * (1.0 + TOLERANCE);
        if within.contains(&low) && within.contains(&high) {
            return Next::Set { steps: self.steps, effect };
        }
        let misses = high < self.aim || low > self.aim;
        if !misses {
            return match measured < LAST_LOOK && self.spent < MOST_BLOCKS {
                true => {
                    let blocks = measured.min(LAST_LOOK - measured);
                    Next::Measure { steps: self.steps, blocks }
                }
                false => Next::TooNoisy,
            };
        }
        self.missed.insert(self.steps, effect.share);
        self.try_others()
    }

    fn effect(&self) -> Option<Measured> {
        if let Some(share) = self.exact {
            return Some(Measured { share, interval: [share; 2], blocks: 0 });
        }
        let test = signed_rank(&self.differences)?;
        let interval = [test.interval.low.exp_m1(), test.interval.high.exp_m1()];
        let blocks = self.differences.len() as u32;
        Some(Measured { share: test.estimate.exp_m1(), interval, blocks })
    }

    /// Turns to other steps.
    fn try_others(&mut self) -> Next {
        let above = self.missed.iter().find(|(_, share)| **share > self.aim);
        let below = self.missed.iter().rev().find(|(steps, share)| {
            **share < self.aim && above.is_none_or(|(many, _)| steps < &many)
        });
        // No steps have no effect.
        let (few, low) = below.map_or((0, 0.0), |(steps, share)| (*steps, share.max(0.0)));
        let next = match above {
            Some((&many, _)) if many - few <= 1 => return Next::TooCoarse,
            Some((&many, &high)) => {
                let part = (self.aim - low) / (high - low);
                let between = f64::from(few) + part * f64::from(many - few);
                (between.round() as u32).clamp(few + 1, many - 1)
            }
            None => {
                // In proportion; steps without a visible effect are multiplied by ten.
                let times = self.aim / low.max(self.aim / 10.0);
                ((f64::from(few) * times).round() as u32).max(few + 1)
            }
        };
        let is_spent = self.missed.len() >= MOST_TRIED || self.spent >= MOST_BLOCKS;
        if is_spent || next > MOST_STEPS {
            return Next::TooNoisy;
        }
        (self.steps, self.differences, self.exact) = (next, Vec::new(), None);
        Next::Measure { steps: next, blocks: FIRST_LOOK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search on a machine where `steps` have the effect `share` and a block the noise `sd`; with all blocks
    /// that were measured.
    fn searched(aim: f64, share: fn(f64) -> f64, sd: f64, seed: u64) -> (Next, usize) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut search = Search::new(aim, 20);
        let mut all = 0;
        loop {
            match search.next() {
                Next::Measure { steps, blocks } => {
                    let effect = share(f64::from(steps)).ln_1p();
                    // The sum of twelve uniform numbers is nearly normal, with a variance of 1.
                    let mut noise = || (0..12).map(|_| random.f64() - 0.5).sum::<f64>() * sd;
                    let blocks: Vec<f64> = (0..blocks).map(|_| effect + noise()).collect();
                    search.add(&blocks);
                    all += blocks.len();
                }
                end => return (end, all),
            }
        }
    }

    fn is_near(steps: u32, share: fn(f64) -> f64, aim: f64) -> bool {
        (share(f64::from(steps)) / aim - 1.0).abs() <= TOLERANCE
    }

    /// Even if the effect is not in proportion, as where threads wait for each other.
    #[test]
    fn doses_are_as_large_as_wanted() {
        let effects: [fn(f64) -> f64; 3] =
            [|steps| steps * 0.0007, |steps| steps * 0.004, |steps| 0.00002 * steps * steps];
        for share in effects {
            for aim in [0.05, 0.1] {
                let ends = (0..40).map(|seed| searched(aim, share, 0.02, seed).0);
                let set: Vec<u32> = ends
                    .filter_map(|end| match end {
                        Next::Set { steps, effect } => {
                            let [low, high] = effect.interval;
                            assert!(low >= 0.85 * aim && high <= 1.15 * aim, "{effect:?}");
                            Some(steps)
                        }
                        _ => None,
                    })
                    .collect();
                let near = set.iter().filter(|steps| is_near(**steps, share, aim)).count();
                assert!(set.len() >= 34 && near + 2 >= set.len(), "{aim}: {near} of {set:?}");
            }
        }
    }

    #[test]
    fn a_quiet_machine_needs_few_blocks_and_a_noisy_one_more() {
        let (_, quiet) = searched(0.05, |steps| steps * 0.0007, 0.003, 1);
        let (_, noisy) = searched(0.05, |steps| steps * 0.0007, 0.03, 1);
        assert!(quiet <= 3 * FIRST_LOOK && noisy > 2 * quiet, "{quiet} {noisy}");
    }

    #[test]
    fn what_cannot_be_set_is_told_apart() {
        let coarse = (0..10).map(|seed| searched(0.05, |steps| steps * 0.07, 0.003, seed).0);
        assert!(coarse.into_iter().all(|end| end == Next::TooCoarse));
        let noisy = (0..10).map(|seed| searched(0.05, |steps| steps * 0.0025, 0.4, seed));
        let mut ends = 0;
        for (end, blocks) in noisy {
            assert!(!matches!(end, Next::Set { .. }), "{end:?}");
            assert!(blocks <= MOST_BLOCKS + LAST_LOOK);
            ends += u32::from(end == Next::TooNoisy);
        }
        assert!(ends >= 7, "{ends}");
        let (end, blocks) = searched(0.05, |_| 0.0, 0.003, 1);
        assert_eq!(end, Next::TooNoisy, "steps without an effect");
        assert!(blocks <= MOST_BLOCKS + LAST_LOOK);
    }

    #[test]
    fn exact_effects_are_measured_once() {
        let mut search = Search::new(0.02, 20);
        let (mut tried, mut end) = (0, search.next());
        while let Next::Measure { steps, .. } = end {
            search.add_exact((3.0 + f64::from(steps) * 1.125) / 300.0);
            tried += 1;
            end = search.next();
        }
        let Next::Set { steps, effect } = end else { panic!("{end:?}") };
        assert_eq!((effect.blocks, effect.interval), (0, [effect.share; 2]));
        assert!((effect.share / 0.02 - 1.0).abs() <= TOLERANCE, "{steps}: {effect:?}");
        assert!(tried <= 5, "{tried}");
    }
}
