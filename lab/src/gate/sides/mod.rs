//! Both sides of a comparison, as blocks and counts see them: programs of the harness, or a suite of
//! anybody's repository.

mod layouts;
mod programs;
mod suite;

pub(super) use layouts::{Layouts, USUAL as USUAL_LAYOUTS};
pub(super) use programs::Programs;
pub(super) use suite::Suites;

use crate::harness::turns::TurnOrder;
use crate::harness::valgrind::Scope;
use anyhow::Result;
use simple_profiles::callgrind::Profile;
use simple_records::Side;
use simple_reports::judge::Task;
use std::fmt::Debug;

/// Words for an iteration that is counted.
const ITERATION: &str = "an iteration";
/// Words for a process that is counted.
const PROCESS: &str = "the whole process";

/// Both sides, and the base once more. They are shared by threads that count.
pub trait Sides: Debug + Sync {
    /// Makes what a block needs and is not there yet; `tell` is told of each part before it is made.
    ///
    /// # Errors
    /// If it cannot be made.
    fn prepare(&self, _task: &Task, _tell: &mut dyn FnMut(&str)) -> Result<()> {
        Ok(())
    }

    /// Number of code layouts of each side in each stage, if blocks run them in turn.
    fn layouts(&self) -> Option<u32> {
        None
    }

    /// Starts a process for a block, which is ready to be timed.
    ///
    /// # Errors
    /// If it cannot be started.
    fn start(
        &self,
        task: &Task,
        side: Side,
        processor: Option<usize>,
        random: &mut fastrand::Rng,
    ) -> Result<Box<dyn Entrant>>;

    /// The processor for those processes of a block that have one thread, if they are to stay on one.
    fn processor(&self, _random: &mut fastrand::Rng) -> Option<usize> {
        None
    }

    /// The instructions of a workload, by callgrind. Sides that count whole processes do so for each
    /// scope.
    ///
    /// # Errors
    /// If they cannot be counted.
    fn instructions(&self, workload: &str, side: Side, scope: Scope) -> Result<Profile>;

    /// Lengths of turns of a workload with this many threads.
    fn pace(&self, threads: Option<u64>) -> Pace;

    /// Rules of counts.
    fn counting(&self) -> Counting;

    /// The part that a count of a workload is of, in words.
    fn counted_part(&self, _workload: &str, scope: Scope) -> &'static str {
        match scope {
            Scope::Iteration => ITERATION,
            Scope::Process(_) => PROCESS,
        }
    }
}

/// A process of a workload, or several of them one after the other, in a block.
pub trait Entrant: Debug {
    /// Runs for a while; returns the duration of an iteration in ns.
    ///
    /// # Errors
    /// If it fails.
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64>;

    /// Takes a turn.
    ///
    /// # Errors
    /// If it fails.
    fn turn(&mut self, portion: &Portion) -> Result<Taken>;

    /// Number of its threads, if that is known.
    fn threads(&self) -> Option<u64> {
        None
    }
}

/// Samples of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Iterations of each sample.
    pub iterations: u64,
    /// Duration of all iterations of each sample, in ns.
    pub totals_ns: Vec<f64>,
    /// Page faults without input or output, over all samples.
    pub page_faults_minor: u64,
    /// Number of times that processes lost their processor involuntarily.
    pub involuntary_switches: u64,
}

/// Lengths of turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Time that a process runs before it is measured.
    pub warm_up_ns: u64,
    /// Least time of a sample, as far as an iteration is not longer.
    pub sample_ns: f64,
    /// Rough time of a turn.
    pub turn_ns: f64,
    /// Least number of samples of a turn, if an iteration is shorter than a turn.
    pub least_samples: u32,
    /// Least number of samples of a turn, if an iteration is longer.
    pub least_long_samples: u32,
    /// Order of the turns of a block.
    pub order: TurnOrder,
}

/// The samples of every turn of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Iterations of each sample, for those that are told.
    pub iterations: u64,
    /// Number of samples, for those that are told.
    pub samples: u32,
    /// Rough time, for those that find their iterations themselves.
    pub about_ns: u64,
    /// Least number of samples, for the same.
    pub least_samples: u32,
}

/// Rules of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Iterations are counted, several at once. One that cannot be counted is broken.
    Iterations,
    /// Whole processes are counted, one after the other, because they may share files. One that cannot
    /// be counted is not broken: not every program runs under valgrind.
    Processes,
}

impl Portion {
    /// The samples of every turn, for an iteration of this length in ns.
    pub fn of(iteration_ns: f64, pace: &Pace) -> Self {
        let iterations = (pace.sample_ns / iteration_ns).ceil().max(1.0);
        let is_long = iteration_ns >= pace.turn_ns;
        let least_samples = if is_long { pace.least_long_samples } else { pace.least_samples };
        let most = (pace.turn_ns / pace.sample_ns).max(f64::from(least_samples));
        let samples = pace.turn_ns / (iterations * iteration_ns);
        Self {
            iterations: iterations as u64,
            samples: samples.clamp(f64::from(least_samples), most) as u32,
            about_ns: pace.turn_ns as u64,
            least_samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        warm_up_ns: 1,
        sample_ns: 500_000.0,
        turn_ns: 4_000_000.0,
        least_samples: 4,
        least_long_samples: 2,
        order: TurnOrder::ThereAndBack,
    };

    #[test]
    fn short_iterations_share_a_sample_and_long_ones_have_few() {
        let short = Portion::of(100.0, &PACE);
        assert_eq!((short.iterations, short.samples), (5000, 8));
        let middle = Portion::of(1_500_000.0, &PACE);
        assert_eq!((middle.iterations, middle.samples, middle.least_samples), (1, 4, 4));
        let long = Portion::of(300_000_000.0, &PACE);
        assert_eq!((long.iterations, long.samples, long.least_samples), (1, 2, 2));
    }
}
