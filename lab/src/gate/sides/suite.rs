//! Two places of a suite.

use super::{Counting, Entrant, ITERATION, PROCESS, Pace, Portion, Sides, Taken};
use crate::gate::repository;
use crate::harness::turns::TurnOrder;
use crate::harness::valgrind::{Scope, count_iteration, count_process};
use crate::suite::{Part, Place, Suite, Timed, Worker};
use anyhow::{Context, Result};
use simple_profiles::callgrind::Profile;
use simple_records::Side;
use simple_reports::judge::Task;
use std::time::Duration;

/// A whole process is a sample of its own, and may take as long as it likes.
const PACE: Pace = Pace {
    warm_up_ns: 3_000_000,
    sample_ns: 500_000.0,
    turn_ns: 40_000_000.0,
    least_samples: 2,
    least_long_samples: 1,
    order: TurnOrder::ThereAndBack,
};

/// The places that take turns.
#[derive(Debug)]
pub struct Suites {
    /// The benchmarks.
    pub suite: Suite,
    /// The places where they run.
    pub sides: repository::Sides,
}

impl Suites {
    fn benchmark<'a>(&self, workload: &'a str) -> Result<(&Part, &'a str)> {
        let found = self.suite.benchmark(workload);
        found.with_context(|| format!("no part of the suite has {workload}"))
    }

    fn place(&self, side: Side) -> &Place {
        match side {
            Side::Base => &self.sides.base_place,
            Side::Head => &self.sides.head_place,
            Side::Null => &self.sides.null_place,
        }
    }
}

impl Sides for Suites {
    fn start(
        &self,
        task: &Task,
        side: Side,
        _processor: Option<usize>,
        _random: &mut fastrand::Rng,
    ) -> Result<Box<dyn Entrant>> {
        let (part, benchmark) = self.benchmark(&task.workload)?;
        Ok(Box::new(OfSuite(part.adapter.start(self.place(side), benchmark)?)))
    }

    fn instructions(&self, workload: &str, side: Side, _scope: Scope) -> Result<Profile> {
        let (part, benchmark) = self.benchmark(workload)?;
        let place = self.place(side);
        if let Some(iteration) = part.adapter.counted_iteration(place, benchmark)? {
            return count_iteration(&iteration);
        }
        // It must end by itself, within the user's timeout, before callgrind makes it slower.
        let alone_ns = part.adapter.start(place, benchmark)?.warm_up(0)?;
        let counted = part.adapter.counted(place, benchmark)?;
        let alone = Duration::from_nanos(alone_ns as u64);
        count_process(counted.context("no process of it can be counted")?, alone)
    }

    fn pace(&self, _threads: Option<u64>) -> Pace {
        PACE
    }

    fn counting(&self) -> Counting {
        Counting::Processes
    }

    fn counted_part(&self, workload: &str, _scope: Scope) -> &'static str {
        match self.benchmark(workload) {
            Ok((part, _)) if !part.is_of_processes() => ITERATION,
            _ => PROCESS,
        }
    }
}

/// A worker of a suite.
#[derive(Debug)]
struct OfSuite(Box<dyn Worker>);

impl Entrant for OfSuite {
    fn warm_up(&mut self, at_least_ns: u64) -> Result<f64> {
        self.0.warm_up(at_least_ns)
    }

    fn turn(&mut self, portion: &Portion) -> Result<Taken> {
        let Timed { iterations, totals_ns, page_faults_minor, involuntary_switches } =
            self.0.turn(portion.about_ns, portion.least_samples)?;
        Ok(Taken { iterations, totals_ns, page_faults_minor, involuntary_switches })
    }
}
