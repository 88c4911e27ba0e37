//! Schedules of loads: when which processor is busy. Pure, so that a seed gives the same load each time.

use fastrand::Rng;
use simple_records::NoiseKind;
use std::time::Duration;

/// Largest share of a processor that [`NoiseKind::Steal`] takes for long.
const MOST_STOLEN: f64 = 0.30;

/// A time of work and the pause after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The index of the processor it is on; any if absent.
    pub processor: Option<usize>,
    pub busy: Duration,
    pub idle: Duration,
}

/// The priority of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// That of what is measured.
    Same,
    /// Above what is measured.
    Higher,
}

/// The endless schedule of one thread.
#[derive(Debug)]
pub struct Lane {
    kind: NoiseKind,
    random: Rng,
    /// Number of processors.
    processors: usize,
    /// The processor of this lane, or the one that it has come to.
    processor: usize,
    /// Share of the time that is busy until `left` is over.
    share: f64,
    left: Duration,
}

/// The schedules of the threads of a load, on this many processors.
pub fn lanes(kind: NoiseKind, seed: u64, processors: usize) -> Vec<Lane> {
    let processors = processors.max(1);
    let threads = match kind {
        NoiseKind::Steal => processors,
        NoiseKind::Busy | NoiseKind::Neighbour | NoiseKind::Steps => 1,
    };
    let mut seeds = Rng::with_seed(seed);
    let lane = |processor| Lane {
        kind,
        random: seeds.fork(),
        processors,
        processor,
        share: 0.0,
        left: Duration::ZERO,
    };
    (0..threads).map(lane).collect()
}

impl Lane {
    /// The priority of its thread.
    pub fn priority(&self) -> Priority {
        match self.kind {
            NoiseKind::Steal => Priority::Higher,
            NoiseKind::Busy | NoiseKind::Neighbour | NoiseKind::Steps => Priority::Same,
        }
    }

    /// A duration between two, each order of magnitude as likely.
    fn between(&mut self, low_ms: f64, high_ms: f64) -> Duration {
        let ratio = (high_ms / low_ms).powf(self.random.f64());
        Duration::from_secs_f64(low_ms * ratio / 1000.0)
    }

    /// Slices of some milliseconds with a share that changes from time to time.
    fn shared(&mut self, busy: Duration) -> Slice {
        // A share of nothing is a pause as long as the time is left.
        let period = busy.div_f64(self.share.max(0.001)).min(self.left.max(busy));
        self.left = self.left.saturating_sub(period);
        Slice { processor: Some(self.processor), busy, idle: period.saturating_sub(busy) }
    }
}

impl Iterator for Lane {
    type Item = Slice;

    fn next(&mut self) -> Option<Slice> {
        let slice = match self.kind {
            NoiseKind::Busy => {
                Slice { processor: None, busy: Duration::from_secs(1), idle: Duration::ZERO }
            }
            NoiseKind::Neighbour => {
                let (busy, idle) = (self.between(20.0, 3000.0), self.between(20.0, 3000.0));
                Slice { processor: None, busy, idle }
            }
            NoiseKind::Steps => {
                if self.left.is_zero() {
                    self.left = self.between(200.0, 3000.0);
                    self.processor = (self.processor + 1) % self.processors;
                    self.share = [0.1, 0.2, 0.35, 0.5][self.random.usize(..4)];
                }
                self.shared(Duration::from_millis(2))
            }
            NoiseKind::Steal => {
                if self.left.is_zero() {
                    self.left = self.between(300.0, 3000.0);
                    self.share = MOST_STOLEN * self.random.f64();
                }
                let busy = self.between(1.0, 20.0);
                // The last slice of an episode may not be followed by less of a pause than the share asks for.
                self.left = self.left.max(busy.div_f64(self.share.max(0.01)));
                self.shared(busy)
            }
        };
        Some(slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(kind: NoiseKind, seed: u64, lane: usize) -> Vec<Slice> {
        lanes(kind, seed, 3).remove(lane).take(2000).collect()
    }

    fn share(slices: &[Slice]) -> f64 {
        let busy: Duration = slices.iter().map(|slice| slice.busy).sum();
        let idle: Duration = slices.iter().map(|slice| slice.idle).sum();
        busy.as_secs_f64() / (busy + idle).as_secs_f64()
    }

    #[test]
    fn a_seed_gives_the_same_load_and_another_seed_another() {
        for kind in NoiseKind::ALL {
            assert_eq!(slices(kind, 7, 0), slices(kind, 7, 0), "{kind}");
        }
        for kind in [NoiseKind::Neighbour, NoiseKind::Steps, NoiseKind::Steal] {
            assert_ne!(slices(kind, 7, 0), slices(kind, 8, 0), "{kind}");
        }
        assert_ne!(slices(NoiseKind::Steal, 7, 0), slices(NoiseKind::Steal, 7, 1));
    }

    #[test]
    fn the_busy_one_never_pauses_and_the_neighbour_comes_and_goes() {
        assert!(slices(NoiseKind::Busy, 1, 0).iter().all(|slice| slice.idle.is_zero()));
        let neighbour = slices(NoiseKind::Neighbour, 1, 0);
        let (least, most) = (Duration::from_millis(20), Duration::from_secs(3));
        let is_within = |time: &Duration| (least..=most).contains(time);
        assert!(neighbour.iter().all(|one| is_within(&one.busy) && is_within(&one.idle)));
        assert!((share(&neighbour) - 0.5).abs() < 0.1, "{}", share(&neighbour));
        assert!(neighbour.iter().all(|slice| slice.processor.is_none()));
    }

    #[test]
    fn steps_visit_each_processor_in_turn() {
        let slices = slices(NoiseKind::Steps, 1, 0);
        let mut order: Vec<usize> = slices.iter().filter_map(|slice| slice.processor).collect();
        order.dedup();
        assert!(order.len() > 6 && order.iter().all(|processor| *processor < 3), "{order:?}");
        assert!(order.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 3), "{order:?}");
        assert!((0.1..0.55).contains(&share(&slices)), "{}", share(&slices));
    }

    #[test]
    fn no_more_than_its_share_is_stolen_in_short_slices() {
        for lane in 0..3 {
            let slices = slices(NoiseKind::Steal, 5, lane);
            let (least, most) = (Duration::from_millis(1), Duration::from_millis(20));
            assert!(slices.iter().all(|slice| (least..=most).contains(&slice.busy)));
            assert!(slices.iter().all(|slice| slice.processor == Some(lane)));
            for episode in slices.chunks(100) {
                assert!(share(episode) <= MOST_STOLEN + 0.001, "{}", share(episode));
            }
            assert!(share(&slices) > 0.05, "{}", share(&slices));
        }
        let lane = lanes(NoiseKind::Steal, 5, 2).remove(0);
        assert_eq!(lane.priority(), Priority::Higher);
    }
}
